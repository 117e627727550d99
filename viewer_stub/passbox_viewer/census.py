"""What the admin's overview counts: five numbers with their limits, and the last thirty days.

Counted from the ledger when the page is asked for; nothing is kept for it. Of deleted transfers the
record of the deletion still tells how much they were.
"""

import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from passbox_base.ledger import reading
from passbox_viewer.commands import Asked
from passbox_viewer.office import Office
from passbox_viewer.tables import DELETIONS, INSTANCES, TRANSFERS
from passbox_wire.inner.admin import Cell, CommandKind, Outcome, Row
from passbox_wire.states import ForwardState

DAYS: Final = 30
POLLER_SECONDS: Final = 300
"""The poller asks at least every minute; five of silence are worth a look."""
_DAY: Final = 24 * 60 * 60
_MEGABYTE: Final = 1_000_000
_LOOKED_THROUGH: Final = 200
"""So many commands back is the last answer of a kind looked for."""
_HIGH: Final = 0.75


@dataclass(frozen=True, slots=True)
class Number:
    """One number: ``share`` of its limit from 0 to 1, None when unknown; ``limit`` names it."""

    name: str
    value: int | None
    share: float | None
    limits: dict[str, int]

    @property
    def tone(self) -> str:
        """How it should look."""
        if self.share is None:
            return "unknown"
        return "bad" if self.share >= 1 else "warn" if self.share >= _HIGH else "good"


@dataclass(frozen=True, slots=True)
class Chart:
    """One value a day, oldest first, the last one is today."""

    name: str
    days: tuple[date, ...]
    values: tuple[int, ...]

    @property
    def most(self) -> int:
        """The highest value, at least 1."""
        return max(1, *self.values)


@dataclass(frozen=True, slots=True)
class Answer:
    """The receiver's last answer of a kind; ``issued``: when it was asked, in Unix seconds."""

    issued: int
    rows: tuple[Row, ...]


def last_answer(asked: list[Asked], kind: CommandKind) -> Answer | None:
    """Return the newest answer of a kind among commands, newest first."""
    for one in asked:
        done = one.answer is not None and one.answer.outcome is Outcome.DONE
        if one.command.kind is kind and one.answer is not None and done:
            return Answer(one.command.issued, one.answer.rows)
    return None


def numbers(office: Office) -> tuple[Number, ...]:
    """Return the five."""
    return (_day(office), _disk(office), _people(office), _decisions(office), _poller(office))


def charts(office: Office) -> tuple[Chart, ...]:
    """Return the last thirty days, by this machine's calendar."""
    today = office.clock.now().astimezone().date()
    days = tuple(today - timedelta(days=DAYS - 1 - n) for n in range(DAYS))
    counted: dict[str, dict[date, int]] = {"transfers": {}, "megabytes": {}, "in_pacs": {}}
    sizes = _sizes(office)
    begin = int(office.clock.now().timestamp()) - (DAYS + 1) * _DAY
    query = sa.select(
        TRANSFERS.c.id, TRANSFERS.c.registered, TRANSFERS.c.forward_state, TRANSFERS.c.forward_time
    ).where((TRANSFERS.c.registered > begin) | (TRANSFERS.c.forward_time > begin))
    with reading(office.engine) as connection:
        for row in connection.execute(query):
            came = _date(row.registered)
            _add(counted["transfers"], came, 1)
            _add(counted["megabytes"], came, sizes.get(row.id, 0))
            if row.forward_state == ForwardState.IN_PACS and row.forward_time:
                _add(counted["in_pacs"], _date(row.forward_time), 1)
    counted["megabytes"] = {d: -(-size // _MEGABYTE) for d, size in counted["megabytes"].items()}
    return tuple(
        Chart(name, days, tuple(values.get(day, 0) for day in days))
        for name, values in counted.items()
    )


def monitor(office: Office) -> Answer | None:
    """Return what the receiver last said of its day."""
    return last_answer(office.commands.newest(_LOOKED_THROUGH), CommandKind.MONITOR)


def _day(office: Office) -> Number:
    said = monitor(office)
    row: Row = said.rows[0] if said and said.rows else {}
    used, hard = _count(row.get("bytes_today")), _count(row.get("hard_bytes_per_day"))
    share = used / hard if used is not None and hard else None
    return Number("day", used, share, {"limit": hard or 0, "moment": said.issued if said else 0})


def _disk(office: Office) -> Number:
    store = office.settings.store
    usage = shutil.disk_usage(store.folder)
    # Nothing is kept of the disk but the reserve: full is where it begins.
    share = (usage.total - usage.free) / max(1, usage.total - store.reserve_bytes)
    return Number("disk", usage.free, min(1.0, share), {"limit": store.reserve_bytes})


def _people(office: Office) -> Number:
    now = int(office.clock.now().timestamp())
    query = sa.select(TRANSFERS.c.registered, TRANSFERS.c.department).where(
        TRANSFERS.c.forward_state == ForwardState.VISIBLE, TRANSFERS.c.deleted.is_(None)
    )
    with reading(office.engine) as connection:
        rows = connection.execute(query).all()
    retention = office.settings.retention
    ages = [(now - row.registered, retention.days_for(row.department) * _DAY) for row in rows]
    if not ages:
        return Number("people", 0, 0.0, {"limit": retention.days})
    age, term = max(ages, key=lambda one: one[0] / one[1])
    return Number(
        "people", len(rows), min(1.0, age / term), {"age": age // _DAY, "limit": term // _DAY}
    )


def _decisions(office: Office) -> Number:
    failed_here = (TRANSFERS.c.forward_state == ForwardState.FAILED) & TRANSFERS.c.deleted.is_(None)
    with reading(office.engine) as connection:
        failed = int(
            connection.scalar(sa.select(sa.func.count()).select_from(TRANSFERS).where(failed_here))
            or 0
        )
    quarantined = office.quarantine.total()
    total = failed + quarantined
    return Number(
        "decisions", total, min(0.99, total), {"quarantined": quarantined, "failed": failed}
    )


def _poller(office: Office) -> Number:
    silent = office.heartbeat.silent_seconds
    share = None if silent is None else min(1.0, silent / POLLER_SECONDS)
    return Number("poller", silent, share, {"limit": POLLER_SECONDS})


def _sizes(office: Office) -> dict[str, int]:
    held = sa.select(INSTANCES.c.transfer, sa.func.sum(INSTANCES.c.data_set_bytes)).group_by(
        INSTANCES.c.transfer
    )
    gone = sa.select(DELETIONS.c.transfer, DELETIONS.c.bytes)
    with reading(office.engine) as connection:
        return {
            transfer: int(size)
            for query in (held, gone)
            for transfer, size in connection.execute(query)
        }


def _count(cell: Cell) -> int | None:
    return cell if isinstance(cell, int) and not isinstance(cell, bool) else None


def _date(seconds: int) -> date:
    return datetime.fromtimestamp(seconds).astimezone().date()


def _add(values: dict[date, int], day: date, more: int) -> None:
    values[day] = values.get(day, 0) + more
