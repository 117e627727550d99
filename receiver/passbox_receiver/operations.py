"""What administrators do on the receiver's host while it runs: `passbox receiver limits|lists|…`.

The rule: administration.py on the ledger, beside a running receiver, which hears of a change with
its next request; without one the change waits for it. Nothing here opens a socket. Answers are
plain JSON values.

Each function takes the path of receiver.toml, and the clock where time matters. Changes raise
RuleRefused when they make no sense; all raise SettingsError, LedgerUnusable and StoreFailed.
"""

import contextlib
import dataclasses
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from passbox_base.audit import entries
from passbox_base.clocks import Clock, SystemClock
from passbox_base.pack_store import PackStore
from passbox_receiver import administration, fsck
from passbox_receiver.administration import Change, Rows
from passbox_receiver.ledger import Ledger
from passbox_receiver.monitor import pending_alarms
from passbox_receiver.settings import ReceiverSettings, load_settings
from passbox_wire.canonical import Json

CLOCK: Final[Clock] = SystemClock()


def limits(settings_path: Path) -> Rows:
    """Return every limit: {name, value, configured, changed}."""
    with _reading(settings_path) as (settings, connection):
        return administration.limits(connection, settings)


def set_limit(
    settings_path: Path, name: str, value: int, *, author: str, reason: str, clock: Clock = CLOCK
) -> None:
    """Set a limit, as "limits.day_bytes" or "monitor.soft_bytes_per_day", until it is reset."""
    with _writing(settings_path) as (settings, connection):
        change = Change(author, reason, _seconds(clock))
        administration.set_limit(connection, settings, name, value, change)


def try_limit(
    settings_path: Path, name: str, value: int, *, clock: Clock = CLOCK
) -> dict[str, Json] | None:
    """Return what a limit would have hit last week (hindsight.Hits), None where no trace tells."""
    with _reading(settings_path) as (settings, connection):
        return administration.try_limit(connection, settings, name, value, _seconds(clock))


def reset_limit(
    settings_path: Path, name: str, *, author: str, reason: str, clock: Clock = CLOCK
) -> None:
    """Give a limit back its configured value."""
    with _writing(settings_path) as (_, connection):
        administration.reset_limit(connection, name, Change(author, reason, _seconds(clock)))


def lists(settings_path: Path) -> Rows:
    """Return every entry of both lists: {id, kind, network, comment, author, added, expires}."""
    with _reading(settings_path) as (_, connection):
        return administration.lists(connection)


def add_to_list(
    settings_path: Path,
    kind: str,
    network: str,
    *,
    author: str,
    reason: str,
    expires: int | None = None,
    clock: Clock = CLOCK,
) -> int:
    """Put an address or CIDR network on the "block" or "allow" list; return the entry's id.

    ``reason`` is kept as the entry's comment; ``expires`` in Unix seconds.
    """
    with _writing(settings_path) as (_, connection):
        change = Change(author, reason, _seconds(clock))
        return administration.add_to_list(connection, kind, network, expires, change)


def try_network(settings_path: Path, network: str, *, clock: Clock = CLOCK) -> dict[str, Json]:
    """Return whom an entry for this network would have met last week (hindsight.Hits)."""
    with _reading(settings_path) as (_, connection):
        return administration.try_network(connection, network, _seconds(clock))


def remove_from_list(
    settings_path: Path, entry: int, *, author: str, reason: str, clock: Clock = CLOCK
) -> None:
    """Take an entry off its list."""
    with _writing(settings_path) as (_, connection):
        change = Change(author, reason, _seconds(clock))
        administration.remove_from_list(connection, entry, change)


def monitor(settings_path: Path, *, clock: Clock = CLOCK) -> dict[str, Json]:
    """Return how much came today and what is open: bytes, limits, alarms, acceptance."""
    with _reading(settings_path) as (settings, connection):
        return {
            **administration.monitor(connection, settings, _seconds(clock)),
            "alarms": [alarm.to_json() for alarm in pending_alarms(connection)],
        }


def reopen(settings_path: Path, *, author: str, reason: str, clock: Clock = CLOCK) -> None:
    """Take transfers again today although the hard limit was reached."""
    with _writing(settings_path) as (_, connection):
        administration.reopen(connection, Change(author, reason, _seconds(clock)))


def send_test_alarm(settings_path: Path, *, author: str, reason: str, clock: Clock = CLOCK) -> None:
    """Send an alarm that means nothing, to see that alarms arrive."""
    with _writing(settings_path) as (_, connection):
        administration.send_test_alarm(connection, Change(author, reason, _seconds(clock)))


def stop(
    settings_path: Path, *, author: str, reason: str, text: str | None = None, clock: Clock = CLOCK
) -> None:
    """Take nothing at all any more; ``text`` is shown to senders."""
    with _writing(settings_path) as (_, connection):
        administration.stop(connection, text, Change(author, reason, _seconds(clock)))


def resume(settings_path: Path, *, author: str, reason: str, clock: Clock = CLOCK) -> None:
    """Undo stop()."""
    with _writing(settings_path) as (_, connection):
        administration.resume(connection, Change(author, reason, _seconds(clock)))


def transfers(settings_path: Path) -> Rows:
    """Return every transfer the ledger knows, oldest first; see administration.transfers()."""
    with _reading(settings_path) as (_, connection):
        return administration.transfers(connection)[::-1]


def audit(settings_path: Path, last: int = 50) -> list[dict[str, Json]]:
    """Return the last entries of the audit, oldest first, the whole chain checked before.

    Raises ChainBroken.
    """
    path = load_settings(settings_path).store.folder / "audit.jsonl"
    return list(deque(entries(path), maxlen=last))


def check_store(settings_path: Path) -> list[dict[str, Json]]:
    """Read every pack held and return what is not as it was taken in (fsck.Finding)."""
    settings = load_settings(settings_path)
    with _ledger(settings) as ledger:
        found = fsck.check_store(ledger, PackStore(settings.store.folder / "packs"))
        return [dataclasses.asdict(finding) for finding in found]


@contextlib.contextmanager
def _reading(settings_path: Path) -> Iterator[tuple[ReceiverSettings, sa.Connection]]:
    settings = load_settings(settings_path)
    with _ledger(settings) as ledger, ledger.reading() as connection:
        yield settings, connection


@contextlib.contextmanager
def _writing(settings_path: Path) -> Iterator[tuple[ReceiverSettings, sa.Connection]]:
    settings = load_settings(settings_path)
    with _ledger(settings) as ledger, ledger.writing() as connection:
        yield settings, connection


@contextlib.contextmanager
def _ledger(settings: ReceiverSettings) -> Iterator[Ledger]:
    ledger = Ledger(settings.store.folder, CLOCK)
    try:
        yield ledger
    finally:
        ledger.close()


def _seconds(clock: Clock) -> int:
    return int(clock.now().timestamp())
