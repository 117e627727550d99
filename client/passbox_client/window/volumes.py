"""CDs, DVDs and sticks that are in this computer now; what was just inserted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final


class VolumeKind(StrEnum):
    """What a person calls it."""

    DISC = "disc"
    STICK = "stick"


@dataclass(frozen=True, slots=True)
class Volume:
    """A medium that can be looked at."""

    root: Path
    label: str
    kind: VolumeKind


@dataclass(frozen=True, slots=True)
class Mounted:
    """What a system says of something mounted. ``file_system`` as the system calls it."""

    root: Path
    name: str
    file_system: str
    read_only: bool = False
    optical: bool = False
    removable: bool = False


_DISC_SYSTEMS: Final = frozenset({"iso9660", "udf", "cdfs", "cd9660", "cddafs"})
_NETWORK_SYSTEMS: Final = frozenset({"smbfs", "afpfs", "nfs", "webdav", "cifs", "fuse.sshfs"})
_IMAGE_SYSTEMS: Final = frozenset({"hfs", "apfs"})
"""Read-only, these are images of programs that were downloaded, perhaps this one."""


def volume_of(mounted: Mounted) -> Volume | None:
    """Return it as a disc or stick, None when it is neither."""
    system = mounted.file_system.casefold()
    label = mounted.name or mounted.root.name or str(mounted.root)
    if mounted.optical or system in _DISC_SYSTEMS:
        return Volume(mounted.root, label, VolumeKind.DISC)
    image = mounted.read_only and system in _IMAGE_SYSTEMS
    if not mounted.removable or image or system in _NETWORK_SYSTEMS:
        return None
    return Volume(mounted.root, label, VolumeKind.STICK)


def inserted(before: Iterable[Volume], now: Iterable[Volume]) -> tuple[Volume, ...]:
    """Return what was not there before."""
    known = {(volume.root, volume.label) for volume in before}
    return tuple(volume for volume in now if (volume.root, volume.label) not in known)
