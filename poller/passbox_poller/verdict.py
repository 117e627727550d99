"""The verdict: what of the inventory arrived, as states, counts and names.

Pure: values in, values out.

The rule: everything is counted from what the sender listed (inventory) and swore to (manifest),
never from what happened to arrive. A listed file that never came is missing by name; a file that
came and is not in the manifest as sent is not delivered. No manifest, no verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from passbox_poller.errors import Refusal
from passbox_poller.identity import disagreements
from passbox_wire.inner.viewer import MAX_SHOWN_FINDINGS, Finding, StoredInstance
from passbox_wire.inventory import ClaimedFile, FileKind, Inventory
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.receipts import CoarseState, FileReport, FileResult, StudyReport
from passbox_wire.states import DeliveryEvent, DeliveryState

OPEN_ENDED = frozenset({DeliveryState.ARRIVING, DeliveryState.ABANDONED})
"""States that a verdict may still follow on."""
ACCEPTED = frozenset({FileResult.DELIVERED, FileResult.KEPT})
_WORTH_A_LINE = frozenset(
    {FileResult.KEPT, FileResult.REFUSED, FileResult.MISSING, FileResult.NOT_SENT}
)


@dataclass(frozen=True, slots=True)
class Result:
    """What the inside found out about one file.

    ``reason``: a Refusal, or a Remark about an accepted one. Digests are of whole file and data
    set, None when unknown; ``identity`` as identity.py makes it, of instances only.
    """

    index: int
    result: FileResult
    reason: str = ""
    sop_instance_uid: str = ""
    file_sha256: bytes | None = None
    data_set_sha256: bytes | None = None
    identity: bytes | None = None


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """One file of the inventory with its final result.

    ``part`` and ``study`` say whose count it is in.
    """

    claim: ClaimedFile
    part: int
    study: int | None
    result: Result
    counted: bool

    @property
    def finding(self) -> Finding:
        """The line people see about it."""
        return Finding(
            self.claim.path,
            self.claim.kind,
            self.result.result,
            self.result.reason,
            self.claim.index,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a transfer once its manifest verified; ``files`` in order of index."""

    event: DeliveryEvent
    files: tuple[JudgedFile, ...]

    @property
    def delivered(self) -> int:
        """Instances in the store."""
        return sum(file.result.result is FileResult.DELIVERED for file in self.files)

    @property
    def missing(self) -> int:
        """Files that should be inside and are not."""
        return sum(file.counted and file.result.result not in ACCEPTED for file in self.files)

    @property
    def anything(self) -> bool:
        """Whether there is something to look at."""
        return any(file.result.result in ACCEPTED for file in self.files)

    def findings(self) -> tuple[Finding, ...]:
        """Return what people should know, as many as pages show.

        Studies that do not agree with themselves, then files that are no image in the store, the
        worst first, then remarks about those that are.
        """
        shown = [
            file for file in self.files if file.result.result in _WORTH_A_LINE or file.result.reason
        ]
        shown.sort(key=_weight)
        lines = (*self._disagreements(), *(file.finding for file in shown))
        return lines[:MAX_SHOWN_FINDINGS]

    def _disagreements(self) -> tuple[Finding, ...]:
        """Return a line for each thing the instances of a study should share and do not."""
        by_index = {file.claim.index: file for file in self.files}
        identities = (
            (index, file.result.identity)
            for index, file in by_index.items()
            if file.result.identity is not None and file.result.result is FileResult.DELIVERED
        )
        return tuple(
            replace(by_index[index].finding, reason=remark)
            for index, remark in disagreements(identities)
        )


def _weight(file: JudgedFile) -> tuple[bool, bool, bool]:
    result = file.result.result
    return (not file.counted, result is FileResult.DELIVERED, result is FileResult.KEPT)


class Unverified(Exception):
    """Inventory and manifest do not belong together."""


def check_inventory(parts: Sequence[Inventory]) -> None:
    """Raise Unverified unless parts count from 0, the first has the envelope, no index is twice."""
    if [part.part for part in parts] != list(range(len(parts))) or not parts:
        raise Unverified("parts are missing")
    if [part.envelope is not None for part in parts] != [True] + [False] * (len(parts) - 1):
        raise Unverified("the envelope stands in part 0 only")
    indexes = [file.index for part in parts for file in part.files]
    if len(set(indexes)) != len(indexes):
        raise Unverified("an index comes twice")


def judge(parts: Sequence[Inventory], manifest: Manifest, results: Mapping[int, Result]) -> Verdict:
    """Return the verdict; raise Unverified when manifest and inventory contradict each other.

    ``results`` holds the files whose every byte came and was checked; of others nothing is known
    here.
    """
    check_inventory(parts)
    if manifest.parts != len(parts):
        raise Unverified("another number of inventory parts")
    sworn = {outcome.index: outcome for outcome in manifest.files}
    if not sworn.keys() <= {file.index for part in parts for file in part.files}:
        raise Unverified("the manifest names a file that the inventory does not")
    files = tuple(
        sorted(
            (
                _judge_file(part, file, sworn.get(file.index), results.get(file.index))
                for part in parts
                for file in part.files
            ),
            key=lambda file: file.claim.index,
        )
    )
    return Verdict(verdict_event(files), files)


