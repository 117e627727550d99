"""What can go wrong between the DMZ and the store, in two halves: what a peer did and what waits.

    PollerError
    ├── TransferStopped      theirs: the whole transfer is refused; ``reason`` goes to the sender
    ├── FileRefused          theirs: one file is refused, others go on; ``refusal`` says why
    │   └── Contradiction    pieces that cannot belong to one file
    ├── PeerWrong            theirs: receiver or viewer answered against the contract
    │   └── Problem          an error answer by the contract, with its code
    └── NotNow               nobody's: a peer is away or busy; the same step is tried again later

Messages never repeat what came from outside.
"""

from enum import StrEnum

from passbox_wire.inner.receiver import StopReason
from passbox_wire.problems import Code


class PollerError(Exception):
    """Root of everything this package raises on purpose."""


class TransferStopped(PollerError):
    """Nothing more of this transfer is taken."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Refusal(StrEnum):
    """Why one file is refused or not there: stable words of receipts, findings and quarantine."""

    CONTRADICTORY = "pieces contradict each other"
    LARGER_THAN_CLAIMED = "larger than claimed"
    SCATTERED = "in too many pieces"
    UNDECODABLE = "does not decode"
    DIGEST_WRONG = "digest wrong"
    NOT_DICOM = "not DICOM"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    OVER_LIMIT = "over a reading limit"
    NOT_STORABLE = "no instance a PACS can store"
    TIMED_OUT = "took too long to check"
    OUT_OF_MEMORY = "took too much memory to check"
    CHECK_FAILED = "the check broke"
    STORE_REFUSED = "the store refused it"
    TRANSFER_DELETED = "its transfer was deleted"
    TRANSFER_UNFINISHED = "its transfer was never finished"
    CLASS_NOT_ALLOWED = "kind of image not allowed here"
    KIND_NOT_ALLOWED = "kind of file not allowed here"
    PROGRAM = "a program"
    INFECTED = "found by the virus scanner"
    NOT_SCANNED = "too large for the virus scanner"
    NEVER_CAME = "never came"
    NOT_YET = "not yet here"
    NOT_IN_MANIFEST = "not in the manifest"


class Remark(StrEnum):
    """What people should know of a file that was accepted: stable words of findings."""

    PROGRAM_REMOVED = "program in the preamble removed"
    RELEASED = "released from quarantine"
    NAME_DIFFERS = "patient name differs inside the study"
    ID_DIFFERS = "patient ID differs inside the study"
    BIRTH_DATE_DIFFERS = "birth date differs inside the study"
    STUDY_DATE_DIFFERS = "study date differs inside the study"


class FileRefused(PollerError):
    """One file cannot be accepted."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Contradiction(FileRefused):
    """Pieces of one file, inventory part or manifest that cannot belong together."""


class PeerWrong(PollerError):
    """A peer's answer is not what the contract says; asking again at once is useless."""


class Problem(PeerWrong):
    """A peer answered with a problem of the contract."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code


class NotNow(PollerError):
    """A peer cannot be reached or is busy; the same step may succeed later."""
