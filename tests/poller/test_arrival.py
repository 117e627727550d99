"""What one transfer may cost while its inventory and manifest come in.

Anybody can seal a pack, so nothing of this is honest because it opened.
"""

import dataclasses
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from passbox_poller.arrival import Arrival, Budget
from passbox_poller.errors import Refusal, TransferStopped
from passbox_poller.verdict import Result
from passbox_wire.digests import sha256
from passbox_wire.inner.receiver import StopReason
from passbox_wire.inventory import MAX_PARTS
from passbox_wire.pack import Codec, Kind, Record
from passbox_wire.receipts import FileResult
from tests.poller.sending import Sending, slices

BUDGET = Budget(files=1000, transfer_bytes=2**30, packs_before_inventory=64)


def an_arrival(folder: Path) -> Arrival:
    """Return an empty one with small budgets."""
    return Arrival(Sending([]).transfer, folder, BUDGET)


def a_piece(kind: Kind, data: bytes, index: int = 0, *, ends: bool = False) -> Record:
    """Return a stored piece from the start of a document."""
    return Record(kind, Codec.STORED, index, 0, len(data), data, sha256(data) if ends else None)


def stopped_by(arrival: Arrival, *records: Record) -> StopReason:
    """Return why the transfer is stopped by one of these records."""
    with pytest.raises(TransferStopped) as stopped:
        _take(arrival, records)
    return stopped.value.reason


@pytest.mark.parametrize("kind", [Kind.INVENTORY, Kind.MANIFEST])
@pytest.mark.parametrize("filling", [b"[],", b"{},", b"0,", b'"",'])
def test_a_document_of_countless_values_is_never_parsed(
    tmp_path: Path, kind: Kind, filling: bytes
) -> None:
    """Small values side by side are refused unread: made, they take 40 times their bytes."""
    data = b"[" + filling * 1_000_000 + b"0]"
    record = a_piece(kind, data, ends=True)
    tracemalloc.start()
    try:
        assert stopped_by(an_arrival(tmp_path), record) is StopReason.BUDGET
        assert tracemalloc.get_traced_memory()[1] < 2 * len(data)
    finally:
        tracemalloc.stop()


def test_what_is_counted_is_the_sum_of_all_parts(tmp_path: Path) -> None:
    """A thousand parts within the limit of one are not."""
    data = b"[" + b"0," * 10_000
    parts = [a_piece(Kind.INVENTORY, data, index) for index in range(MAX_PARTS)]
    assert stopped_by(an_arrival(tmp_path), *parts) is StopReason.BUDGET


@pytest.mark.parametrize(("kind", "index"), [(Kind.INVENTORY, MAX_PARTS), (Kind.MANIFEST, 1)])
def test_documents_that_cannot_be_make_no_files(tmp_path: Path, kind: Kind, index: int) -> None:
    """There is one manifest and a bounded number of parts: more would be a file on disk each."""
    stopped_by(an_arrival(tmp_path), a_piece(kind, b"{", index))
    assert not list(tmp_path.iterdir())


def test_an_honest_inventory_of_all_the_files_there_may_be_is_taken(tmp_path: Path) -> None:
    """The budget of values leaves room for as many files as the budget of files."""
    sending = Sending(slices(1) * BUDGET.files)
    arrival = an_arrival(tmp_path)
    for kind, document in (
        (Kind.INVENTORY, sending.inventory.encode()),
        (Kind.MANIFEST, sending.manifest.encode()),
    ):
        arrival.take(a_piece(kind, document, ends=True), document)
    assert arrival.envelope is not None
    assert arrival.manifest is not None


def _take(arrival: Arrival, records: Iterable[Record]) -> None:
    for record in records:
        arrival.take(record, record.data)


def test_a_transfer_of_refused_files_is_stopped(tmp_path: Path) -> None:
    """Many refused files stop a transfer, unless at least as many were taken."""
    budget = dataclasses.replace(BUDGET, refused_files=10)
    arrival = Arrival(Sending(slices(1)).transfer, tmp_path, budget)
    for index in range(10):
        arrival.finish(index, Result(index, FileResult.REFUSED, Refusal.NOT_DICOM))
    arrival.check_worth()
    arrival.finish(10, Result(10, FileResult.REFUSED, Refusal.NOT_DICOM))
    with pytest.raises(TransferStopped):
        arrival.check_worth()
    for index in range(11, 22):
        arrival.finish(index, Result(index, FileResult.DELIVERED))
    arrival.check_worth()
