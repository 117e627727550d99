"""How long images stay: the clock of each department, its warning, holds, and the deletion.

The rule: the clock runs from when a transfer was registered here, by this machine's own time: the
time the facts tell came through the DMZ, which must not be able to have images deleted. Nothing
that is held or on its way to the PACS is deleted. First the audit, then one transaction takes the
transfer out of the ledger and leaves a record in numbers, then the files go; what a cut left is
finished at the next start. The record holds no patient and no sender.
"""

import contextlib
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.ledger import forget_deleted, reading
from passbox_base.logs import get_logger
from passbox_viewer import attachments, events, index, links
from passbox_viewer.errors import UnknownTransfer
from passbox_viewer.events import Bell
from passbox_viewer.links import Entropy
from passbox_viewer.settings import Retention
from passbox_viewer.store import Store
from passbox_viewer.tables import (
    ATTACHMENTS,
    DELETIONS,
    EVENTS,
    INSTANCES,
    LINKS,
    TRANSFERS,
)
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import EventKind, Facts
from passbox_wire.inventory import Sender
from passbox_wire.states import ForwardEvent, ForwardState

DAY: Final = 24 * 60 * 60
AUTHOR: Final = "viewer"
MOST_WARNINGS: Final = 10
"""Mails a day and department; the others of a flood are told the next day, if there is one."""
_WARNED_STATES: Final = frozenset({ForwardState.VISIBLE, ForwardState.FAILED})

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Term:
    """For how long a transfer stays; ``ends`` in Unix seconds, ``hold`` why it stays longer."""

    transfer: TransferId
    department: str
    registered: int
    days: int
    state: ForwardState
    hold: str
    warned: bool

    @property
    def ends(self) -> int:
        """When it may be deleted."""
        return self.registered + self.days * DAY

    def over(self, now: int) -> bool:
        """Return whether it is to be deleted now."""
        return now >= self.ends and not self.hold and self.state is not ForwardState.FORWARDING

    def to_be_warned_of(self, now: int, warn_days: int) -> bool:
        """Return whether people should hear of it now: something is left for them to do."""
        soon = now >= self.ends - warn_days * DAY
        return (
            soon and bool(warn_days) and not self.warned and not self.hold
            and now < self.ends and self.state in _WARNED_STATES
        )  # fmt: skip


