"""Files that are there after a power failure, or not at all.

Why here: receiver, poller and client all say "we have it" to somebody; this is the one place
where that sentence is made true.

The rule: temporary name (created exclusively, links not followed) -> fsync of the file -> close
-> exclusive creation of the final name -> fsync of the directory. Creating the final name
exclusively is the commit point; only after the directory's fsync may anybody be told. A failure
of write, fsync, close, link or rename is never lost, and never retried: after a failed fsync the
kernel may already have dropped the pages (Rebello et al., "Can Applications Recover from fsync
Failures?", ATC 2020).

It does not lock files against other programs, except the journal, and it does not delete by age.
On Windows a directory cannot be synced; NTFS journals its names itself.
"""

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from passbox_base.errors import AlreadyThere, StoreFailed, StoreFull

TEMPORARY_SUFFIX: Final = ".incoming"
"""Files with this suffix were never committed; whoever owns a folder removes them at start."""

PRIVATE: Final = 0o600
READ_ONLY: Final = 0o400

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_CREATE: Final = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


@contextlib.contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Turn an OSError of the block into StoreFull or StoreFailed; ``doing`` names the step."""
    try:
        yield
    except OSError as error:
        kind = StoreFull if error.errno in _FULL else StoreFailed
        name = errno.errorcode.get(error.errno or 0, "error")
        raise kind(f"{doing}: {name}", error.errno) from error


class TemporaryFile:
    """Bytes on their way to a final name. Leaving the block without a commit removes them."""

    def __init__(self, folder: Path, *, mode: int = PRIVATE) -> None:
        """Create an empty file in ``folder``, on the same file system as the final name."""
        self._path = folder / f"{secrets.token_hex(16)}{TEMPORARY_SUFFIX}"
        self._mode = mode
        with disk_errors("creating a temporary file"):
            self._descriptor: int | None = os.open(self._path, _CREATE, PRIVATE)

    @property
    def path(self) -> Path:
        """Where the bytes lie until they have their final name."""
        return self._path

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of ``data``."""
        if self._descriptor is None:
            raise ValueError("this file is closed")
        left = memoryview(data)
        with disk_errors("writing a temporary file"):
            while left:
                left = left[os.write(self._descriptor, left) :]

    def _sync_and_close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            raise ValueError("this file is closed")
        try:
            with disk_errors("syncing a temporary file"):
                if sys.platform != "win32":
                    os.fchmod(descriptor, self._mode)
                sync_descriptor(descriptor)
        except StoreFailed:
            with contextlib.suppress(OSError):  # the sync's failure is the one to tell
                os.close(descriptor)
            raise
        with disk_errors("closing a temporary file"):
            os.close(descriptor)

    def commit_as(self, *names: Path) -> None:
        """Give the file its final name exclusively; raise AlreadyThere when it is taken.

        With several names (hard links to the same bytes) the last one is the commit point: an
        earlier one may exist already, from an attempt that was cut, if its bytes are equal by
        construction (a name that carries the digest).
        """
        *before, final = names
        try:
            self._sync_and_close()
            source = self._path
            for name in before:
                with contextlib.suppress(AlreadyThere):
                    _link(source, name)
                source = name
            _link(source, final)
        finally:
            self.abandon()
        for folder in {name.parent for name in names}:
            fsync_directory(folder)

    def replace(self, final: Path) -> None:
        """Give the file its final name, in place of what had it."""
        try:
            self._sync_and_close()
            with disk_errors(f"replacing {final.name}"):
                self._path.replace(final)
        except BaseException:
            self.abandon()
            raise
        fsync_directory(final.parent)

    def abandon(self) -> None:
        """Remove the temporary name. Safe at any time, never raises: nothing depends on it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        with contextlib.suppress(OSError):
            self._path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abandon()


def write_exclusive(path: Path, chunks: Iterable[bytes], *, mode: int = PRIVATE) -> None:
    """Create ``path`` with all of ``chunks``, durable on return.

    Raises AlreadyThere when it exists, StoreFull, StoreFailed; then nothing has changed.
    """
    with TemporaryFile(path.parent, mode=mode) as file:
        for chunk in chunks:
            file.write(chunk)
        file.commit_as(path)


def commit_existing(source: Path, final: Path, *, mode: int = PRIVATE) -> None:
    """Give a file that a library wrote its final name exclusively, durable; it loses its old one.

    ``source`` must be on the file system of ``final``, and is gone afterwards in any case.
    Raises AlreadyThere, StoreFull, StoreFailed.
    """
    try:
        with disk_errors("syncing a file"):
            descriptor = os.open(source, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                if sys.platform != "win32":
                    os.fchmod(descriptor, mode)
                sync_descriptor(descriptor)
            finally:
                os.close(descriptor)
        _link(source, final)
    finally:
        with contextlib.suppress(OSError):
            source.unlink()
    fsync_directory(final.parent)


def write_replacing(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Make ``path`` hold ``data``, durable; readers see the old bytes or the new."""
    with TemporaryFile(path.parent, mode=mode) as file:
        file.write(data)
        file.replace(path)


def make_folder(path: Path, *, mode: int = 0o700) -> None:
    """Create ``path`` and missing parents, durable. An existing folder is left as it is."""
    missing = [folder for folder in (path, *path.parents) if not folder.is_dir()]
    for folder in reversed(missing):
        with disk_errors(f"creating folder {folder.name}"):
            folder.mkdir(mode=mode, exist_ok=True)
        fsync_directory(folder.parent)


def move(source: Path, final: Path) -> None:
    """Rename durably within one file system, in place of what had the name."""
    with disk_errors(f"renaming to {final.name}"):
        source.replace(final)
    for folder in {source.parent, final.parent}:
        fsync_directory(folder)


def remove(path: Path) -> bool:
    """Delete ``path`` durably; return False when it was not there."""
    try:
        with disk_errors(f"deleting {path.name}"):
            path.unlink()
    except StoreFailed as error:
        if error.number == errno.ENOENT:
            return False
        raise
    fsync_directory(path.parent)
    return True


def remove_leftovers(folder: Path) -> int:
    """Delete what was never committed; return how many. Only for the folder's one owner."""
    count = 0
    for path in folder.glob(f"*{TEMPORARY_SUFFIX}"):
        if stat.S_ISREG(path.lstat().st_mode):
            remove(path)
            count += 1
    return count


def fsync_directory(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    if sys.platform == "win32":
        return
    with disk_errors(f"syncing folder {folder.name}"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_descriptor(descriptor: int) -> None:
    """Make a file's bytes durable, on macOS past the drive's own cache; raise OSError."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def _link(source: Path, final: Path) -> None:
    # Not rename: that would replace an existing name. Not O_EXCL on the final name: that would be
    # visible before its bytes are.
    try:
        final.hardlink_to(source)
    except FileExistsError as error:
        raise AlreadyThere(final) from error
    except OSError as error:
        with disk_errors(f"committing {final.name} (the file system must know hard links)"):
            raise error from None
