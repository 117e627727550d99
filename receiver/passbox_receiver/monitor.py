"""The data monitor: watches how much comes in a day and tells people, once for each occasion.

The rule: an alarm is a row, made once for its kind and day; a day over the soft limit is summed
up once when it is over; an inside that stays away is told once for each absence. Alarms travel
with the poll until the inside says that its mail is in the outbox, and leave by mailing.py as
well. That the hard limit closes the door is admission's decision, from the same figures: there is
no switch that could be forgotten.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from passbox_receiver.admission import DAY_SECONDS, Standing
from passbox_receiver.ledger import WORK, advance
from passbox_receiver.rules import Rules
from passbox_receiver.tables import alarms
from passbox_wire.inner.receiver import MAX_ALARMS, Alarm, AlarmKind


def raise_alarm(
    connection: sa.Connection, kind: AlarmKind, now: int, used: int, limit: int, occasion: str = ""
) -> bool:
    """Add an alarm unless it was raised today (or for this ``occasion``); tell if it is new."""
    adding = insert(alarms).values(
        kind=kind,
        occasion=f"{kind} {occasion or now // DAY_SECONDS}",
        time=now,
        used=used,
        limit=limit,
        seen=False,
    )
    added = connection.execute(adding.on_conflict_do_nothing().returning(alarms.c.sequence)).all()
    if added:
        advance(connection, WORK)
    return bool(added)


def watch_bytes(connection: sa.Connection, rules: Rules, used: int, now: int) -> None:
    """Raise what ``used`` bytes of a day call for."""
    soft, hard = rules.monitor.soft_bytes_per_day, rules.monitor.hard_bytes_per_day
    if used >= soft:
        raise_alarm(connection, AlarmKind.SOFT_LIMIT, now, used, soft)
    if used >= hard:
        raise_alarm(connection, AlarmKind.HARD_LIMIT, now, used, hard)


def watch_house(connection: sa.Connection, rules: Rules, standing: Standing) -> bool:
    """Raise what a full disk or a silent inside calls for; tell if anything is new."""
    reserve, waited = rules.reserve_bytes, standing.waited
    alarm_after, stop_after = (
        rules.monitor.waiting_alarm_seconds,
        rules.monitor.waiting_stop_seconds,
    )
    calls = (
        (
            standing.free_bytes < 2 * reserve,
            AlarmKind.STORE_NEARLY_FULL,
            standing.free_bytes,
            reserve,
        ),
        (waited > alarm_after, AlarmKind.WAITING_TOO_LONG, waited, alarm_after),
        (waited > stop_after, AlarmKind.ACCEPTANCE_STOPPED, waited, stop_after),
    )
    raised = [
        raise_alarm(connection, kind, standing.now, max(0, used), limit)
        for due, kind, used, limit in calls
        if due
    ]
    return any(raised)


def watch_inside(connection: sa.Connection, rules: Rules, heard: int, now: int) -> bool:
    """Raise that the inside, last ``heard`` of in Unix seconds, stays away; tell if it is new."""
    silent, limit = now - heard, rules.monitor.poller_silent_seconds
    if silent <= limit:
        return False
    occasion = f"since {heard}"
    return raise_alarm(connection, AlarmKind.POLLER_SILENT, now, silent, limit, occasion)


def digest_yesterday(connection: sa.Connection, rules: Rules, used: int, now: int) -> bool:
    """Say how a day ended that passed the soft limit with ``used`` bytes; tell if it is new."""
    soft, day = rules.monitor.soft_bytes_per_day, now // DAY_SECONDS - 1
    if used < soft:
        return False
    return raise_alarm(connection, AlarmKind.SOFT_LIMIT, now, used, soft, f"digest {day}")


def alarms_after(connection: sa.Connection, sequence: int) -> tuple[Alarm, ...]:
    """Return alarms above ``sequence``, oldest first, seen inside or not."""
    return _alarms(connection, alarms.c.sequence > sequence)


def pending_alarms(connection: sa.Connection) -> tuple[Alarm, ...]:
    """Return alarms that the inside has not taken over, oldest first."""
    return _alarms(connection, ~alarms.c.seen)


def newest_alarms(connection: sa.Connection) -> list[tuple[Alarm, bool]]:
    """Return (alarm, seen inside) of the newest alarms, newest first."""
    query = sa.select(alarms).order_by(alarms.c.sequence.desc()).limit(MAX_ALARMS)
    return [(_alarm(row), row.seen) for row in connection.execute(query)]


def _alarms(connection: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[Alarm, ...]:
    query = sa.select(alarms).where(which).order_by(alarms.c.sequence).limit(MAX_ALARMS)
    return tuple(map(_alarm, connection.execute(query)))


def _alarm(row: sa.Row[Any]) -> Alarm:
    return Alarm(row.sequence, AlarmKind(row.kind), row.time, row.used, row.limit)


def alarms_seen(connection: sa.Connection, sequence: int) -> None:
    """Write that alarms up to ``sequence`` are in the inside's outbox."""
    connection.execute(sa.update(alarms).where(alarms.c.sequence <= sequence).values(seen=True))
