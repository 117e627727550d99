"""CDs, DVDs and sticks that are in this computer now; what was just inserted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


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


def inserted(before: Iterable[Volume], now: Iterable[Volume]) -> tuple[Volume, ...]:
    """Return what was not there before."""
    known = {(volume.root, volume.label) for volume in before}
    return tuple(volume for volume in now if (volume.root, volume.label) not in known)
