"""At no system call does a kill, a broken disk or a full one break a promise of base."""

import contextlib
import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from passbox_base.audit import AuditChain, entries
from passbox_base.clocks import SystemClock
from passbox_base.errors import ChainBroken, DamagedLog
from passbox_base.journal import DurableLog, read_journal
from passbox_base.keys import load_signing_key
from passbox_base.ledger import open_ledger, reading, sqlite_url
from passbox_base.outbox import MailState, Outbox
from passbox_base.pack_store import PackStore
from tests.faults.injection import Broken, Injector, Outcome, attack, order_of, unsynced
from tests.faults.mails_and_rows import MIGRATIONS
from tests.faults.subjects import DATA, KEY, SIGNING_KEY

pytestmark = pytest.mark.faults


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


def _moved_broken(outcome: Outcome) -> str | None:
    old = outcome.folder / "from" / "file"
    if not old.exists() and not (outcome.folder / "file").exists():
        return "lost"
    if old.exists() and (outcome.folder / "file").exists():
        return "doubled"
    return _file_broken(outcome)


def _key_broken(outcome: Outcome) -> str | None:
    path = outcome.folder / "key.pem"
    if not path.exists():
        return "acknowledged but missing" if outcome.said == "ACK" else None
    same = load_signing_key(path).private_bytes_raw() == SIGNING_KEY.private_bytes_raw()
    return None if same else "another key"


def _audit_broken(outcome: Outcome) -> str | None:
    path = outcome.folder / "audit"
    try:
        with contextlib.closing(AuditChain(path, SystemClock())) as chain:
            chain.append("third", author="a", reason="r")
        events = [entry["event"] for entry in entries(path)]
    except ChainBroken:
        return "the chain is broken"
    if outcome.said == "ACK" and "second" not in events:
        return "acknowledged but missing"
    whole = (["first", "third"], ["first", "second", "third"])
    return None if events in whole else "lost or doubled"


def _mail_broken(outcome: Outcome) -> str | None:
    outbox = Outbox(outcome.folder)
    queued = outbox.counts()[MailState.QUEUED]
    if outcome.said == "ACK" and queued != 1:
        return "acknowledged but missing"
    mails = list(outcome.folder.glob("queued/*.mail"))
    whole = all(mail.read_bytes().rstrip().endswith(b"b") for mail in mails)
    return None if len(mails) == queued <= 1 and whole else "half visible"


def _row_broken(outcome: Outcome) -> str | None:
    path = outcome.folder / "ledger.sqlite3"
    engine = open_ledger(sqlite_url(path), MIGRATIONS, clock=SystemClock())
    with reading(engine) as connection:
        rows = list(connection.scalars(sa.text("SELECT number FROM rows")))
        sound = connection.scalar(sa.text("PRAGMA integrity_check"))
    engine.dispose()
    if outcome.said == "ACK" and rows != [1]:
        return "acknowledged but missing"
    return None if rows in ([], [1]) and sound == "ok" else "half visible"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("act", "broken"),
    [
        ("put_pack", _store_broken),
        ("write_file", _file_broken),
        ("replace_file", _replaced_file_broken),
        ("append_entry", _journal_broken),
        ("adopt_file", _file_broken),
        ("move_file", _moved_broken),
        ("save_key", _key_broken),
        ("append_audit", _audit_broken),
        ("enqueue_mail", _mail_broken),
        ("commit_row", _row_broken),
    ],
)
def test_no_fault_breaks_a_promise(
    injector: Injector, scratch: Path, act: str, broken: Broken
) -> None:
    """Whatever call fails or is the last: nothing half visible, nothing acknowledged lost."""
    injected, found = attack(injector.outcomes(act, scratch), act, broken)

    assert injected > 0
    assert found == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("act", "broken"), [("naive_file", _file_broken), ("naive_append", _journal_broken)]
)
def test_the_harness_catches_a_naive_writer(
    injector: Injector, scratch: Path, act: str, broken: Broken
) -> None:
    """A writer without temporary name, sync and error handling is found out by the same attack."""
    _, found = attack(injector.outcomes(act, scratch), act, broken)

    assert found


@pytest.mark.parametrize(
    "act",
    [
        *("put_pack", "write_file", "replace_file", "append_entry", "adopt_file", "save_key"),
        *("append_audit", "enqueue_mail", "commit_row"),
    ],
)
def test_everything_is_synced_before_it_is_acknowledged(
    injector: Injector, scratch: Path, act: str
) -> None:
    """Bytes are synced before they get a name, and the name before anybody is told.

    A kill does not show this, because the page cache survives it; the order of the calls does.
    """
    order = order_of(injector.trace(act, scratch / "run"))

    assert set(order) & {"fsync file", "sync ledger"}
    assert unsynced(order) == []


@pytest.mark.parametrize("act", ["naive_file", "naive_append", "unsynced_file"])
def test_the_order_check_catches_a_naive_writer(
    injector: Injector, scratch: Path, act: str
) -> None:
    """A writer that never syncs is found out, also one that gives the final name last."""
    assert unsynced(order_of(injector.trace(act, scratch / "run"))) != []
