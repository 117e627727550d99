"""The sender's report: what a sender keeps of a transfer, and shows to whoever asks. Pure.

The rule: what it says of the inside is the signed word or nothing, and everything bears the moment
it was true ("as of"). It is made from a sending that ended (every name on the medium is known) or
from a receipt that was looked up later (this computer kept no names: files and studies have
numbers). report_json.py and report_pdf.py give it a form, saving.py a file. It is not the inside's
Report of the contract, from which it takes its figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from passbox_client.outcome import Outcome, SendResult, SentFile
from passbox_client.receipts import VerifiedReceipt
from passbox_wire import manifest
from passbox_wire.codes import ReceiptCode
from passbox_wire.profile import Profile
from passbox_wire.receipts import CoarseState, FileResult
from passbox_wire.states import DeliveryState, ForwardState

ARRIVED: Final = frozenset({FileResult.DELIVERED, FileResult.KEPT})


class Step(StrEnum):
    """The way of a transfer, as its sender sees it."""

    RECEIVED = "received"
    DELIVERED = "delivered"
    IN_PACS = "in PACS"


class Standing(StrEnum):
    """How far a step is. NOT: it will not happen, somebody or something has decided so."""

    DONE = "done"
    PARTLY = "partly"
    OPEN = "open"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step; ``count`` of ``total`` images are through it, None where nobody has said."""

    step: Step
    standing: Standing
    count: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ReportedStudy:
    """Images of one study. Names are empty in a report that was looked up.

    ``part`` is the medium, ``study`` the number on it, both from 0. ``delivered`` and ``in_pacs``
    are None before a receipt. ``study_date`` as in DICOM.
    """

    part: int
    study: int
    claimed: int
    delivered: int | None
    in_pacs: int | None
    patient_name: str = ""
    description: str = ""
    study_date: str = ""


@dataclass(frozen=True, slots=True)
class ReportedFile:
    """One file: what became of it, and why. ``path`` is empty in a report that was looked up.

    ``result`` is None before a receipt; ``sha256`` is of the bytes sent, None when none were.
    ``reason`` is a stable word for sentences.of_reason, empty where nothing is wrong.
    """

    index: int
    result: FileResult | None
    reason: str
    path: str = ""
    size: int | None = None
    sha256: bytes | None = None

    @property
    def arrived(self) -> bool:
        """Whether the inside has signed that it has it."""
        return self.result in ARRIVED


@dataclass(frozen=True, slots=True)
class SenderReport:
    """Everything a report shows. ``outcome`` is None when it was looked up by its code.

    ``made`` is when it was written (aware). ``verified`` is the receipt, its signature checked.
    """

    hospital: str
    phone: str
    transfer: str
    receipt_code: str
    phone_code: str | None
    outcome: Outcome | None
    trouble: str
    verified: VerifiedReceipt | None
    made: datetime
    studies: tuple[ReportedStudy, ...]
    files: tuple[ReportedFile, ...]

    @property
    def as_of(self) -> datetime:
        """When what it says was true: when the inside signed, else when it was written."""
        return self.verified.as_of if self.verified else self.made

    @property
    def has_names(self) -> bool:
        """Whether files and studies have names."""
        return self.outcome is not None

    @property
    def not_arrived(self) -> tuple[ReportedFile, ...]:
        """The files of which the inside has not signed that it has them."""
        return tuple(file for file in self.files if not file.arrived)

    @property
    def kept(self) -> int:
        """Files that arrived and that no PACS can hold."""
        return sum(file.result is FileResult.KEPT for file in self.files)

    @property
    def note(self) -> str:
        """What the inside has to say beside, in its own words."""
        return self.verified.report.note if self.verified else ""


