"""At no system call does a kill, a broken disk or a full one break a promise of base."""

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from passbox_base.errors import DamagedLog
from passbox_base.journal import DurableLog, read_journal
from passbox_base.pack_store import PackStore
from tests.faults.injection import Call, Outcome, outcomes, trace
from tests.faults.subjects import DATA, KEY

pytestmark = pytest.mark.faults

Broken = Callable[[Outcome], str | None]
"""What is wrong with the folder after an outcome, in a few words; None when nothing is."""


def _file_broken(outcome: Outcome) -> str | None:
    file = outcome.folder / "file"
    if not file.exists():
        return "acknowledged but missing" if outcome.said == "ACK" else None
    return None if file.read_bytes() == DATA else "half visible"


def _replaced_file_broken(outcome: Outcome) -> str | None:
    content = (outcome.folder / "file").read_bytes()
    if content not in {b"old", DATA}:
        return "a mix"
    return "acknowledged but old" if outcome.said == "ACK" and content != DATA else None


def _journal_broken(outcome: Outcome) -> str | None:
    path = outcome.folder / "journal"
    try:
        with DurableLog(path) as log:
            log.append({"n": 3})
        numbers = [entry["n"] for entry in read_journal(path)]
    except DamagedLog:
        return "damaged"
    if outcome.said == "ACK" and 2 not in numbers:
        return "acknowledged but missing"
    return None if numbers in ([1, 3], [1, 2, 3]) else "lost or doubled"


def _store_broken(outcome: Outcome) -> str | None:
    digest = hashlib.sha256(DATA).digest()
    store = PackStore(outcome.folder)
    store.reconcile()
    held = store.packs(KEY.transfer_id)
    if outcome.said == "ACK" and not held:
        return "acknowledged but missing"
    store.put(KEY, digest, DATA)
    with store.get(KEY) as file:
        content = file.read()
    pairs = [(pack.number, pack.sha256, pack.length) for pack in store.packs(KEY.transfer_id)]
    if content != DATA or pairs != [(KEY.number, digest, len(DATA))]:
        return "half visible"
    names = [path for path in outcome.folder.rglob("*") if path.is_file()]
    return None if len(names) == 2 else "leftovers"


def _attack(act: str, scratch: Path, broken: Broken) -> tuple[int, list[str]]:
    """Return how many faults were injected, and what they broke."""
    count, found = Counter[str](), []
    for outcome in outcomes(act, scratch):
        count[outcome.fault] += 1
        if wrong := broken(outcome):
            found.append(f"{outcome.fault} at {outcome.call.name}: {wrong}")
    print(f"{act}: {count.total()} faults injected {dict(count)}, {len(found)} broke a promise")  # noqa: T201  # the figure is the point
    return count.total(), found


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("act", "broken"),
    [
        ("put_pack", _store_broken),
        ("write_file", _file_broken),
        ("replace_file", _replaced_file_broken),
        ("append_entry", _journal_broken),
    ],
)
def test_no_fault_breaks_a_promise(tmp_path: Path, act: str, broken: Broken) -> None:
    """Whatever call fails or is the last: nothing half visible, nothing acknowledged lost."""
    injected, found = _attack(act, tmp_path, broken)

    assert injected > 0
    assert found == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("act", "broken"), [("naive_file", _file_broken), ("naive_append", _journal_broken)]
)
def test_the_harness_catches_a_naive_writer(tmp_path: Path, act: str, broken: Broken) -> None:
    """A writer without temporary name, sync and error handling is found out by the same attack."""
    _, found = _attack(act, tmp_path, broken)

    assert found


def _order(calls: list[Call]) -> list[str]:
    """The calls that make durable, in order; fsync of a folder told apart by how it was opened."""
    folders: set[str] = set()
    order = []
    for call in calls:
        if call.name == "openat":
            (folders.add if "O_DIRECTORY" in call.arguments else folders.discard)(call.result)
        elif call.name == "fsync":
            order.append("fsync folder" if call.arguments in folders else "fsync file")
        elif call.name in {"link", "linkat", "rename", "write"}:
            order.append(call.name)
    return order


@pytest.mark.parametrize("act", ["put_pack", "write_file", "replace_file", "append_entry"])
def test_everything_is_synced_before_it_is_acknowledged(tmp_path: Path, act: str) -> None:
    """Bytes are synced before they get a name, and the name before anybody is told.

    A kill does not show this, because the page cache survives it; the order of the calls does.
    """
    order = _order(trace(act, tmp_path))
    after_bytes = order[len(order) - order[::-1].index("write") :]
    naming = [at for at, name in enumerate(after_bytes) if not name.startswith("fsync")]

    assert "fsync file" in after_bytes[: naming[0] if naming else None]
    if act != "append_entry":  # its name was made and synced when it was opened
        assert "fsync folder" in after_bytes[naming[-1] :]


def test_the_order_check_catches_a_naive_writer(tmp_path: Path) -> None:
    """A writer that never syncs shows no sync."""
    assert "fsync file" not in _order(trace("naive_file", tmp_path))
