"""The immutable flag of Linux file systems (chattr +i): not even root writes, renames, deletes.

Why here: the receiver's and the poller's packs are write-once, and where a house wants it the
file system says so too.

The rule: a flag is taken off only in the moment before the file is let go. Who is root can take it
off as well, but not by accident: fsck tells what is missing without a line in the audit. It needs
CAP_LINUX_IMMUTABLE and ext4, XFS or Btrfs; elsewhere it raises.
"""

import os
import struct
import sys
from pathlib import Path
from typing import Final

from passbox_base.durable import disk_errors

# linux/fs.h; the numbers of 64-bit machines.
_GET_FLAGS: Final = 0x80086601
_SET_FLAGS: Final = 0x40086602
_IMMUTABLE: Final = 0x10
_FLAGS: Final = struct.Struct("l")


def protect(path: Path) -> None:
    """Make a file immutable; raise StoreFailed where that cannot be."""
    _set(path, immutable=True)


def unprotect(path: Path) -> None:
    """Take the flag off; a file that is gone or never had it is fine. Raises StoreFailed."""
    if path.exists():
        _set(path, immutable=False)


def _set(path: Path, *, immutable: bool) -> None:
    with disk_errors(f"setting the immutable flag of {path.name}"):
        if sys.platform != "linux":
            raise OSError("no such flag on this system")
        import fcntl

        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            given = fcntl.ioctl(descriptor, _GET_FLAGS, _FLAGS.pack(0))
            (flags,) = _FLAGS.unpack(given)
            wanted = flags | _IMMUTABLE if immutable else flags & ~_IMMUTABLE
            if wanted != flags:
                fcntl.ioctl(descriptor, _SET_FLAGS, _FLAGS.pack(wanted))
        finally:
            os.close(descriptor)
