"""Rows about transfers that stand still: when the last pack came, who was told, who let out.

Times are of this machine's clock at which a pack was durable in the spool.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from passbox_base.ledger import reading
from passbox_poller.tables import STANDSTILLS, TRANSFERS
from passbox_poller.verdict import OPEN_ENDED
from passbox_wire.ids import TransferId


def pack_came(connection: sa.Connection, transfer: TransferId, now: int) -> None:
    """Take note of a pack; ``now`` in Unix seconds."""
    row = {"transfer": transfer, "last_pack": now, "told": False, "released": False}
    adding = insert(STANDSTILLS).values(row)
    connection.execute(
        adding.on_conflict_do_update(index_elements=["transfer"], set_={"last_pack": now})
    )


@dataclass(frozen=True, slots=True)
class Silent:
    """A transfer that stands still, and the mailbox that waits for it."""

    transfer: TransferId
    recipient: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a transfer's standstill."""

    told: bool = False
    released: bool = False


class Standstills:
    """The rows about standstills in the poller's ledger. May be shared by threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def of(self, transfer: TransferId) -> Standing:
        """Return what is known of one transfer."""
        query = sa.select(STANDSTILLS).where(STANDSTILLS.c.transfer == transfer)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return Standing(row.told, row.released) if row is not None else Standing()

    def silent_since(self, time: int) -> list[Silent]:
        """Return who had no pack since ``time`` (Unix seconds) and was not told of, oldest first.

        Only transfers that are open-ended and whose inventory says for whom they are.
        """
        query = (
            sa.select(TRANSFERS.c.id, TRANSFERS.c.mail_to)
            .join(STANDSTILLS, STANDSTILLS.c.transfer == TRANSFERS.c.id)
            .where(
                STANDSTILLS.c.last_pack <= time,
                STANDSTILLS.c.told.is_(other=False),
                TRANSFERS.c.delivery.in_(OPEN_ENDED),
                TRANSFERS.c.finished.is_(other=False),
                TRANSFERS.c.mail_to != "",
            )
            .order_by(STANDSTILLS.c.last_pack)
        )
        with reading(self._engine) as connection:
            return [Silent(TransferId(row.id), row.mail_to) for row in connection.execute(query)]

    def told(self, transfers: Sequence[TransferId]) -> None:
        """Take note that the mail about these is in the outbox."""
        self._set(transfers, told=True)

    def release(self, transfer: TransferId) -> None:
        """Take note that a person let out what has come."""
        self._set([transfer], released=True)

    def _set(self, transfers: Sequence[TransferId], **values: bool) -> None:
        where = STANDSTILLS.c.transfer.in_(transfers)
        with self._engine.begin() as connection:
            connection.execute(sa.update(STANDSTILLS).where(where).values(**values))
