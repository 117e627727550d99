"""From what happened to what is told: outcome, file by file, study by study. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from passbox_client.errors import ClientError, ReceiptRefused, ReceiverRefused
from passbox_client.journal import Identity
from passbox_client.outcome import Outcome, SendResult, SentFile, SentStudy
from passbox_client.plan import Plan
from passbox_client.receipts import VerifiedReceipt
from passbox_wire import manifest
from passbox_wire.codes import phone_code
from passbox_wire.digests import sha256
from passbox_wire.inventory import FileKind
from passbox_wire.manifest import FileOutcome, Manifest
from passbox_wire.problems import Code
from passbox_wire.receipts import CoarseState, FileReport, FileResult, StudyReport

_COMES_BACK: Final = frozenset(
    {Code.STORE_FULL, Code.NOT_ACCEPTING, Code.DAY_LIMIT, Code.SOURCE_LIMIT, Code.TOO_MANY_OPEN}
)
"""Refusals that another day may lift: what is held is kept, the transfer can go on."""
_ARRIVED: Final = frozenset({FileResult.DELIVERED, FileResult.KEPT})
_NOT_FINISHED: Final = "not finished"


@dataclass(slots=True)
class Sent:
    """What is known of one sending while it goes on; ``plans`` of the media seen in this run."""

    identity: Identity
    plans: list[Plan]
    seconds_scan: float
    manifest: Manifest | None = None
    outcomes: tuple[FileOutcome, ...] = ()
    receipt: VerifiedReceipt | None = None
    trouble: ClientError | None = None
    bytes_sent: int = 0
    seconds_sent: float | None = None
    seconds_confirmed: float | None = None

    @property
    def manifest_sha256(self) -> bytes | None:
        """The digest the receipt must be over."""
        return sha256(self.manifest.encode()) if self.manifest else None


def result_of(sent: Sent) -> SendResult:
    """Return the result to be shown."""
    reported = {file.index: file for file in sent.receipt.report.files} if sent.receipt else {}
    digest = sent.manifest_sha256
    return SendResult(
        transfer=sent.identity.transfer,
        receipt_code=str(sent.identity.receipt),
        phone_code=phone_code(digest) if digest else None,
        outcome=_outcome(sent, reported),
        files=tuple(_files(sent, reported)),
        studies=tuple(_studies(sent)),
        receipt=sent.receipt,
        trouble=sent.trouble,
        bytes_sent=sent.bytes_sent,
        seconds_scan=sent.seconds_scan,
        seconds_sent=sent.seconds_sent,
        seconds_confirmed=sent.seconds_confirmed,
    )


def _outcome(sent: Sent, reported: Mapping[int, FileReport]) -> Outcome:
    if sent.receipt is not None:
        return _verdict(sent, sent.receipt, reported)
    if isinstance(sent.trouble, ReceiverRefused):
        comes_back = sent.trouble.problem.code in _COMES_BACK or sent.trouble.problem.retry
        return Outcome.INTERRUPTED if comes_back else Outcome.REFUSED
    if sent.trouble is None or isinstance(sent.trouble, ReceiptRefused):
        return Outcome.UNCONFIRMED
    return Outcome.INTERRUPTED if sent.seconds_sent is None else Outcome.UNCONFIRMED


def _verdict(sent: Sent, verified: VerifiedReceipt, reported: Mapping[int, FileReport]) -> Outcome:
    """Return the inside's verdict; complete only when its report has every file of ours."""
    arrived = all(
        index in reported and reported[index].result in _ARRIVED for index in _indexes(sent)
    )
    state = verified.receipt.state
    if state is CoarseState.DELIVERED and arrived and verified.receipt.manifest_sha256:
        return Outcome.COMPLETE
    if state in {CoarseState.DELIVERED, CoarseState.PARTLY_DELIVERED}:
        return Outcome.PARTIAL
    return Outcome.REFUSED


def _indexes(sent: Sent) -> Iterator[int]:
    """Yield every file of ours, also those on media of an earlier run."""
    if sent.manifest is not None:
        yield from (file.index for file in sent.manifest.files)
    else:
        yield from (file.index for plan in sent.plans for file in plan.files)


def _files(sent: Sent, reported: Mapping[int, FileReport]) -> Iterator[SentFile]:
    done = {outcome.index: outcome for outcome in sent.outcomes}
    for file in (file for plan in sent.plans for file in plan.files):
        ours = done.get(file.index) or FileOutcome(
            file.index, manifest.Outcome.SKIPPED, file.size, reason=_NOT_FINISHED
        )
        theirs = reported.get(file.index)
        yield SentFile(
            index=file.index,
            path=file.path,
            size=file.size,
            kind=file.kind,
            outcome=ours.outcome,
            sha256=ours.sha256,
            reason=ours.reason,
            result=theirs.result if theirs else None,
            result_reason=theirs.reason if theirs else "",
        )


def _studies(sent: Sent) -> Iterator[SentStudy]:
    told: dict[tuple[int, int], StudyReport] = {}
    if sent.receipt is not None:
        told = {(s.part, s.study): s for s in sent.receipt.report.studies}
    for plan in sent.plans:
        claimed = Counter(
            plan.series[file.series].study
            for file in plan.files
            if file.kind is FileKind.INSTANCE and file.series is not None
        )
        for index, study in enumerate(plan.studies):
            theirs = told.get((plan.part, index))
            yield SentStudy(
                study.study_instance_uid,
                study.description,
                study.study_date,
                study.patient_name,
                claimed[index],
                theirs.delivered if theirs else None,
                theirs.in_pacs if theirs else None,
                plan.part,
                index,
            )
