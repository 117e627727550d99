"""What the inside is told: transfers that are new, changed or still waiting to be pulled.

The rule: each change that matters inside stamps its transfer with the next value of one counter;
who asks with the counter's last value is answered as soon as it is higher. What waits is told
again with every answer, so nothing depends on an answer having arrived. Half of an answer is kept
for what is new: a backlog cannot hide it.

A transfer without a pack is not told: opening thousands costs the inside nothing.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from passbox_receiver.ledger import WORK, counter
from passbox_receiver.monitor import pending_alarms
from passbox_receiver.sources import hidden
from passbox_receiver.tables import receipts, transfers
from passbox_receiver.uploads import ENDED, Upload, from_row
from passbox_wire.ids import DestinationId
from passbox_wire.inner.receiver import MAX_WORK, Alarm, WorkItem
from passbox_wire.receipts import CoarseState
from passbox_wire.states import UploadState

_HALF: Final = MAX_WORK // 2
_OVER: Final = [UploadState.CLOSED, *ENDED]


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to answer; ``cursor`` is where to ask from next."""

    cursor: int
    items: tuple[WorkItem, ...]
    alarms: tuple[Alarm, ...]


def find_work(
    connection: sa.Connection, destination: DestinationId, cursor: int, secret: bytes
) -> Found:
    """Return the work of a destination that knows everything up to ``cursor``."""
    now_at = counter(connection, WORK)
    if cursor > now_at:  # a ledger that was put back: begin anew
        cursor = 0
    ours = sa.and_(transfers.c.destination == destination, transfers.c.packs > 0)
    new = _uploads(
        connection,
        sa.and_(ours, transfers.c.change > cursor, ~_finished()),
        transfers.c.change,
        _HALF + 1,
    )
    waiting = _uploads(
        connection,
        sa.and_(ours, transfers.c.change <= cursor, transfers.c.waiting > 0),
        transfers.c.opened,
        _HALF,
    )
    if len(new) > _HALF:
        new = new[:_HALF]
        now_at = new[-1].change
    told = sorted([*new, *waiting], key=lambda upload: upload.opened)
    items = tuple(_item(upload, secret) for upload in told)
    return Found(now_at, items, pending_alarms(connection))


def is_news(connection: sa.Connection, cursor: int) -> bool:
    """Return whether anything happened that somebody at ``cursor`` has not heard."""
    return counter(connection, WORK) != cursor


def _finished() -> sa.ColumnElement[bool]:
    """Nothing comes any more, nothing waits, and the inside has said its last coarse word."""
    said = sa.select(receipts.c.transfer).where(receipts.c.state != CoarseState.CHECKING)
    return sa.and_(
        transfers.c.state.in_(_OVER), transfers.c.waiting == 0, transfers.c.transfer.in_(said)
    )


def _uploads(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    order: sa.Column[int],
    most: int,
) -> list[Upload]:
    query = sa.select(transfers).where(which).order_by(order).limit(most)
    return [from_row(row) for row in connection.execute(query)]


def _item(upload: Upload, secret: bytes) -> WorkItem:
    return WorkItem(
        transfer=upload.transfer,
        state=upload.state,
        public_key=upload.public_key,
        source=hidden(upload.source, secret),
        total_bytes=upload.total_bytes,
        packs=upload.packs,
        waiting=upload.waiting,
        packs_sha256=upload.packs_sha256,
        signature=upload.signature,
        opened=upload.opened,
        last_pack=upload.last_seen,
    )
