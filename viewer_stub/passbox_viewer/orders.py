"""What a person in charge orders: end a link, keep, delete, set the password.

The rule: an order is a row with who and why; the running viewer alone carries it out, and writes it
into the audit before. So the command line needs no right of its own to write the chain, works while
the viewer runs or not, and an order is obeyed within a second or before the first page is shown.
Every deed may be done twice: after a cut it is done again.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.ledger import reading
from passbox_viewer.errors import OrderRefused, UnknownTransfer
from passbox_viewer.tables import ORDERS
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId

MAX_AUTHOR: Final = 100
MAX_REASON: Final = 500
DONE: Final = "done"


class OrderKind(StrEnum):
    """What is ordered; the word stands in the audit."""

    REVOKE_LINKS = "links revoked"
    MINT_INBOX = "inbox link made"
    REVOKE_INBOX = "inbox links revoked"
    SET_PASSWORD = "password of the administrator set"  # noqa: S105  # a word of the audit
    HOLD = "held"
    RELEASE_HOLD = "no longer held"
    DELETE = "deletion ordered"


ABOUT_A_TRANSFER: Final = frozenset(
    {OrderKind.REVOKE_LINKS, OrderKind.HOLD, OrderKind.RELEASE_HOLD, OrderKind.DELETE}
)


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``subject``: a transfer id, a department, or nothing; ``value`` as the kind needs.

    ``outcome`` is empty until it is done, then DONE or why it was not.
    """

    id: int
    time: int
    author: str
    reason: str
    kind: OrderKind
    subject: str
    value: str
    outcome: str


Deed = Callable[[Order], None]


def place(
    engine: sa.Engine,
    kind: OrderKind,
    subject: str = "",
    value: str = "",
    *,
    author: str,
    reason: str,
    now: int,
) -> int:
    """Write an order and return its number; raise OrderRefused without an author and a reason."""
    who, why = " ".join(author.split()), " ".join(reason.split())
    if not 0 < len(who) <= MAX_AUTHOR or not 0 < len(why) <= MAX_REASON:
        raise OrderRefused("needs an author and a reason")
    row = {"time": now, "author": who, "reason": why, "kind": kind, "subject": subject}
    with engine.begin() as connection:
        adding = sa.insert(ORDERS).values(**row, value=value).returning(ORDERS.c.id)
        return int(connection.execute(adding).scalar_one())


def outcome(engine: sa.Engine, number: int) -> str:
    """Return what became of an order, empty while it waits for the running viewer."""
    with reading(engine) as connection:
        found = connection.scalar(sa.select(ORDERS.c.outcome).where(ORDERS.c.id == number))
    return str(found or "")


class Orders:
    """Carries orders out, one after the other. May be shared by threads."""

    def __init__(
        self, engine: sa.Engine, audit: AuditChain, clock: Clock, deeds: Mapping[OrderKind, Deed]
    ) -> None:
        self._engine = engine
        self._audit = audit
        self._clock = clock
        self._deeds = deeds
        self._lock = threading.Lock()

    def carry_out(self) -> int:
        """Do what waits, oldest first, and return how many; raise what base raises."""
        with self._lock:
            waiting = self._waiting()
            for order in waiting:
                self._do(order)
        return len(waiting)

    def obey(
        self, kind: OrderKind, subject: str = "", value: str = "", *, author: str, reason: str
    ) -> str:
        """Place an order, carry it out at once and return what became of it."""
        now = int(self._clock.now().timestamp())
        number = place(self._engine, kind, subject, value, author=author, reason=reason, now=now)
        self.carry_out()
        return outcome(self._engine, number)

    def _waiting(self) -> list[Order]:
        query = sa.select(ORDERS).where(ORDERS.c.done.is_(None)).order_by(ORDERS.c.id)
        with reading(self._engine) as connection:
            return [
                Order(
                    row.id, row.time, row.author, row.reason, OrderKind(row.kind), row.subject,
                    row.value, row.outcome,
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def _do(self, order: Order) -> None:
        about = order.kind in ABOUT_A_TRANSFER
        self._audit.append(
            order.kind, author=order.author, reason=order.reason, order=order.id,
            transfer_id=TransferId(order.subject) if about else None,
            department="" if about else order.subject,
        )  # fmt: skip
        try:
            self._deeds[order.kind](order)
            result = DONE
        except UnknownTransfer:
            result = "no such transfer"
        except IllegalTransition:
            result = "not now: it is on its way to the PACS"
        now = int(self._clock.now().timestamp())
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(ORDERS)
                .where(ORDERS.c.id == order.id)
                .values(done=now, outcome=result, value="")
            )
