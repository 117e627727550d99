"""What became of a transfer, as the caller gets it: the inside's signed word, not our hope."""

from dataclasses import dataclass
from enum import StrEnum

from passbox_client.errors import ClientError, ExitCode
from passbox_client.receipts import VerifiedReceipt
from passbox_wire import manifest
from passbox_wire.ids import TransferId
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult


class Outcome(StrEnum):
    """How a sending ended.

    COMPLETE, PARTIAL and REFUSED are signed by the inside, except REFUSED by the receiver itself.
    UNCONFIRMED: all handed over, no receipt yet. INTERRUPTED: what is held is kept, go on later.
    """

    COMPLETE = "complete"
    PARTIAL = "partial"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file of the inventory: what we did with it, and what the inside says of it.

    ``sha256`` of its bytes when sent. ``result`` is None before a receipt. ``reason`` is ours,
    ``result_reason`` the inside's; both are stable words.
    """

    index: int
    path: str
    size: int
    kind: FileKind
    outcome: manifest.Outcome
    sha256: bytes | None
    reason: str
    result: FileResult | None
    result_reason: str


@dataclass(frozen=True, slots=True)
class SentStudy:
    """Counts of one study; ``delivered`` and ``in_pacs`` are None before a receipt.

    ``part`` is the medium it is on, ``study`` its number there, both from 0.
    """

    study_instance_uid: str
    description: str
    study_date: str
    patient_name: str
    claimed: int
    delivered: int | None
    in_pacs: int | None
    part: int = 0
    study: int = 0


@dataclass(frozen=True, slots=True)
class SendResult:
    """What ``send`` returns once a transfer exists.

    Seconds count from the start of sending, the scan's apart; ``seconds_sent`` until the receiver
    holds all, ``seconds_confirmed`` until the receipt was here. ``bytes_sent`` are sealed bytes the
    receiver acknowledged. ``trouble`` is what ended it when it did not end well.
    """

    transfer: TransferId
    receipt_code: str
    phone_code: str | None
    outcome: Outcome
    files: tuple[SentFile, ...]
    studies: tuple[SentStudy, ...]
    receipt: VerifiedReceipt | None
    trouble: ClientError | None
    bytes_sent: int
    seconds_scan: float
    seconds_sent: float | None
    seconds_confirmed: float | None

    @property
    def exit_code(self) -> ExitCode:
        """What the command says to the shell: 0 only for the signed word that all is there."""
        if self.outcome is Outcome.COMPLETE:
            return ExitCode.ALL
        if self.trouble is not None:
            return self.trouble.exit_code
        return ExitCode.REFUSED if self.outcome is Outcome.REFUSED else ExitCode.PARTIAL
