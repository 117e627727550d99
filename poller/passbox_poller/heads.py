"""Heads of the receiver's audit chain, so that it cannot rewrite what it has shown us.

Every head proves all lines before it, so old ones may be few: of the newest HEADS_KEPT each is
kept, of those before the first of each hour, DAYS_KEPT days back. A hostile receiver that shows a
new head with every poll fills some ten thousand rows, and no disk.
"""

from typing import Final

import sqlalchemy as sa

from passbox_poller.tables import AUDIT_HEADS

HEADS_KEPT: Final = 200
DAYS_KEPT: Final = 400
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR


def kept(connection: sa.Connection) -> list[bytes]:
    """Return the heads that were kept, oldest first."""
    query = sa.select(AUDIT_HEADS.c.sha256).order_by(AUDIT_HEADS.c.number)
    return list(connection.execute(query).scalars())


def keep(connection: sa.Connection, sha256: bytes, now: int) -> None:
    """Keep a head unless it is the newest; ``now`` in Unix seconds."""
    newest = sa.select(AUDIT_HEADS).order_by(AUDIT_HEADS.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is not None and row.sha256 == sha256:
        return
    connection.execute(sa.insert(AUDIT_HEADS).values(time=now, sha256=sha256))
    if row is not None:
        _thin_out(connection, row.number + 1, now)


def _thin_out(connection: sa.Connection, newest: int, now: int) -> None:
    hour = AUDIT_HEADS.c.time // _HOUR
    first_of_each_hour = sa.select(sa.func.min(AUDIT_HEADS.c.number)).group_by(hour)
    connection.execute(
        sa.delete(AUDIT_HEADS).where(
            AUDIT_HEADS.c.number <= newest - HEADS_KEPT,
            sa.or_(
                AUDIT_HEADS.c.number.not_in(first_of_each_hour),
                AUDIT_HEADS.c.time < now - DAYS_KEPT * _DAY,
            ),
        )
    )
