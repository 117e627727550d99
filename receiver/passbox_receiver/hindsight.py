"""What a rule would have hit last week, from what the ledger remembers; nothing is changed.

The rule: counted in transfers that were opened and days that were used, as they were: what such a
rule would have kept away later is not guessed. Rules about moments (request rates, parallel
requests) leave no trace, and are answered None.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from passbox_receiver.admission import DAY_SECONDS
from passbox_receiver.lists import Network
from passbox_receiver.tables import EVERYBODY, transfers, usage

WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Hits:
    """``transfers`` opened in the last seven days that the rule meets, their bytes and sources.

    ``days``: of a limit per day, how many (day, source) pairs were over it.
    """

    transfers: int
    sources: int
    bytes: int
    days: int = 0


def hits_of_network(connection: sa.Connection, network: Network, now: int) -> Hits:
    """Return whom a list entry for ``network`` would have met; an IPv6 source is its whole /64."""
    query = sa.select(transfers.c.source, transfers.c.bytes_held).where(_last_week(now))
    met = [
        (row.source, row.bytes_held)
        for row in connection.execute(query)
        if _overlap(ipaddress.ip_network(row.source), network)
    ]
    return _hits(met)


def hits_of_limit(connection: sa.Connection, name: str, value: int, now: int) -> Hits | None:
    """Return what a limit of ``value`` would have met; None for limits that leave no trace."""
    columns = {
        "limits.transfer_bytes": transfers.c.total_bytes,
        "limits.packs_per_transfer": transfers.c.packs,
    }
    if name in columns:
        query = sa.select(transfers.c.source, transfers.c.bytes_held).where(
            _last_week(now), columns[name] > value
        )
        return _hits([(row.source, row.bytes_held) for row in connection.execute(query)])
    if name == "limits.source_bytes_per_day":
        return _days(connection, usage.c.source != EVERYBODY, value, now)
    if name in {
        "limits.day_bytes", "monitor.soft_bytes_per_day", "monitor.hard_bytes_per_day",
    }:  # fmt: skip
        return _days(connection, usage.c.source == EVERYBODY, value, now)
    if name in {"limits.open_transfers_per_source", "limits.open_transfers"}:
        return _openings(connection, value, now, alone=name.endswith("source"))
    return None


def _days(connection: sa.Connection, whose: sa.ColumnElement[bool], value: int, now: int) -> Hits:
    query = sa.select(usage.c.source, usage.c.bytes).where(
        whose,
        usage.c.day > now // DAY_SECONDS - WEEK,
        usage.c.bytes > value,
        ~usage.c.source.like("%/48"),
    )
    rows = connection.execute(query).all()
    over = sum(row.bytes - value for row in rows)
    return Hits(0, len({row.source for row in rows}), over, len(rows))


def _openings(connection: sa.Connection, value: int, now: int, *, alone: bool) -> Hits:
    """Count transfers that were opened while ``value`` others (of the source) were open."""
    columns = (transfers.c.source, transfers.c.bytes_held, transfers.c.opened, transfers.c.ended)
    rows = connection.execute(
        sa.select(*columns).where(_last_week(now)).order_by(transfers.c.opened)
    ).all()
    met: list[tuple[str, int]] = []
    open_until: dict[str, list[int]] = {}
    for row in rows:
        key = row.source if alone else EVERYBODY
        still = [end for end in open_until.get(key, []) if end > row.opened]
        if len(still) >= value:
            met.append((row.source, row.bytes_held))
        open_until[key] = [*still, row.ended if row.ended is not None else now + 1]
    return _hits(met)


def _last_week(now: int) -> sa.ColumnElement[bool]:
    return transfers.c.opened > now - WEEK * DAY_SECONDS


def _hits(met: list[tuple[str, int]]) -> Hits:
    return Hits(len(met), len({source for source, _ in met}), sum(size for _, size in met))


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)