def so_far(parts: Sequence[Inventory], results: Mapping[int, Result]) -> Verdict:
    """Return what is here before a manifest says what should be: no verdict, and nothing sworn."""
    files = tuple(
        JudgedFile(
            file,
            part.part,
            part.series[file.series].study if file.series is not None else None,
            results.get(file.index, Result(file.index, FileResult.MISSING, Refusal.NOT_YET)),
            counted=True,
        )
        for part in parts
        for file in part.files
    )
    return Verdict(DeliveryEvent.FILE_CHECKED, files)


def _judge_file(
    part: Inventory, claim: ClaimedFile, sworn: FileOutcome | None, found: Result | None
) -> JudgedFile:
    study = part.series[claim.series].study if claim.series is not None else None
    counted = sworn is None or sworn.outcome is not Outcome.SKIPPED
    return JudgedFile(claim, part.part, study, _result(claim.index, sworn, found), counted)


def _result(index: int, sworn: FileOutcome | None, found: Result | None) -> Result:
    if sworn is None:
        return Result(index, FileResult.MISSING, Refusal.NOT_IN_MANIFEST)
    if sworn.outcome is not Outcome.SENT:
        return Result(index, FileResult.NOT_SENT, sworn.reason or sworn.outcome.value)
    if found is None:
        return Result(index, FileResult.MISSING, Refusal.NEVER_CAME)
    if found.result in ACCEPTED and found.file_sha256 != sworn.sha256:
        return Result(index, FileResult.REFUSED, Refusal.DIGEST_WRONG)
    return found


def verdict_event(files: Iterable["JudgedFile | CountedFile"]) -> DeliveryEvent:
    """Return what the results of all files of a transfer make of it."""
    accepted = [file.result.result in ACCEPTED for file in files if file.counted]
    if not any(accepted):
        return DeliveryEvent.NONE_ACCEPTED
    return DeliveryEvent.ALL_ACCEPTED if all(accepted) else DeliveryEvent.SOME_ACCEPTED


def unconfirmed(results: Iterable[Result], index: Iterable[StoredInstance]) -> list[Result]:
    """Return the delivered files that the store's own index does not confirm, byte for byte."""
    stored = {(instance.sop_instance_uid, instance.data_set_sha256) for instance in index}
    return [
        result
        for result in results
        if result.result is FileResult.DELIVERED
        and (result.sop_instance_uid, result.data_set_sha256) not in stored
    ]


_COARSE: Mapping[DeliveryState, CoarseState] = {
    DeliveryState.ARRIVING: CoarseState.CHECKING,
    DeliveryState.COMPLETE: CoarseState.DELIVERED,
    DeliveryState.PARTIAL: CoarseState.PARTLY_DELIVERED,
    DeliveryState.REFUSED: CoarseState.REFUSED,
    DeliveryState.ABANDONED: CoarseState.CHECKING,
    DeliveryState.WITHDRAWN: CoarseState.WITHDRAWN,
}


def coarse(state: DeliveryState) -> CoarseState:
    """Return what the DMZ and anybody else may know of a delivery."""
    return _COARSE[state]


@dataclass(frozen=True, slots=True)
class CountedFile:
    """What a receipt needs of one file, without names.

    Kept in the ledger for the receipts to come.
    """

    part: int
    study: int | None
    kind: FileKind
    counted: bool
    result: Result


def report_files(files: Iterable[CountedFile]) -> tuple[FileReport, ...]:
    """Return the report's line for each file."""
    return tuple(
        FileReport(file.result.index, file.result.result, file.result.reason) for file in files
    )


def count_studies(
    files: Iterable[CountedFile], index: Iterable[StoredInstance]
) -> tuple[StudyReport, ...]:
    """Return the counts of each study of the inventory.

    ``index`` is the store's own, for what is in the PACS.
    """
    in_pacs = {(i.sop_instance_uid, i.data_set_sha256) for i in index if i.in_pacs}
    counts: dict[tuple[int, int], list[int]] = {}
    for file in files:
        if file.study is None or file.kind is not FileKind.INSTANCE or not file.counted:
            continue
        count = counts.setdefault((file.part, file.study), [0, 0, 0])
        delivered = file.result.result is FileResult.DELIVERED
        count[0] += 1
        count[1] += delivered
        key = (file.result.sop_instance_uid, file.result.data_set_sha256)
        count[2] += delivered and key in in_pacs
    return tuple(StudyReport(*where, *count) for where, count in sorted(counts.items()))
