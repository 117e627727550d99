"""What administrators do on the receiver's host while it runs: `passbox receiver limits|lists|…`.

The rule: everything is a row of the ledger. A change is written together with who, why and when,
and raises a counter that the running receiver looks at with its next request; that receiver alone
writes it into the audit chain, before it obeys. Without a running receiver the change waits for
it. Nothing here opens a socket. Answers are plain JSON values.

Each function takes the path of receiver.toml, and the clock where time matters. Changes raise
RuleRefused when they make no sense; all raise SettingsError, LedgerUnusable and StoreFailed.
"""

import contextlib
import dataclasses
import secrets
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from passbox_base.audit import entries
from passbox_base.clocks import Clock, SystemClock
from passbox_base.pack_store import PackStore
from passbox_receiver import fsck, hindsight, tables, usage
from passbox_receiver.admission import DAY_SECONDS
from passbox_receiver.errors import RuleRefused
from passbox_receiver.ledger import RULES, Ledger, advance
from passbox_receiver.lists import ListKind, load_entries, parse_network
from passbox_receiver.monitor import pending_alarms, raise_alarm
from passbox_receiver.rules import ACCEPTANCE_ROW, checked, load_rules, names
from passbox_receiver.settings import ReceiverSettings, load_settings
from passbox_receiver.tables import EVERYBODY, acceptance, changes, list_entries, overrides
from passbox_wire.canonical import Json
from passbox_wire.inner.receiver import AlarmKind
from passbox_wire.problems import MAX_TEXT

CLOCK: Final[Clock] = SystemClock()
_MAX_AUTHOR: Final = 100
_MAX_REASON: Final = 500
_SHOWN: Final = (
    "transfer", "state", "destination", "source", "client", "total_bytes", "packs", "bytes_held",
    "waiting", "bytes_on_wire", "opened", "last_pack", "ended", "stop_reason",
)  # fmt: skip


def limits(settings_path: Path) -> list[dict[str, Json]]:
    """Return every limit: {name, value, configured, changed}."""
    settings = load_settings(settings_path)
    configured = _values(settings.limits.model_dump(), settings.monitor.model_dump())
    with _ledger(settings) as ledger, ledger.reading() as connection:
        rules = load_rules(connection, settings)
    in_force = _values(rules.limits.model_dump(), rules.monitor.model_dump())
    return [
        {
            "name": name,
            "value": in_force[name],
            "configured": configured[name],
            "changed": in_force[name] != configured[name],
        }
        for name in names()
    ]


def set_limit(
    settings_path: Path, name: str, value: int, *, author: str, reason: str, clock: Clock = CLOCK
) -> None:
    """Set a limit, as "limits.day_bytes" or "monitor.soft_bytes_per_day", until it is reset."""
    settings = load_settings(settings_path)
    checked(settings, name, value)
    with _change(settings, author, reason, clock, f"{name} = {value}") as connection:
        connection.execute(sa.delete(overrides).where(overrides.c.name == name))
        connection.execute(sa.insert(overrides).values(name=name, value=value))


def try_limit(
    settings_path: Path, name: str, value: int, *, clock: Clock = CLOCK
) -> dict[str, Json] | None:
    """Return what a limit would have hit last week (hindsight.Hits), None where no trace tells."""
    settings = load_settings(settings_path)
    checked(settings, name, value)
    with _ledger(settings) as ledger, ledger.reading() as connection:
        hits = hindsight.hits_of_limit(connection, name, value, _seconds(clock))
    return None if hits is None else dataclasses.asdict(hits)


def reset_limit(
    settings_path: Path, name: str, *, author: str, reason: str, clock: Clock = CLOCK
) -> None:
    """Give a limit back its configured value."""
    settings = load_settings(settings_path)
    if name not in names():
        raise RuleRefused(f"there is no limit of this name; there are {', '.join(names())}")
    with _change(settings, author, reason, clock, f"{name} reset") as connection:
        connection.execute(sa.delete(overrides).where(overrides.c.name == name))


def lists(settings_path: Path) -> list[dict[str, Json]]:
    """Return every entry of both lists: {id, kind, network, comment, author, added, expires}."""
    with _ledger(load_settings(settings_path)) as ledger, ledger.reading() as connection:
        return [
            {
                "id": entry.id,
                "kind": entry.kind.value,
                "network": str(entry.network),
                "comment": entry.comment,
                "author": entry.author,
                "added": entry.added,
                "expires": entry.expires,
            }
            for entry in load_entries(connection)
        ]


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
    settings, parsed = load_settings(settings_path), parse_network(network)
    if kind not in set(ListKind):
        raise RuleRefused("there is a block list and an allow list")
    with _change(settings, author, reason, clock, f"{kind} {parsed}") as connection:
        adding = sa.insert(list_entries).values(
            kind=kind,
            network=str(parsed),
            comment=reason,
            author=author,
            added=_seconds(clock),
            expires=expires,
        )
        return int(connection.execute(adding.returning(list_entries.c.id)).scalar_one())


