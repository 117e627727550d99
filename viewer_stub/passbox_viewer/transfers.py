"""A transfer as the viewer knows it: what the poller says, and what people did with it.

The forward state is written here alone, by the contract's table; each change goes with its event in
one transaction, after its line in the audit. Every message may come twice and then changes nothing.
"""

import base64
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.ledger import reading
from passbox_viewer import events, links
from passbox_viewer.errors import UnknownTransfer
from passbox_viewer.events import Bell
from passbox_viewer.identity import LocalIdentity
from passbox_viewer.links import Entropy
from passbox_viewer.refusal import Refusal, RefusalReason
from passbox_viewer.store import Store
from passbox_viewer.tables import TRANSFERS
from passbox_wire import states
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import Delivery, EventKind, Facts, parse_delivery, parse_facts
from passbox_wire.states import ForwardEvent, ForwardState

AE_TITLE_BYTES: Final = 10
_DAY: Final = 24 * 60 * 60
AUTHOR: Final = "viewer"
LINK_HOLDER: Final = "holder of the link"
"""Until there is a login that is all we know of who acts."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer. ``delivery`` is None until the poller spoke of it.

    ``forward_pacs`` names the PACS last asked, ``forward_problem`` is a stable word, both may be
    empty; ``forward_time`` in Unix seconds. ``identity`` is the house's patient, given with the
    first request to forward and never changed: all its images go under one identity.
    """

    id: TransferId
    ae_title: str
    facts: Facts
    delivery: Delivery | None
    forward_state: ForwardState
    forward_pacs: str
    forward_problem: str
    forward_time: int | None
    refusal: Refusal | None = None
    identity: LocalIdentity | None = None
    identity_time: int | None = None