def report_of_sending(result: SendResult, profile: Profile, made: datetime) -> SenderReport:
    """Return the report of a sending that ended, well or not."""
    return SenderReport(
        hospital=profile.hospital,
        phone=profile.phone,
        transfer=result.transfer,
        receipt_code=result.receipt_code,
        phone_code=result.phone_code,
        outcome=result.outcome,
        trouble=result.trouble.code if result.trouble else "",
        verified=result.receipt,
        made=made,
        studies=tuple(
            ReportedStudy(
                study.part,
                study.study,
                study.claimed,
                study.delivered,
                study.in_pacs,
                study.patient_name,
                study.description,
                study.study_date,
            )
            for study in result.studies
        ),
        files=tuple(
            ReportedFile(file.index, file.result, _why(file), file.path, file.size, file.sha256)
            for file in result.files
        ),
    )


def report_of_receipt(
    verified: VerifiedReceipt, code: ReceiptCode, profile: Profile, made: datetime
) -> SenderReport:
    """Return the report of a receipt that was looked up by its code."""
    told = verified.report
    return SenderReport(
        hospital=profile.hospital,
        phone=profile.phone,
        transfer=told.transfer,
        receipt_code=str(code),
        phone_code=verified.phone_code,
        outcome=None,
        trouble="",
        verified=verified,
        made=made,
        studies=tuple(
            ReportedStudy(s.part, s.study, s.claimed, s.delivered, s.in_pacs) for s in told.studies
        ),
        files=tuple(ReportedFile(file.index, file.result, file.reason) for file in told.files),
    )


def _why(file: SentFile) -> str:
    if file.result in ARRIVED:
        return ""
    if file.result in {FileResult.REFUSED, FileResult.MISSING}:
        return file.result_reason or file.result.value
    return "" if file.outcome is manifest.Outcome.SENT else file.reason or file.outcome.value


def stages(report: SenderReport) -> tuple[Stage, Stage, Stage]:
    """Return the three steps: received, delivered, in PACS."""
    claimed = sum(study.claimed for study in report.studies)
    if report.verified is None:
        return (
            Stage(Step.RECEIVED, _received_without_receipt(report.outcome)),
            Stage(Step.DELIVERED, Standing.OPEN),
            Stage(Step.IN_PACS, Standing.OPEN),
        )
    told = report.verified.report
    delivered = _sum(study.delivered for study in report.studies)
    in_pacs = _sum(study.in_pacs for study in report.studies)
    return (
        Stage(Step.RECEIVED, _received(report.verified)),
        Stage(Step.DELIVERED, _DELIVERED[told.delivery], delivered, claimed),
        Stage(Step.IN_PACS, _in_pacs(told.forward, in_pacs, claimed), in_pacs, claimed),
    )


def _sum(counts: Iterable[int | None]) -> int:
    return sum(count or 0 for count in counts)


def _received_without_receipt(outcome: Outcome | None) -> Standing:
    if outcome is Outcome.REFUSED:
        return Standing.NOT
    return Standing.DONE if outcome is Outcome.UNCONFIRMED else Standing.PARTLY


def _received(verified: VerifiedReceipt) -> Standing:
    if verified.receipt.manifest_sha256 is not None:
        return Standing.DONE
    return Standing.NOT if verified.receipt.state is CoarseState.REFUSED else Standing.PARTLY


_DELIVERED: Final = {
    DeliveryState.ARRIVING: Standing.OPEN,
    DeliveryState.COMPLETE: Standing.DONE,
    DeliveryState.PARTIAL: Standing.PARTLY,
    DeliveryState.REFUSED: Standing.NOT,
    DeliveryState.ABANDONED: Standing.NOT,
    DeliveryState.WITHDRAWN: Standing.NOT,
}


def _in_pacs(forward: ForwardState, in_pacs: int, claimed: int) -> Standing:
    if forward is ForwardState.REFUSED:
        return Standing.NOT
    if forward is ForwardState.IN_PACS and in_pacs >= claimed:
        return Standing.DONE
    return Standing.PARTLY if in_pacs else Standing.OPEN
