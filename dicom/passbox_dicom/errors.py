"""What can go wrong with foreign DICOM, and with the workers that read it.

DicomError
├── NotDicom             theirs: these bytes are no DICOM in any form we know
├── TruncatedDicom       theirs: the file ends before it says it does
├── MalformedDicom       theirs: lengths or items contradict each other
├── HostileDicom         theirs: a reading limit was hit; ``limit`` says which
└── UndecodablePixels    theirs or ours: no decoder, or the decoder refused
MediumError
├── NothingThere         the path, folder or member does not exist
├── MediumUnreadable     the drive or file cannot be read, or is no regular file
│   └── MediumGone       the medium was taken out while it was being read
├── MediumTooLarge       more entries than we walk
└── ArchiveRefused       a ZIP that is damaged, a bomb or nested too deep
    └── ArchiveLocked    a ZIP whose password is missing or wrong
CodecError               a coded slice that does not decode to what it promised
WorkerFailed
├── WorkerTimedOut       used up its processor time and was killed
│   └── WorkerStalled    used up its wall-clock time: it may have waited for a bad medium
├── WorkerOutOfMemory    asked for more memory than it may have
├── WorkerDied           crashed or left without an answer
├── WorkerRaised         the target raised something it should have answered (ours)
└── WorkerGarbled        answered with something that is no answer, or too much of it
"""

from enum import StrEnum


class DicomError(Exception):
    """Base of everything foreign DICOM bytes can do wrong."""


class NotDicom(DicomError):
    """The bytes are no DICOM, neither Part 10 nor a bare data set nor ACR-NEMA."""


class TruncatedDicom(DicomError):
    """The file ends inside an element."""


class MalformedDicom(DicomError):
    """The structure contradicts itself."""


class Limit(StrEnum):
    """Which bound a hostile file ran into."""

    ELEMENTS = "elements"
    DEPTH = "depth"
    HEADER_BYTES = "header_bytes"
    VALUE_BYTES = "value_bytes"
    INFLATED_BYTES = "inflated_bytes"
    RECORDS = "records"
    PIXELS = "pixels"


class HostileDicom(DicomError):
    """A reading limit was hit; nothing beyond it was read or allocated."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(f"over the limit of {limit.value}")
        self.limit = limit


class UndecodablePixels(DicomError):
    """The picture cannot be shown: no decoder for it, or the decoder refused."""


class MediumError(Exception):
    """Base of everything a medium can do wrong."""


class NothingThere(MediumError):
    """There is nothing at that path."""


class MediumUnreadable(MediumError):
    """The medium or a file on it cannot be read."""


class MediumGone(MediumUnreadable):
    """The medium is no longer there: ejected, pulled out, or its network share was lost."""


class MediumTooLarge(MediumError):
    """The medium has more entries than we walk."""


class ArchiveRefused(MediumError):
    """A ZIP we do not open; the message says why in words without foreign text."""


class ArchiveLocked(ArchiveRefused):
    """A ZIP whose password is missing or wrong."""


class CodecError(Exception):
    """A coded slice does not decode to what it promised."""


class WorkerFailed(Exception):
    """A worker gave no usable answer; it has been ended and the next request gets a fresh one."""


class WorkerTimedOut(WorkerFailed):
    """The request used up its time."""


class WorkerStalled(WorkerTimedOut):
    """The request took too long without using the processor."""


class WorkerOutOfMemory(WorkerFailed):
    """The request wanted more memory than a worker may have."""


class WorkerDied(WorkerFailed):
    """The worker ended without an answer."""


class WorkerRaised(WorkerFailed):
    """The target raised; ``kind`` is the exception's class name, never its message."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the target raised {kind}")
        self.kind = kind


class WorkerGarbled(WorkerFailed):
    """The answer is no answer: not JSON, not an object, or over the length limit."""
