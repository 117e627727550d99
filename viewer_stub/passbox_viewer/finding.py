"""Transfers as the admin finds them: by id or phone code, with states and without patients."""

import re
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from passbox_base.ledger import reading
from passbox_viewer.instances import Forwarding
from passbox_viewer.tables import DELETIONS, INSTANCES, TRANSFERS
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import Facts, parse_delivery, parse_facts
from passbox_wire.receipts import CoarseState
from passbox_wire.states import DeliveryState, ForwardState

MOST: Final = 50
_HEX: Final = re.compile(r"[0-9a-f]{4,32}\Z")
_LOOK_ALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_PHONE: Final = re.compile(r"[0-9A-Z]{8}\Z")


@dataclass(frozen=True, slots=True)
class Deletion:
    """The record of a deletion; ``time`` in Unix seconds, ``size`` in bytes."""

    time: int
    author: str
    reason: str
    instances: int
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """One transfer; ``registered`` by this machine's clock, ``facts`` are the sender's claims."""

    id: TransferId
    registered: int
    facts: Facts
    phone_code: str
    delivery: DeliveryState | None
    forward: ForwardState
    instances: int
    in_pacs: int
    hold: str
    deletion: Deletion | None

    @property
    def seen(self) -> CoarseState:
        """What the sender's receipt says."""
        if self.delivery is None:
            return CoarseState.CHECKING
        return _SEEN[self.delivery]


_SEEN: Final = {
    DeliveryState.ARRIVING: CoarseState.CHECKING,
    DeliveryState.ABANDONED: CoarseState.CHECKING,
    DeliveryState.COMPLETE: CoarseState.DELIVERED,
    DeliveryState.PARTIAL: CoarseState.PARTLY_DELIVERED,
    DeliveryState.REFUSED: CoarseState.REFUSED,
    DeliveryState.WITHDRAWN: CoarseState.WITHDRAWN,
}


def find(engine: sa.Engine, untrusted_words: str) -> tuple[Found, ...]:
    """Return the transfers an id's beginning (four digits at least) or a phone code names.

    Blank words: the last ones. The newest first, MOST at most.
    """
    words = untrusted_words.strip()[:64]
    query = sa.select(TRANSFERS)
    if words:
        letters = words.upper().translate(_LOOK_ALIKES)
        named = []
        if _HEX.match(words.lower()):
            named.append(TRANSFERS.c.id.startswith(words.lower()))
        if _PHONE.match(letters):
            named.append(TRANSFERS.c.phone_code == f"{letters[:4]}-{letters[4:]}")
        if not named:
            return ()
        query = query.where(sa.or_(*named))
    query = query.order_by(TRANSFERS.c.registered.desc(), TRANSFERS.c.id).limit(MOST)
    with reading(engine) as connection:
        return tuple(_found(connection, row) for row in connection.execute(query).all())


def one(engine: sa.Engine, untrusted_id: str) -> Found | None:
    """Return a transfer, also one that was deleted; None for no such id."""
    query = sa.select(TRANSFERS).where(TRANSFERS.c.id == untrusted_id)
    with reading(engine) as connection:
        row = connection.execute(query).first()
        return _found(connection, row) if row is not None else None


def _found(connection: sa.Connection, row: sa.Row[Any]) -> Found:
    mine = INSTANCES.c.transfer == row.id
    proved = INSTANCES.c.forwarding == Forwarding.IN_PACS
    counted = sa.select(sa.func.count(), sa.func.sum(sa.case((proved, 1), else_=0))).where(mine)
    instances, in_pacs = connection.execute(counted).one()
    gone = connection.execute(sa.select(DELETIONS).where(DELETIONS.c.transfer == row.id)).first()
    return Found(
        TransferId(row.id),
        row.registered,
        parse_facts(row.facts),
        row.phone_code,
        parse_delivery(row.delivery).state if row.delivery is not None else None,
        ForwardState(row.forward_state),
        instances,
        int(in_pacs or 0),
        row.hold,
        Deletion(gone.time, gone.author, gone.reason, gone.instances, gone.bytes) if gone else None,
    )
