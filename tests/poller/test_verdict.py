"""The verdict: counts and names come from inventory and manifest, whatever arrived."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passbox_poller.errors import Refusal
from passbox_poller.verdict import (
    ACCEPTED,
    CountedFile,
    Result,
    Unverified,
    Verdict,
    check_inventory,
    coarse,
    count_studies,
    judge,
    report_files,
    unconfirmed,
)
from passbox_wire.digests import sha256
from passbox_wire.inner.viewer import StoredInstance
from passbox_wire.inventory import FileKind, Inventory
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.receipts import CoarseState, FileResult
from passbox_wire.states import DELIVERY, DeliveryEvent, DeliveryState, after
from tests.builders.wire import (
    a_file,
    a_manifest,
    a_series,
    a_study,
    an_inventory,
    an_outcome,
)

outcomes = st.sampled_from([None, *Outcome])
found = st.sampled_from(
    [None, FileResult.DELIVERED, FileResult.KEPT, FileResult.REFUSED, "other digest"]
)


def digest(index: int) -> bytes:
    """Return the digest an_outcome() swears to."""
    return sha256(f"file {index}".encode())


def delivered(index: int) -> Result:
    """Return the result of a delivered file."""
    uid = f"1.2.{index + 1}"
    return Result(index, FileResult.DELIVERED, "", uid, digest(index), sha256(uid.encode()))


def result(index: int, what: FileResult | str | None) -> Result | None:
    """Return a result of that kind."""
    if what is None:
        return None
    if what is FileResult.DELIVERED:
        return delivered(index)
    if what is FileResult.KEPT:
        return Result(index, FileResult.KEPT, file_sha256=digest(index))
    if what is FileResult.REFUSED:
        return Result(index, FileResult.REFUSED, Refusal.MALFORMED)
    return Result(index, FileResult.DELIVERED, "", "1.2", bytes(32), bytes(32))


def judged(
    sworn: Mapping[int, Outcome | None], came: Mapping[int, FileResult | str | None]
) -> Verdict:
    """Return the verdict over files sworn to and come like this."""
    parts = [an_inventory(files=[a_file(index) for index in sworn])]
    manifest = a_manifest(files=[an_outcome(i, o) for i, o in sworn.items() if o is not None])
    results = {i: r for i, what in came.items() if (r := result(i, what)) is not None}
    return judge(parts, manifest, results)


@given(st.lists(st.tuples(outcomes, found), min_size=1, max_size=12))
def test_every_listed_file_has_exactly_one_result(
    files: list[tuple[Outcome | None, FileResult | str | None]],
) -> None:
    """Each file of the inventory is reported once, in order, whatever came; nothing else is."""
    verdict = judged(
        {i: outcome for i, (outcome, _) in enumerate(files)},
        {i: came for i, (_, came) in enumerate(files)},
    )
    assert [file.claim.index for file in verdict.files] == list(range(len(files)))
    assert [file.result.index for file in verdict.files] == list(range(len(files)))


@given(st.lists(st.tuples(outcomes, found), min_size=1, max_size=12))
def test_a_file_is_accepted_only_when_sworn_to_and_proved(
    files: list[tuple[Outcome | None, FileResult | str | None]],
) -> None:
    """Delivered or kept means: sent by the manifest, came, and its hash is the manifest's."""
    verdict = judged(
        {i: outcome for i, (outcome, _) in enumerate(files)},
        {i: came for i, (_, came) in enumerate(files)},
    )
    for file, (outcome, came) in zip(verdict.files, files, strict=True):
        honest = outcome is Outcome.SENT and came in ACCEPTED
        assert (file.result.result in ACCEPTED) == honest
        assert honest or file.result.reason


@given(st.lists(st.tuples(outcomes, found), min_size=1, max_size=12))
def test_the_state_follows_from_the_files_that_count(
    files: list[tuple[Outcome | None, FileResult | str | None]],
) -> None:
    """Complete: every counted file accepted; refused: none; partial: between.

    Skipped ones do not count.
    """
    verdict = judged(
        {i: outcome for i, (outcome, _) in enumerate(files)},
        {i: came for i, (_, came) in enumerate(files)},
    )
    accepted = [f.result.result in ACCEPTED for f in verdict.files if f.counted]
    state = after(DELIVERY, DeliveryState.ARRIVING, verdict.event)
    if state is DeliveryState.COMPLETE:
        assert accepted
        assert all(accepted)
        assert verdict.missing == 0
    elif state is DeliveryState.REFUSED:
        assert not any(accepted)
        assert not verdict.anything
    else:
        assert state is DeliveryState.PARTIAL
        assert any(accepted)
        assert not all(accepted)
    assert verdict.missing == accepted.count(False)
    assert [f for f in verdict.files if not f.counted] == [
        f for f, (o, _) in zip(verdict.files, files, strict=True) if o is Outcome.SKIPPED
    ]


def test_a_file_that_never_came_is_missing_by_name() -> None:
    """A file sworn to as sent whose bytes never came is missing, with its path as finding."""
    verdict = judged({0: Outcome.SENT, 1: Outcome.SENT}, {0: FileResult.DELIVERED})
    assert verdict.event is DeliveryEvent.SOME_ACCEPTED
    (finding,) = verdict.findings()
    assert (finding.path, finding.result, finding.index) == (
        "DICOM/IM0001",
        FileResult.MISSING,
        1,
    )
    assert finding.reason == Refusal.NEVER_CAME


def test_a_file_left_out_of_the_manifest_is_missing() -> None:
    """A file of the inventory that the manifest passes over is not delivered, even if it came."""
    verdict = judged({0: Outcome.SENT, 1: None}, {0: FileResult.DELIVERED, 1: FileResult.DELIVERED})
    assert verdict.files[1].result.reason == Refusal.NOT_IN_MANIFEST


