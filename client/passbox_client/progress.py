"""How far a scan and a sending have come: values for a screen. Pure, and light to load."""

from dataclasses import dataclass
from enum import StrEnum

from passbox_client.found import FoundInstance, FoundPatient, FoundSeries, FoundStudy


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan has come; ``bytes`` of the files seen.

    ``bytes_total`` is what a whole drive holds, None where nobody knows. ``new_studies`` are those
    that came up since the last event, with their patients: they can be shown at once.
    ``new_series`` likewise, with an image of each; indexes are those of the result.
    """

    files: int
    bytes: int
    instances: int
    studies: int
    patients: int
    bytes_total: int | None = None
    new_studies: tuple[tuple[FoundPatient, FoundStudy], ...] = ()
    new_series: tuple[tuple[FoundSeries, FoundInstance | None], ...] = ()


class SendPhase(StrEnum):
    """What a sending is doing, for the screen."""

    OPENING = "opening"
    SENDING = "sending"
    CLOSING = "closing"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class SendProgress:
    """How far a sending has come; ``bytes_sent`` are sealed bytes the receiver holds.

    Files and bytes are of all media so far; ``part`` is the number of the newest, from 0.
    ``files_arrived`` and ``bytes_arrived`` are as on the medium, and held by the receiver, those of
    an earlier run included.
    """

    phase: SendPhase
    files: int
    files_total: int
    bytes_read: int
    bytes_total: int
    bytes_sent: int
    files_arrived: int = 0
    bytes_arrived: int = 0
    part: int = 0