def try_network(settings_path: Path, network: str, *, clock: Clock = CLOCK) -> dict[str, Json]:
    """Return whom an entry for this network would have met last week (hindsight.Hits)."""
    settings, parsed = load_settings(settings_path), parse_network(network)
    with _ledger(settings) as ledger, ledger.reading() as connection:
        return dataclasses.asdict(hindsight.hits_of_network(connection, parsed, _seconds(clock)))


def remove_from_list(
    settings_path: Path, entry: int, *, author: str, reason: str, clock: Clock = CLOCK
) -> None:
    """Take an entry off its list."""
    settings = load_settings(settings_path)
    with _change(settings, author, reason, clock, f"list entry {entry} removed") as connection:
        removing = sa.delete(list_entries).where(list_entries.c.id == entry)
        if not connection.execute(removing.returning(list_entries.c.id)).all():
            raise RuleRefused("there is no such entry")


def monitor(settings_path: Path, *, clock: Clock = CLOCK) -> dict[str, Json]:
    """Return how much came today and what is open: bytes, limits, alarms, acceptance."""
    settings = load_settings(settings_path)
    now = _seconds(clock)
    with _ledger(settings) as ledger, ledger.reading() as connection:
        rules = load_rules(connection, settings)
        return {
            "bytes_today": usage.used_today(connection, EVERYBODY, now),
            "soft_bytes_per_day": rules.monitor.soft_bytes_per_day,
            "hard_bytes_per_day": rules.monitor.hard_bytes_per_day,
            "stopped": rules.stopped,
            "text": rules.stop_text,
            "reopened_today": rules.reopened_day == now // DAY_SECONDS,
            "alarms": [alarm.to_json() for alarm in pending_alarms(connection)],
        }


def reopen(settings_path: Path, *, author: str, reason: str, clock: Clock = CLOCK) -> None:
    """Take transfers again today although the hard limit was reached."""
    settings = load_settings(settings_path)
    with _change(settings, author, reason, clock, "reopened for today") as connection:
        _set_acceptance(connection, reopened_day=_seconds(clock) // DAY_SECONDS)


def send_test_alarm(settings_path: Path, *, author: str, reason: str, clock: Clock = CLOCK) -> None:
    """Send an alarm that means nothing, to see that alarms arrive."""
    with _change(load_settings(settings_path), author, reason, clock, "test alarm") as connection:
        raise_alarm(connection, AlarmKind.TEST, _seconds(clock), 0, 0, secrets.token_hex(8))


def stop(
    settings_path: Path, *, author: str, reason: str, text: str | None = None, clock: Clock = CLOCK
) -> None:
    """Take nothing at all any more; ``text`` is shown to senders."""
    if text is not None and len(text) > MAX_TEXT:
        raise RuleRefused(f"a text for senders has at most {MAX_TEXT} characters")
    with _change(load_settings(settings_path), author, reason, clock, "stopped") as connection:
        _set_acceptance(connection, stopped=True, text=text)


def resume(settings_path: Path, *, author: str, reason: str, clock: Clock = CLOCK) -> None:
    """Undo stop()."""
    with _change(load_settings(settings_path), author, reason, clock, "resumed") as connection:
        _set_acceptance(connection, stopped=False, text=None)


def transfers(settings_path: Path) -> list[dict[str, Json]]:
    """Return every transfer the ledger knows, oldest first; times in Unix seconds, sizes in bytes.

    ``bytes_on_wire`` counts request bodies of packs as they were read, also of those that came
    twice or came to nothing.
    """
    with _ledger(load_settings(settings_path)) as ledger, ledger.reading() as connection:
        query = sa.select(tables.transfers).order_by(
            tables.transfers.c.opened, tables.transfers.c.transfer
        )
        return [{name: getattr(row, name) for name in _SHOWN} for row in connection.execute(query)]


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


def _values(limits_dump: dict[str, int], monitor_dump: dict[str, int]) -> dict[str, int]:
    return {
        **{f"limits.{name}": value for name, value in limits_dump.items()},
        **{f"monitor.{name}": value for name, value in monitor_dump.items()},
    }


def _set_acceptance(connection: sa.Connection, **values: bool | int | str | None) -> None:
    connection.execute(
        sa.update(acceptance).where(acceptance.c.id == ACCEPTANCE_ROW).values(values)
    )


@contextlib.contextmanager
def _ledger(settings: ReceiverSettings) -> Iterator[Ledger]:
    ledger = Ledger(settings.store.folder, CLOCK)
    try:
        yield ledger
    finally:
        ledger.close()


@contextlib.contextmanager
def _change(
    settings: ReceiverSettings, author: str, reason: str, clock: Clock, what: str
) -> Iterator[sa.Connection]:
    if not author or not reason or len(author) > _MAX_AUTHOR or len(reason) > _MAX_REASON:
        raise RuleRefused("a change has an author and a reason, in a few words")
    with _ledger(settings) as ledger, ledger.writing() as connection:
        yield connection
        connection.execute(
            sa.insert(changes).values(
                time=_seconds(clock), author=author, reason=reason, what=what, audited=False
            )
        )
        advance(connection, RULES)


def _seconds(clock: Clock) -> int:
    return int(clock.now().timestamp())
