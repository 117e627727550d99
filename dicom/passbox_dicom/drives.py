"""What kind of drive a medium is in, as far as the system tells without asking the drive.

An optical drive is read by one reader in the order of the disc: two would send its head to and fro.
On macOS nothing here recognises one, so there discs are read by two.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

_LINUX_OPTICAL_MAJOR: Final = 11  # Documentation/admin-guide/devices.txt: SCSI CD-ROM devices
_WINDOWS_OPTICAL: Final = 5  # DRIVE_CDROM of GetDriveTypeW


def is_optical(path: Path) -> bool:
    """Return whether ``path`` is on a CD, DVD or Blu-ray drive."""
    if sys.platform == "win32":
        import ctypes

        drive = path.absolute().anchor
        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive) == _WINDOWS_OPTICAL)
    try:
        return os.major(path.stat().st_dev) == _LINUX_OPTICAL_MAJOR
    except OSError:
        return False


def used_bytes(path: Path) -> int | None:
    """Return how many bytes are used on a whole drive, None for a mere folder or file of one."""
    try:
        return shutil.disk_usage(path).used if path.is_mount() else None
    except (OSError, NotImplementedError):
        return None