def test_reasons_of_the_sender_are_passed_on() -> None:
    """What the sender could not read is not sent, with the sender's stable word."""
    verdict = judged({0: Outcome.UNREADABLE}, {})
    assert verdict.files[0].result == Result(0, FileResult.NOT_SENT, "read error")
    assert verdict.event is DeliveryEvent.NONE_ACCEPTED


def test_the_worst_findings_come_first() -> None:
    """Missing and refused files stand before kept ones, and what was skipped on purpose last."""
    verdict = judged(
        {0: Outcome.SKIPPED, 1: Outcome.SENT, 2: Outcome.SENT, 3: Outcome.SENT},
        {1: FileResult.KEPT, 2: FileResult.REFUSED, 3: FileResult.DELIVERED},
    )
    assert [finding.index for finding in verdict.findings()] == [2, 1, 0]


def test_a_manifest_of_other_files_does_not_verify() -> None:
    """A manifest of files or parts that the inventory does not have belongs to something else."""
    with pytest.raises(Unverified):
        judge([an_inventory(files=[a_file(0)])], a_manifest(files=[an_outcome(7)]), {})
    with pytest.raises(Unverified):
        judge([an_inventory()], a_manifest(parts=2), {})


def second_disc(first_index: int = 10) -> Inventory:
    """Return the part of a second disc."""
    return an_inventory(
        part=1,
        medium="CD 2",
        studies=[a_study("1.9.1")],
        series=[a_series(uid="1.9.1.1")],
        files=[a_file(first_index)],
    )


def test_a_second_disc_adds_a_part() -> None:
    """Files of all parts are judged together; counts are by part and study."""
    parts = [an_inventory(files=[a_file(0)]), second_disc()]
    manifest = a_manifest(parts=2, files=[an_outcome(0), an_outcome(10)])
    verdict = judge(parts, manifest, {0: delivered(0), 10: delivered(10)})
    assert verdict.event is DeliveryEvent.ALL_ACCEPTED
    assert [(file.part, file.study) for file in verdict.files] == [(0, 0), (1, 0)]


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [second_disc()],
        [an_inventory(), an_inventory(part=2)],
        [an_inventory(files=[a_file(0)]), second_disc(0)],
        [an_inventory(files=[a_file(0), a_file(0)])],
    ],
)
def test_an_inventory_that_contradicts_itself_does_not_verify(parts: list[Inventory]) -> None:
    """Missing parts, no envelope, or an index that comes twice make no inventory."""
    with pytest.raises(Unverified):
        check_inventory(parts)


def counted(index: int, *, study: int | None = 0, found: Result | None = None) -> CountedFile:
    """Return a file as the ledger keeps it."""
    return CountedFile(0, study, FileKind.INSTANCE, counted=True, result=found or delivered(index))


def test_studies_are_counted_from_the_list() -> None:
    """Claimed is what the inventory lists; delivered and in PACS never exceed it."""
    lost = Result(2, FileResult.MISSING, Refusal.NEVER_CAME)
    files = [counted(0), counted(1), counted(2, found=lost), counted(3, study=1)]
    index = [
        StoredInstance("1.2.1", sha256(b"1.2.1"), in_pacs=True),
        StoredInstance("1.2.2", sha256(b"1.2.2"), in_pacs=False),
        StoredInstance("1.2.4", sha256(b"another file of this UID"), in_pacs=True),
    ]
    first, second = count_studies(files, index)
    assert (first.claimed, first.delivered, first.in_pacs) == (3, 2, 1)
    # Same UID, other bytes: that is not our file in the PACS.
    assert (second.claimed, second.delivered, second.in_pacs) == (1, 1, 0)


def test_attachments_are_in_no_study() -> None:
    """What is no instance is reported as file and counted in no study."""
    pdf = CountedFile(0, None, FileKind.PDF, counted=True, result=Result(0, FileResult.KEPT))
    assert count_studies([pdf], []) == ()
    assert [file.result for file in report_files([pdf])] == [FileResult.KEPT]


@given(st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)))
def test_the_stores_word_is_not_enough(said: set[int], indexed: set[int]) -> None:
    """Exactly the delivered files that the store's own index lacks are unconfirmed."""
    index = [
        StoredInstance(r.sop_instance_uid, r.data_set_sha256 or b"", in_pacs=False)
        for r in map(delivered, indexed)
    ]
    doubtful = unconfirmed([delivered(i) for i in sorted(said)], index)
    assert {r.index for r in doubtful} == said - indexed


def test_the_same_uid_with_other_bytes_confirms_nothing() -> None:
    """An index entry of the same UID and another hash is another instance."""
    index = [StoredInstance("1.2.1", bytes(32), in_pacs=False)]
    assert unconfirmed([delivered(0)], index) == [delivered(0)]


def test_the_coarse_state_says_no_more_than_it_must() -> None:
    """Each state has one coarse word, and only complete deliveries are called delivered."""
    assert {state for state in DeliveryState if coarse(state) is CoarseState.DELIVERED} == {
        DeliveryState.COMPLETE
    }


def test_an_empty_manifest_accepts_nothing() -> None:
    """A transfer whose every file was left out is refused, not complete."""
    manifest = Manifest(a_manifest().transfer, 1, ())
    verdict = judge([an_inventory()], manifest, {})
    assert verdict.event is DeliveryEvent.NONE_ACCEPTED


def test_an_outcome_without_reason_names_itself() -> None:
    """A skipped file without a word of the sender is reported as skipped."""
    manifest = a_manifest(files=[FileOutcome(0, Outcome.SKIPPED, 10)])
    verdict = judge([an_inventory(files=[a_file(0)])], manifest, {})
    assert verdict.files[0].result.reason == "skipped"