def terms(engine: sa.Engine, retention: Retention) -> list[Term]:
    """Return the terms of all transfers that are here, the first to end first."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(TRANSFERS).where(TRANSFERS.c.deleted.is_(None))).all()
    return sorted((_term(row, retention) for row in rows), key=lambda term: term.ends)


def term(engine: sa.Engine, retention: Retention, transfer: TransferId) -> Term | None:
    """Return the term of one transfer, None when it is not here."""
    query = sa.select(TRANSFERS).where(TRANSFERS.c.id == transfer, TRANSFERS.c.deleted.is_(None))
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return _term(row, retention) if row is not None else None


class Keeper:
    """Keeps the clocks. Called by one thread at a time for each transfer."""

    def __init__(  # the parts of a viewer
        self,
        engine: sa.Engine,
        store: Store,
        audit: AuditChain,
        retention: Retention,
        *,
        clock: Clock,
        entropy: Entropy,
        base_url: str,
        bell: Bell,
    ) -> None:
        self._engine = engine
        self._store = store
        self._audit = audit
        self._retention = retention
        self._clock = clock
        self._entropy = entropy
        self._base_url = base_url.rstrip("/")
        self._bell = bell

    def sweep(self) -> None:
        """Warn of what ends soon and delete what has ended; raise what base raises."""
        now = self._now()
        forget_deleted(self._engine)  # a reader may have been in the way of the last deletion
        for one in terms(self._engine, self._retention):
            if one.over(now):
                with contextlib.suppress(IllegalTransition, UnknownTransfer):  # asked for meanwhile
                    self.delete(one.transfer, AUTHOR, f"kept for {one.days} days")
            elif (
                one.to_be_warned_of(now, self._retention.warn_days)
                and self._warned_today(one.department, now) < MOST_WARNINGS
            ):
                self._warn(one, now)

    def hold(self, transfer: TransferId, why: str) -> None:
        """Keep a transfer beyond its time; an empty ``why`` ends that. Raises UnknownTransfer."""
        here = (TRANSFERS.c.id == transfer) & TRANSFERS.c.deleted.is_(None)
        with self._engine.begin() as connection:
            changing = sa.update(TRANSFERS).where(here).values(hold=why)
            if not connection.execute(changing.returning(TRANSFERS.c.id)).all():
                raise UnknownTransfer("no such transfer is here")

    def delete(self, transfer: TransferId, author: str, reason: str) -> None:
        """Delete all of a transfer but a record in numbers.

        Raises UnknownTransfer, IllegalTransition while it is on its way to the PACS.
        """
        if term(self._engine, self._retention, transfer) is None:
            raise UnknownTransfer("no such transfer is here")
        rows = index.instances(self._engine, transfer)
        kept = attachments.attachments(self._engine, transfer)
        size = sum(row.data_set_bytes for row in rows) + sum(one.size for one in kept)
        self._audit.append(
            "deleted", author=author, reason=reason, transfer_id=transfer,
            instances=len(rows), attachments=len(kept), bytes=size,
        )  # fmt: skip
        with self._engine.begin() as connection:
            _refuse_while_forwarding(connection, transfer)
            _forget(connection, transfer, self._now())
            connection.execute(
                sa.insert(DELETIONS).values(
                    transfer=transfer, time=self._now(), author=author, reason=reason,
                    instances=len(rows), attachments=len(kept), bytes=size, finished=False,
                )
            )  # fmt: skip
            events.append(connection, transfer, EventKind.DELETED, now=self._now())
        self._finish(transfer)
        self._bell.ring()

    def finish(self) -> int:
        """Remove the files that a cut deletion left; return of how many transfers. At start."""
        query = sa.select(DELETIONS.c.transfer).where(~DELETIONS.c.finished)
        with reading(self._engine) as connection:
            left = [TransferId(found) for found in connection.scalars(query)]
        for transfer in left:
            self._finish(transfer)
        return len(left)

    def _finish(self, transfer: TransferId) -> None:
        self._store.remove_transfer(transfer)
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(DELETIONS).where(DELETIONS.c.transfer == transfer).values(finished=True)
            )
        wiped = forget_deleted(self._engine)
        _LOG.info("transfer deleted", transfer_id=transfer, ledger_wiped=wiped)

    def _warned_today(self, department: str, now: int) -> int:
        query = sa.select(sa.func.count()).where(
            TRANSFERS.c.department == department, TRANSFERS.c.warned > now - DAY
        )
        with reading(self._engine) as connection:
            return int(connection.scalar(query) or 0)

    def _warn(self, one: Term, now: int) -> None:
        self._audit.append(
            "deletion announced", author=AUTHOR, reason=f"kept for {one.days} days",
            transfer_id=one.transfer, ends=one.ends,
        )  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(TRANSFERS).where(TRANSFERS.c.id == one.transfer).values(warned=now)
            )
            token = links.mint(connection, one.transfer, now, self._entropy, expires=one.ends)
            link = self._base_url + links.PATH.format(token=token)
            events.append(connection, one.transfer, EventKind.EXPIRING, now=one.ends, link=link)
        self._bell.ring()

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _term(row: sa.Row[Any], retention: Retention) -> Term:
    return Term(
        TransferId(row.id),
        row.department,
        row.registered,
        retention.days_for(row.department),
        ForwardState(row.forward_state),
        row.hold,
        row.warned is not None,
    )


def _refuse_while_forwarding(connection: sa.Connection, transfer: TransferId) -> None:
    here = (TRANSFERS.c.id == transfer) & TRANSFERS.c.deleted.is_(None)
    state = connection.scalar(sa.select(TRANSFERS.c.forward_state).where(here))
    if state is None:
        raise UnknownTransfer("no such transfer is here")
    if state == ForwardState.FORWARDING:
        raise IllegalTransition(ForwardState.FORWARDING, ForwardEvent.REFUSED_BY_STAFF)


def _forget(connection: sa.Connection, transfer: TransferId, now: int) -> None:
    """Take out of the ledger what anybody said of it; only ids, times and states stay."""
    for table in (INSTANCES, ATTACHMENTS):
        connection.execute(sa.delete(table).where(table.c.transfer == transfer))
    connection.execute(
        sa.update(LINKS)
        .where(LINKS.c.transfer == transfer, LINKS.c.revoked.is_(None))
        .values(revoked=now)
    )
    connection.execute(sa.update(EVENTS).where(EVENTS.c.transfer == transfer).values(link=""))
    nobody = Facts(transfer, Sender("-", ""), "", "", "", 0, 0)
    connection.execute(
        sa.update(TRANSFERS)
        .where(TRANSFERS.c.id == transfer)
        .values(
            facts=nobody.encode(), delivery=None, identity="", patients="", refusal_note="",
            forward_author="", phone_code="", hold="", deleted=now,
        )
    )  # fmt: skip
