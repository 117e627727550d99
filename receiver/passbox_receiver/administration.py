"""What administrators may ask and change, on one open ledger.

The rule: everything is rows. A change is written together with who, why and when, and raises a
counter that the running receiver looks at with its next request; that receiver alone writes it into
the audit chain, before it obeys. The same functions serve the host (operations.py, which opens the
ledger beside a running receiver) and the inside (commands.py, in the running receiver).

Functions take a connection: the caller decides what is one transaction. Answers are plain JSON
values, times Unix seconds. Changes raise RuleRefused when they make no sense.
"""

import dataclasses
import secrets
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from passbox_receiver import hindsight, tables, usage
from passbox_receiver.admission import DAY_SECONDS
from passbox_receiver.errors import RuleRefused
from passbox_receiver.ledger import RULES, advance
from passbox_receiver.lists import ListKind, load_entries, parse_network
from passbox_receiver.monitor import newest_alarms, raise_alarm
from passbox_receiver.rules import ACCEPTANCE_ROW, checked, load_rules, names
from passbox_receiver.settings import ReceiverSettings
from passbox_receiver.tables import EVERYBODY, acceptance, changes, list_entries, overrides
from passbox_wire.canonical import Json
from passbox_wire.inner.admin import COLUMNS, MAX_AUTHOR, MAX_REASON, CommandId, CommandKind
from passbox_wire.inner.receiver import AlarmKind
from passbox_wire.problems import MAX_TEXT

Rows = list[dict[str, Json]]


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something, why and when; ``command`` where it was asked from inside."""

    author: str
    reason: str
    time: int
    command: CommandId | None = None

    def note(self, connection: sa.Connection, what: str) -> None:
        """Write down what is changed; raise RuleRefused unless it says who and why."""
        if not self.author or not self.reason:
            raise RuleRefused("a change has an author and a reason")
        if len(self.author) > MAX_AUTHOR or len(self.reason) > MAX_REASON:
            raise RuleRefused("author and reason take a few words")
        connection.execute(
            sa.insert(changes).values(
                time=self.time,
                author=self.author,
                reason=self.reason,
                what=what,
                command=self.command,
                audited=False,
            )
        )
        advance(connection, RULES)


def limits(connection: sa.Connection, settings: ReceiverSettings) -> Rows:
    """Return every limit: {name, value, configured, changed}."""
    rules = load_rules(connection, settings)
    configured = _values(settings.limits.model_dump(), settings.monitor.model_dump())
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
    connection: sa.Connection, settings: ReceiverSettings, name: str, value: int, change: Change
) -> None:
    """Set a limit, as "limits.day_bytes" or "monitor.soft_bytes_per_day", until it is reset."""
    checked(settings, name, value)
    change.note(connection, f"{name} = {value}")
    connection.execute(sa.delete(overrides).where(overrides.c.name == name))
    connection.execute(sa.insert(overrides).values(name=name, value=value))


def try_limit(
    connection: sa.Connection, settings: ReceiverSettings, name: str, value: int, now: int
) -> dict[str, Json] | None:
    """Return what a limit would have hit last week (hindsight.Hits), None where no trace tells."""
    checked(settings, name, value)
    hits = hindsight.hits_of_limit(connection, name, value, now)
    return None if hits is None else dataclasses.asdict(hits)


def reset_limit(connection: sa.Connection, name: str, change: Change) -> None:
    """Give a limit back its configured value."""
    if name not in names():
        raise RuleRefused(f"there is no limit of this name; there are {', '.join(names())}")
    change.note(connection, f"{name} reset")
    connection.execute(sa.delete(overrides).where(overrides.c.name == name))


def lists(connection: sa.Connection) -> Rows:
    """Return every entry of both lists: {id, kind, network, comment, author, added, expires}."""
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
    connection: sa.Connection, kind: str, network: str, expires: int | None, change: Change
) -> int:
    """Put an address or CIDR network on the "block" or "allow" list; return the entry's id.

    The reason is kept as the entry's comment.
    """
    parsed = parse_network(network)
    if kind not in set(ListKind):
        raise RuleRefused("there is a block list and an allow list")
    change.note(connection, f"{kind} {parsed}")
    adding = sa.insert(list_entries).values(
        kind=kind,
        network=str(parsed),
        comment=change.reason,
        author=change.author,
        added=change.time,
        expires=expires,
    )
    return int(connection.execute(adding.returning(list_entries.c.id)).scalar_one())


def try_network(connection: sa.Connection, network: str, now: int) -> dict[str, Json]:
    """Return whom an entry for this network would have met last week (hindsight.Hits)."""
    return dataclasses.asdict(hindsight.hits_of_network(connection, parse_network(network), now))


def remove_from_list(connection: sa.Connection, entry: int, change: Change) -> None:
    """Take an entry off its list."""
    removing = sa.delete(list_entries).where(list_entries.c.id == entry)
    if not connection.execute(removing.returning(list_entries.c.id)).all():
        raise RuleRefused("there is no such entry")
    change.note(connection, f"list entry {entry} removed")


def monitor(connection: sa.Connection, settings: ReceiverSettings, now: int) -> dict[str, Json]:
    """Return how much came today and whether the door is open."""
    rules = load_rules(connection, settings)
    return {
        "bytes_today": usage.used_today(connection, EVERYBODY, now),
        "soft_bytes_per_day": rules.monitor.soft_bytes_per_day,
        "hard_bytes_per_day": rules.monitor.hard_bytes_per_day,
        "stopped": rules.stopped,
        "text": rules.stop_text,
        "reopened_today": rules.reopened_day == now // DAY_SECONDS,
    }


def alarms(connection: sa.Connection) -> Rows:
    """Return the newest alarms, newest first; ``seen``: in the inside's outbox."""
    return [
        {**dataclasses.asdict(alarm), "kind": alarm.kind.value, "seen": seen}
        for alarm, seen in newest_alarms(connection)
    ]


