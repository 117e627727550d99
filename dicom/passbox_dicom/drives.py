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
_WINDOWS_REMOVABLE: Final = 2  # DRIVE_REMOVABLE
_LINUX_ROOTS: Final = (Path("/media"), Path("/run/media"))
"""Where desktops mount what was plugged in (udisks2)."""
_LINUX_BLOCK: Final = Path("/sys/dev/block")
_MAC_ROOT: Final = Path("/Volumes")


def is_optical(path: Path) -> bool:
    """Return whether ``path`` is on a CD, DVD or Blu-ray drive."""
    if sys.platform == "win32":
        return _windows_kind(path) == _WINDOWS_OPTICAL
    try:
        return os.major(path.stat().st_dev) == _LINUX_OPTICAL_MAJOR
    except OSError:
        return False


def is_removable(root: Path) -> bool:
    """Return whether what is mounted at ``root`` was plugged in, as far as the system tells.

    A hard disk on USB is no removable one to Windows; there it is chosen as a folder.
    """
    if sys.platform == "win32":
        return _windows_kind(root) == _WINDOWS_REMOVABLE
    if sys.platform == "darwin":
        return root.parent == _MAC_ROOT and not root.is_symlink()
    return any(root.is_relative_to(place) for place in _LINUX_ROOTS) or _is_removable_block(root)


def _is_removable_block(root: Path, block: Path = _LINUX_BLOCK) -> bool:
    """Return what the kernel says of the drive (Documentation/ABI/stable/sysfs-block)."""
    try:
        number = root.stat().st_dev
        device = (block / f"{os.major(number)}:{os.minor(number)}").resolve(strict=True)
        drive = device.parent if (device / "partition").exists() else device
        return (drive / "removable").read_text().strip() == "1"
    except (OSError, UnicodeDecodeError):
        return False


def _windows_kind(path: Path) -> int:
    """Return the number of a kind of drive; 0 where there is no such question."""
    if sys.platform == "win32":
        import ctypes

        return int(ctypes.windll.kernel32.GetDriveTypeW(path.absolute().anchor))
    return 0


def used_bytes(path: Path) -> int | None:
    """Return how many bytes are used on a whole drive, None for a mere folder or file of one."""
    try:
        return shutil.disk_usage(path).used if path.is_mount() else None
    except (OSError, NotImplementedError):
        return None
