"""Who is to hear of which delivery, and which mail told it: rows of the ledger.

The rule: what waits and what went within the hour is here and not in memory, so limits hold over
restarts. The link is forgotten once it is mailed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from passbox_base.ledger import reading
from passbox_poller.tables import NOTICES, TRANSFERS
from passbox_wire.ids import TransferId
from passbox_wire.states import DeliveryState


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A recipient who has not heard of a delivery yet."""

    transfer: TransferId
    recipient: str
    link: str
    delivery: DeliveryState
    manifest_sha256: bytes | None


class Notices:
    """The notices of one ledger. May be shared by threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, transfer: TransferId, recipient: str, link: str, time: int) -> None:
        """Keep who is to hear of a delivery; one that is known stays as it is."""
        row = {"transfer": transfer, "recipient": recipient, "link": link, "time": time}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(NOTICES).prefix_with("OR IGNORE").values(row))

    def waiting(self) -> list[WaitingNotice]:
        """Return the notices that no mail was made of, oldest first."""
        query = (
            sa.select(NOTICES, TRANSFERS.c.delivery, TRANSFERS.c.manifest_sha256)
            .join(TRANSFERS, TRANSFERS.c.id == NOTICES.c.transfer)
            .where(NOTICES.c.mail.is_(None))
            .order_by(NOTICES.c.time, NOTICES.c.transfer)
        )
        with reading(self._engine) as connection:
            return [
                WaitingNotice(
                    TransferId(row.transfer),
                    row.recipient,
                    row.link,
                    DeliveryState(row.delivery),
                    row.manifest_sha256,
                )
                for row in connection.execute(query)
            ]

    def mails_to(self, recipient: str, since: int) -> int:
        """Return how many mails of notices went to ``recipient`` after ``since``, Unix seconds."""
        query = sa.select(sa.func.count(sa.distinct(NOTICES.c.mail))).where(
            NOTICES.c.recipient == recipient, NOTICES.c.mailed > since
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def mailed(self, transfers: Iterable[TransferId], mail: str, time: int) -> None:
        """Take note of the mail that was made of these notices; their links are forgotten."""
        rows = [{"key": transfer} for transfer in transfers]
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(NOTICES)
                .where(NOTICES.c.transfer == sa.bindparam("key"))
                .values(mail=mail, mailed=time, link=""),
                rows,
            )