def reopen(connection: sa.Connection, change: Change) -> None:
    """Take transfers again today although the hard limit was reached."""
    change.note(connection, "reopened for today")
    _set_acceptance(connection, reopened_day=change.time // DAY_SECONDS)


def send_test_alarm(connection: sa.Connection, change: Change) -> None:
    """Send an alarm that means nothing, to see that alarms arrive."""
    change.note(connection, "test alarm")
    raise_alarm(connection, AlarmKind.TEST, change.time, 0, 0, secrets.token_hex(8))


def stop(connection: sa.Connection, text: str | None, change: Change) -> None:
    """Take nothing at all any more; ``text`` is shown to senders."""
    if text is not None and len(text) > MAX_TEXT:
        raise RuleRefused(f"a text for senders has at most {MAX_TEXT} characters")
    change.note(connection, "stopped")
    _set_acceptance(connection, stopped=True, text=text)


def resume(connection: sa.Connection, change: Change) -> None:
    """Undo stop()."""
    change.note(connection, "resumed")
    _set_acceptance(connection, stopped=False, text=None)


_SHOWN: Final = COLUMNS[CommandKind.TRANSFERS]


def transfers(connection: sa.Connection, last: int | None = None) -> Rows:
    """Return the ``last`` transfers, newest first; all without it. Sizes in bytes.

    ``bytes_on_wire`` counts request bodies of packs as they were read, also of those that came
    twice or came to nothing.
    """
    table = tables.transfers.c
    query = sa.select(tables.transfers).order_by(table.opened.desc(), table.transfer).limit(last)
    return [{name: getattr(row, name) for name in _SHOWN} for row in connection.execute(query)]


def _values(limits_dump: dict[str, int], monitor_dump: dict[str, int]) -> dict[str, int]:
    return {
        **{f"limits.{name}": value for name, value in limits_dump.items()},
        **{f"monitor.{name}": value for name, value in monitor_dump.items()},
    }


def _set_acceptance(connection: sa.Connection, **values: bool | int | str | None) -> None:
    connection.execute(
        sa.update(acceptance).where(acceptance.c.id == ACCEPTANCE_ROW).values(values)
    )
