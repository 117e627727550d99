"""A transfer as the viewer knows it: what the poller says, and what people did with it.

The forward state is written here alone, by the contract's table; each change goes with its event in
one transaction, after its line in the audit. Every message may come twice and then changes nothing.
"""

import base64
import uuid
from typing import Final

import sqlalchemy as sa

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.ledger import reading
from passbox_viewer import events, index, links
from passbox_viewer.errors import UnknownTransfer
from passbox_viewer.events import Bell
from passbox_viewer.existing import Answer
from passbox_viewer.identity import LocalIdentity
from passbox_viewer.instances import Forwarding
from passbox_viewer.links import Entropy
from passbox_viewer.patients import Decided, Patients, Verdict
from passbox_viewer.refusal import Refusal, RefusalReason
from passbox_viewer.renaming import Renaming
from passbox_viewer.store import Store
from passbox_viewer.tables import DELETIONS, TRANSFERS
from passbox_viewer.transfer import DECIDED, LINK_HOLDER, MORE_CAME, Request, Transfer
from passbox_wire import states
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import Delivery, EventKind, Facts, parse_delivery, parse_facts
from passbox_wire.states import ForwardEvent, ForwardState

AE_TITLE_BYTES: Final = 10
_SALT_BYTES: Final = 16
_DAY: Final = 24 * 60 * 60
AUTHOR: Final = "viewer"


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
        fresh = {
            "ae_title": title,
            "registered": int(self._clock.now().timestamp()),
            "forward_state": ForwardState.STAGED,
            "forward_pacs": "",
            "forward_problem": "",
            **_said(facts),
        }
        same = TRANSFERS.c.id == facts.transfer
        with self._engine.begin() as connection:
            known = connection.execute(
                sa.select(TRANSFERS.c.ae_title, TRANSFERS.c.deleted).where(same)
            ).first()
            if known is None:
                connection.execute(sa.insert(TRANSFERS).values(id=facts.transfer, **fresh))
                return title
            if known.deleted is None:
                connection.execute(sa.update(TRANSFERS).where(same).values(**_said(facts)))
                return str(known.ae_title)
            # What comes after everything was deleted is new: nothing of before is opened by it.
            connection.execute(sa.delete(DELETIONS).where(DELETIONS.c.transfer == facts.transfer))
            again = fresh | {"deleted": None, "warned": None}
            connection.execute(sa.update(TRANSFERS).where(same).values(**again))
        return title

    def of_ae_title(self, untrusted_title: str) -> TransferId | None:
        """Return the transfer whose namespace this is, None when there is none."""
        query = sa.select(TRANSFERS.c.id).where(
            TRANSFERS.c.ae_title == untrusted_title, TRANSFERS.c.deleted.is_(None)
        )
        with reading(self._engine) as connection:
            found = connection.scalar(query)
        return TransferId(found) if found is not None else None

    def opened_by(self, untrusted_token: str, *, released: bool = True) -> TransferId | None:
        """Return the transfer a link opens, None for any other token.

        One that is not released to people is opened only where it is asked for (``released``
        False): no image of it may be shown.
        """
        now = int(self._clock.now().timestamp())
        with reading(self._engine) as connection:
            found = links.opened_by(connection, untrusted_token, now, self._link_seconds)
            state = sa.select(TRANSFERS.c.forward_state).where(TRANSFERS.c.id == found)
            if released and connection.scalar(state) == ForwardState.STAGED:
                return None
            return found

    def open_until(self, token: str) -> int | None:
        """Return when a link expires, in Unix seconds; None without one."""
        with reading(self._engine) as connection:
            return links.ends(connection, token, self._link_seconds)

    def links(self, transfer: TransferId) -> tuple[links.Link, ...]:
        """Return every link of a transfer, the newest first."""
        with reading(self._engine) as connection:
            return links.of_transfer(connection, transfer, self._link_seconds)

    def revoke_links(self, transfer: TransferId) -> None:
        """End every link of a transfer; raise UnknownTransfer."""
        with self._engine.begin() as connection:
            self._read(connection, transfer)
            links.revoke(connection, transfer, int(self._clock.now().timestamp()))

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
        """Note where the delivery stands; the first visible one mints the link.

        Images that came after all others were proved are not in the PACS, and that is told.
        """
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
                .values(delivery=delivery.encode(), phone_code=delivery.phone_code)
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
        if known.forward_state is ForwardState.IN_PACS:
            rows = index.instances(self._engine, transfer)
            if any(row.waits and not known.patients.leaves_out(row) for row in rows):
                proved = sum(row.forwarding is Forwarding.IN_PACS for row in rows)
                self.forward_failed(transfer, MORE_CAME, proved)
        self._bell.ring()

    def request_forward(self, transfer: TransferId, asked: Request) -> ForwardState:
        """A person asked for it: return the state before; a second request changes nothing.

        Raises IllegalTransition where it cannot be asked for.
        """
        identity = asked.identity
        self._audit.append(
            "forward asked for", author=asked.author, reason="study page", transfer_id=transfer,
            coerced=identity is not None, in_spite_of_mismatch=bool(identity and identity.reason),
            existing=str(asked.answer or ""),
        )  # fmt: skip
        with self._engine.begin() as connection:
            before = self._read(connection, transfer).forward_state
            self._move(connection, transfer, ForwardEvent.REQUESTED)
            if before in {ForwardState.VISIBLE, ForwardState.FAILED}:
                self._note(connection, transfer, pacs=asked.pacs, problem="", author=asked.author)
            if asked.anew and before in {ForwardState.VISIBLE, ForwardState.FAILED}:
                values = self._decided(asked)
                if before is ForwardState.VISIBLE and identity is not None:
                    values["identity"] = identity.encode()
                    values["patients"] = self._with_same(connection, transfer, asked).encode()
                same = TRANSFERS.c.id == transfer
                connection.execute(sa.update(TRANSFERS).where(same).values(values))
        return before

    def _decided(self, asked: Request) -> dict[str, str | int]:
        """Return what holds from the first request to an archive on, so that each try is alike."""
        new = asked.answer is Answer.NEW_UIDS
        salt = str(uuid.UUID(bytes=self._entropy(_SALT_BYTES), version=4)) if new else ""
        return {"new_uids": salt, "identity_time": int(self._clock.now().timestamp())}

    def _with_same(
        self, connection: sa.Connection, transfer: TransferId, asked: Request
    ) -> Patients:
        note = asked.identity.reason if asked.identity else ""
        now = int(self._clock.now().timestamp())
        same = (Decided(key, Verdict.SAME, "", note, asked.author, now) for key in asked.same)
        return self._read(connection, transfer).patients.with_word(same)

    def decide(
        self,
        transfer: TransferId,
        key: str,
        images: int,
        author: str,
        *,
        verdict: Verdict | None,
        refusal: Refusal | None = None,
        note: str = "",
    ) -> None:
        """A person said of one patient whether the ``images`` are sent; None: it is open again.

        ``refusal`` says why one is left out, ``note`` why one is the house's patient. Raises
        IllegalTransition while and after all is sent, and where no house's patient was given yet
        whom anybody could be.
        """
        word = None
        if verdict is not None:
            note, why = (refusal.note, refusal.reason) if refusal else (note, "")
            now = int(self._clock.now().timestamp())
            word = Decided(key, verdict, why, note, author, now)
        self._require_open(self.read(transfer), verdict)
        self._audit.append(
            "patient decided", author=author, reason=refusal.reason if refusal else "study page",
            transfer_id=transfer, instances=images, verdict=str(verdict or "open again"),
        )  # fmt: skip
        with self._engine.begin() as connection:
            known = self._read(connection, transfer)
            self._require_open(known, verdict)
            patients = known.patients
            patients = patients.with_word([word]) if word else patients.without_word(key)
            values = {"patients": patients.encode()}
            if known.forward_state is ForwardState.FAILED:
                values["forward_problem"] = DECIDED
            same = TRANSFERS.c.id == transfer
            connection.execute(sa.update(TRANSFERS).where(same).values(values))

    @staticmethod
    def _require_open(known: Transfer, verdict: Verdict | None) -> None:
        open_ = known.forward_state in {ForwardState.VISIBLE, ForwardState.FAILED}
        if not open_ or (verdict is Verdict.SAME and known.identity is None):
            raise IllegalTransition(known.forward_state, ForwardEvent.REQUESTED)

    def refuse(
        self, transfer: TransferId, refusal: Refusal, in_pacs: int, author: str = LINK_HOLDER
    ) -> None:
        """A person said that it is not ours; a second time changes nothing.

        ``in_pacs`` is what was proved before. Raises IllegalTransition while and after it is sent.
        """
        now = int(self._clock.now().timestamp())
        self._audit.append("refused", author=author, reason=refusal.reason, transfer_id=transfer)
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

    def looked_at(
        self, transfer: TransferId, link: str, author: str = LINK_HOLDER, event: str = "looked at"
    ) -> None:
        """Write into the audit that something is about to be shown; else it is not.

        ``link`` is the name of the link that opened it.
        """
        self._audit.append(event, author=author, reason="link", transfer_id=transfer, link=link)

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
        author: str | None = None,
    ) -> None:
        values = {
            "forward_problem": problem, "forward_pacs": pacs, "forward_time": time,
            "forward_author": author,
        }  # fmt: skip
        given = {name: value for name, value in values.items() if value is not None}
        connection.execute(sa.update(TRANSFERS).where(TRANSFERS.c.id == transfer).values(given))

    @staticmethod
    def _read(connection: sa.Connection, transfer: TransferId) -> Transfer:
        row = connection.execute(sa.select(TRANSFERS).where(TRANSFERS.c.id == transfer)).first()
        if row is None or row.deleted is not None:
            raise UnknownTransfer("no such transfer is here")
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
            Renaming(row.new_uids),
            Patients.parse(row.patients),
            row.forward_author,
        )


def _said(facts: Facts) -> dict[str, object]:
    """Return the columns that hold facts, also those they are looked for by."""
    return {"facts": facts.encode(), "department": facts.department}