class Transfers:
    """The one writer of the transfers table. May be shared by threads."""

    def __init__(
        self,
        engine: sa.Engine,
        store: Store,
        audit: AuditChain,
        *,
        clock: Clock,
        entropy: Entropy,
        base_url: str,
        link_days: int,
        bell: Bell,
    ) -> None:
        """``base_url`` is what every link begins with, ``link_days`` how long one works."""
        self._link_seconds = link_days * _DAY
        self._engine = engine
        self._store = store
        self._audit = audit
        self._clock = clock
        self._entropy = entropy
        self._base_url = base_url
        self._bell = bell

    def register(self, facts: Facts) -> str:
        """Return the AE title of the transfer's namespace, the same for the same transfer.

        Facts may be said anew; the last ones are shown.
        """
        self._store.prepare(facts.transfer)
        title = base64.b32encode(self._entropy(AE_TITLE_BYTES)).decode()
        with self._engine.begin() as connection:
            known = connection.scalar(
                sa.select(TRANSFERS.c.ae_title).where(TRANSFERS.c.id == facts.transfer)
            )
            if known is not None:
                same = TRANSFERS.c.id == facts.transfer
                connection.execute(sa.update(TRANSFERS).where(same).values(facts=facts.encode()))
                return str(known)
            connection.execute(
                sa.insert(TRANSFERS).values(
                    id=facts.transfer,
                    ae_title=title,
                    facts=facts.encode(),
                    forward_state=ForwardState.STAGED,
                    forward_pacs="",
                    forward_problem="",
                )
            )
        return title

    def of_ae_title(self, untrusted_title: str) -> TransferId | None:
        """Return the transfer whose namespace this is, None when there is none."""
        query = sa.select(TRANSFERS.c.id).where(TRANSFERS.c.ae_title == untrusted_title)
        with reading(self._engine) as connection:
            found = connection.scalar(query)
        return TransferId(found) if found is not None else None

    def opened_by(self, untrusted_token: str) -> TransferId | None:
        """Return the transfer a link opens, None for any other token."""
        oldest = int(self._clock.now().timestamp()) - self._link_seconds
        with reading(self._engine) as connection:
            return links.opened_by(connection, untrusted_token, oldest)

    def open_until(self, transfer: TransferId) -> int | None:
        """Return when the link of a transfer expires, in Unix seconds; None without one."""
        with reading(self._engine) as connection:
            minted = links.minted_for(connection, transfer)
        return minted + self._link_seconds if minted is not None else None

    def read(self, transfer: TransferId) -> Transfer:
        """Return what is known; raise UnknownTransfer."""
        with reading(self._engine) as connection:
            return self._read(connection, transfer)

    def in_state(self, state: ForwardState) -> list[TransferId]:
        """Return the transfers in one state: what to take up again after a restart."""
        query = sa.select(TRANSFERS.c.id).where(TRANSFERS.c.forward_state == state)
        with reading(self._engine) as connection:
            return [TransferId(found) for found in connection.scalars(query)]

    def deliver(self, transfer: TransferId, delivery: Delivery) -> None:
        """Note where the delivery stands; the first visible one mints the link."""
        known = self.read(transfer)
        becomes_visible = delivery.visible and known.forward_state is ForwardState.STAGED
        if becomes_visible:
            self._audit.append(
                "visible", author=AUTHOR, reason="delivery", transfer_id=transfer,
                state=delivery.state, instances=delivery.delivered,
            )  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(TRANSFERS)
                .where(TRANSFERS.c.id == transfer)
                .values(delivery=delivery.encode())
            )
            # Read again under the write lock: of two equal messages at once only one mints.
            if delivery.visible and self._read(connection, transfer).forward_state is (
                ForwardState.STAGED
            ):
                self._move(connection, transfer, ForwardEvent.RELEASED)
                now = int(self._clock.now().timestamp())
                token = links.mint(connection, transfer, now, self._entropy)
                link = self._base_url.rstrip("/") + links.PATH.format(token=token)
                events.append(connection, transfer, EventKind.VISIBLE, now=now, link=link)
        self._bell.ring()

    def request_forward(
        self, transfer: TransferId, pacs: str, identity: LocalIdentity | None = None
    ) -> ForwardState:
        """A person asked for it: return the state before; a second request changes nothing.

        Raises IllegalTransition where it cannot be asked for.
        """
        self._audit.append(
            "forward asked for", author=LINK_HOLDER, reason="study page", transfer_id=transfer,
            coerced=identity is not None, in_spite_of_mismatch=bool(identity and identity.reason),
        )  # fmt: skip
        now = int(self._clock.now().timestamp())
        with self._engine.begin() as connection:
            before = self._read(connection, transfer).forward_state
            self._move(connection, transfer, ForwardEvent.REQUESTED)
            if before in {ForwardState.VISIBLE, ForwardState.FAILED}:
                self._note(connection, transfer, pacs=pacs, problem="")
            if before is ForwardState.VISIBLE and identity is not None:
                connection.execute(
                    sa.update(TRANSFERS)
                    .where(TRANSFERS.c.id == transfer)
                    .values(identity=identity.encode(), identity_time=now)
                )
        return before

    def refuse(self, transfer: TransferId, refusal: Refusal, in_pacs: int) -> None:
        """A person said that it is not ours; a second time changes nothing.

        ``in_pacs`` is what was proved before. Raises IllegalTransition while and after it is sent.
        """
        now = int(self._clock.now().timestamp())
        self._audit.append(
            "refused", author=LINK_HOLDER, reason=refusal.reason, transfer_id=transfer
        )
        with self._engine.begin() as connection:
            before = self._read(connection, transfer).forward_state
            self._move(connection, transfer, ForwardEvent.REFUSED_BY_STAFF)
            if before is ForwardState.REFUSED:
                return
            connection.execute(
                sa.update(TRANSFERS)
                .where(TRANSFERS.c.id == transfer)
                .values(refusal=refusal.reason, refusal_note=refusal.note)
            )
            self._note(connection, transfer, problem="", time=now)
            events.append(connection, transfer, EventKind.REFUSED, now=now, in_pacs=in_pacs)
        self._bell.ring()

    def looked_at(self, transfer: TransferId) -> None:
        """Write into the audit that the page is about to be shown; else it is not."""
        self._audit.append("looked at", author=LINK_HOLDER, reason="link", transfer_id=transfer)

    def forward_proved(self, transfer: TransferId, in_pacs: int) -> None:
        """The PACS itself vouched for everything that could be sent."""
        self._finish(transfer, ForwardEvent.PROVED, EventKind.FORWARDED, "", in_pacs)

    def forward_failed(self, transfer: TransferId, problem: str, in_pacs: int) -> None:
        """Not everything is there; ``problem`` is a stable word, ``in_pacs`` what was proved."""
        self._finish(transfer, ForwardEvent.FAILED, EventKind.FORWARD_FAILED, problem, in_pacs)

    def _finish(
        self,
        transfer: TransferId,
        event: ForwardEvent,
        kind: EventKind,
        problem: str,
        in_pacs: int,
    ) -> None:
        now = int(self._clock.now().timestamp())
        self._audit.append(
            kind, author=AUTHOR, reason=problem or "vouched for by the PACS", transfer_id=transfer,
            instances=in_pacs,
        )  # fmt: skip
        with self._engine.begin() as connection:
            self._move(connection, transfer, event)
            self._note(connection, transfer, problem=problem, time=now)
            events.append(connection, transfer, kind, now=now, in_pacs=in_pacs)
        self._bell.ring()

    def _move(self, connection: sa.Connection, transfer: TransferId, event: ForwardEvent) -> None:
        state = self._read(connection, transfer).forward_state
        following = states.after(states.FORWARD, state, event)
        connection.execute(
            sa.update(TRANSFERS).where(TRANSFERS.c.id == transfer).values(forward_state=following)
        )

    @staticmethod
    def _note(
        connection: sa.Connection,
        transfer: TransferId,
        *,
        problem: str,
        pacs: str | None = None,
        time: int | None = None,
    ) -> None:
        values = {"forward_problem": problem, "forward_pacs": pacs, "forward_time": time}
        given = {name: value for name, value in values.items() if value is not None}
        connection.execute(sa.update(TRANSFERS).where(TRANSFERS.c.id == transfer).values(given))

    @staticmethod
    def _read(connection: sa.Connection, transfer: TransferId) -> Transfer:
        row = connection.execute(sa.select(TRANSFERS).where(TRANSFERS.c.id == transfer)).first()
        if row is None:
            raise UnknownTransfer("no such transfer was registered")
        return Transfer(
            TransferId(row.id),
            row.ae_title,
            parse_facts(row.facts),
            parse_delivery(row.delivery) if row.delivery is not None else None,
            ForwardState(row.forward_state),
            row.forward_pacs,
            row.forward_problem,
            row.forward_time,
            Refusal(RefusalReason(row.refusal), row.refusal_note) if row.refusal else None,
            LocalIdentity.parse(row.identity) if row.identity else None,
            row.identity_time,
        )
