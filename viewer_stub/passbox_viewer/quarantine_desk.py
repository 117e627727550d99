"""The poller's quarantine as the admin's pages show it, and what people decide about it.

The poller holds the files and the truth; here is its last list, and numbered decisions that it
fetches. A file whose line changed after a decision stays in spite of it, and its reason says why.
The rule: who decided and why is in the audit here before the decision is written, as it is
in the poller's before the deed. A file leaves this list when the poller's next one lacks it.

Among the decisions is the release of a transfer that stands still; it is on no list, the poller's
delivery told of it.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.ledger import reading
from passbox_viewer.events import Bell
from passbox_viewer.tables import DECISIONS, QUARANTINED, QUARANTINED_TOTAL
from passbox_wire.ids import TransferId
from passbox_wire.inner.quarantine import (
    MAX_DECISIONS,
    Action,
    Decision,
    Quarantined,
    QuarantinedFile,
    parse_decision,
)

_ABOUT_A_FILE: Final = (Action.RELEASE, Action.DELETE)
_KEEP_SECONDS: Final = 90 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file on the list, and the last decision about it; ``tried``: it could not be done."""

    file: QuarantinedFile
    decided: Action | None
    tried: bool = False


class Heartbeat:
    """When the poller last spoke, by the monotonic clock."""

    def __init__(self) -> None:
        self._last: float | None = None

    def beat(self) -> None:
        """Note that it speaks now."""
        self._last = time.monotonic()

    @property
    def silent_seconds(self) -> int | None:
        """For how long it has not spoken; None: never since this process started."""
        return None if self._last is None else int(time.monotonic() - self._last)


class QuarantineDesk:
    """May be shared by threads."""

    def __init__(self, engine: sa.Engine, audit: AuditChain, clock: Clock, bell: Bell) -> None:
        self._engine = engine
        self._audit = audit
        self._clock = clock
        self._bell = bell
        self._releasing = threading.Lock()

    def keep(self, said: Quarantined) -> None:
        """Put the poller's list in the place of the one before."""
        with self._engine.begin() as connection:
            _note_tried(connection, said)
            connection.execute(sa.delete(QUARANTINED))
            connection.execute(sa.delete(QUARANTINED_TOTAL))
            connection.execute(sa.insert(QUARANTINED_TOTAL).values(total=said.total))
            if said.files:
                connection.execute(
                    sa.insert(QUARANTINED),
                    [
                        {
                            "transfer": file.transfer,
                            "file_index": file.index,
                            "reason": file.reason,
                            "size": file.size,
                            "since": file.since,
                        }
                        for file in said.files
                    ],
                )

    def total(self) -> int:
        """Return how many files wait, also those the list has no room for."""
        with reading(self._engine) as connection:
            return int(connection.scalar(sa.select(QUARANTINED_TOTAL.c.total)) or 0)

    def waiting(self, most: int) -> tuple[Waiting, ...]:
        """Return the oldest files of the list."""
        query = sa.select(QUARANTINED).order_by(
            QUARANTINED.c.since, QUARANTINED.c.transfer, QUARANTINED.c.file_index
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.limit(most)).all()
            decided = {
                (row.transfer, row.file_index): row
                for row in connection.execute(
                    sa.select(DECISIONS)
                    .where(DECISIONS.c.action.in_(_ABOUT_A_FILE))
                    .order_by(DECISIONS.c.sequence)
                )
            }
        return tuple(_waiting(row, decided.get((row.transfer, row.file_index))) for row in rows)

    def decide(
        self, transfer: TransferId, index: int, action: Action, *, author: str, reason: str
    ) -> bool:
        """Write a person's decision for the poller; False when the file is not on the list.

        Raises Malformed for words the poller would not take.
        """
        listed = sa.select(QUARANTINED.c.size).where(
            QUARANTINED.c.transfer == transfer, QUARANTINED.c.file_index == index
        )
        with reading(self._engine) as connection:
            if action not in _ABOUT_A_FILE or connection.scalar(listed) is None:
                return False
        self._write(f"quarantined file: {action}", transfer, index, action, author, reason)
        return True

    def release_transfer(self, transfer: TransferId, *, author: str, reason: str) -> None:
        """Write for the poller that what has come is to be shown; a second time writes nothing.

        Raises Malformed for words the poller would not take.
        """
        action = Action.RELEASE_TRANSFER
        with self._releasing:
            if self.released(transfer) is None:
                self._write("released as far as it came", transfer, 0, action, author, reason)

    def released(self, transfer: TransferId) -> Decision | None:
        """Return the decision to show what has come of a transfer, None before there is one."""
        query = sa.select(DECISIONS).where(
            DECISIONS.c.transfer == transfer, DECISIONS.c.action == Action.RELEASE_TRANSFER
        )
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(DECISIONS.c.sequence)).first()
        return _decision(row) if row is not None else None

    def _write(  # one parameter a thing that is decided
        self,
        event: str,
        transfer: TransferId,
        index: int,
        action: Action,
        author: str,
        reason: str,
    ) -> None:
        now = int(self._clock.now().timestamp())
        # What the poller cannot read would hold up every decision behind it.
        parse_decision(Decision(1, transfer, index, action, author, reason, now).to_json())
        self._audit.append(event, author=author, reason=reason, transfer_id=transfer, index=index)
        with self._engine.begin() as connection:
            old = DECISIONS.c.time < now - _KEEP_SECONDS
            connection.execute(sa.delete(DECISIONS).where(old))
            connection.execute(
                sa.insert(DECISIONS).values(
                    transfer=transfer, file_index=index, action=action, author=author,
                    reason=reason, time=now, tried=False,
                )
            )  # fmt: skip
        self._bell.ring()

    def decisions(self, after: int) -> tuple[Decision, ...]:
        """Return what was decided behind a sequence, oldest first."""
        query = sa.select(DECISIONS).where(DECISIONS.c.sequence > after)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(DECISIONS.c.sequence).limit(MAX_DECISIONS))
            return tuple(map(_decision, rows))


def _waiting(row: sa.Row[Any], decided: sa.Row[Any] | None) -> Waiting:
    file = QuarantinedFile(
        TransferId(row.transfer), row.file_index, row.reason, row.size, row.since
    )
    if decided is None:
        return Waiting(file, None)
    return Waiting(file, Action(decided.action), decided.tried)


def _note_tried(connection: sa.Connection, said: Quarantined) -> None:
    """Note the decisions about files that are still there, and there for a reason said anew."""
    before = {
        (row.transfer, row.file_index): (row.reason, row.since)
        for row in connection.execute(sa.select(QUARANTINED))
    }
    for file in said.files:
        known = before.get((file.transfer, file.index))
        if known is not None and known != (file.reason, file.since):
            connection.execute(
                sa.update(DECISIONS)
                .where(DECISIONS.c.transfer == file.transfer, DECISIONS.c.file_index == file.index)
                .where(DECISIONS.c.action.in_(_ABOUT_A_FILE))
                .values(tried=True)
            )


def _decision(row: sa.Row[Any]) -> Decision:
    return Decision(
        row.sequence, TransferId(row.transfer), row.file_index, Action(row.action), row.author,
        row.reason, row.time,
    )  # fmt: skip
