"""Bringing a transfer to the PACS when a person asks: question first, then send, then proof.

The rule: before anything the PACS is asked whether it knows the study; if it does, a human decides,
about exactly what was found. "In PACS" is said of an instance only when the PACS itself vouches for
it after our sending (proof.py); our C-STORE status alone never says it. What was proved is kept, so
a transfer that was cut goes on where it stopped, and pressing twice sends nothing twice.

The stored bytes are sent as they are, unless the person gave the house's Patient ID (coercing.py)
or the PACS refuses their transfer syntax: then a copy, proved to have the same pixels (copying.py).
Of two instances with one UID the first is sent:
a PACS can hold one.
"""

import hashlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from passbox_base.logs import get_logger
from passbox_dicom.uids import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from passbox_viewer import index
from passbox_viewer.commitment import Commitments
from passbox_viewer.copying import Copier
from passbox_viewer.describing import Describer
from passbox_viewer.errors import CannotCopy, PacsFailed, PacsUnreachable
from passbox_viewer.identity import LocalIdentity
from passbox_viewer.index import Index
from passbox_viewer.instances import Forwarding, Instance
from passbox_viewer.pacs import (
    MOST_CONTEXTS,
    SOP_CLASS_NOT_SUPPORTED,
    PacsLink,
    Sending,
    is_taken,
)
from passbox_viewer.proof import Prover, distinct, place
from passbox_viewer.settings import Forward, Pacs
from passbox_viewer.store import Store
from passbox_viewer.transfers import Transfer, Transfers
from passbox_wire.canonical import Json
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId
from passbox_wire.states import ForwardEvent, ForwardState

UNREACHABLE: Final = "unreachable"
CUT: Final = "cut"
NOT_TAKEN: Final = "not taken"
NOT_LISTED: Final = "not listed"
NOTHING_TO_SEND: Final = "nothing to send"
NOT_CONFIGURED: Final = "not configured"

PLAIN: Final = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE})
"""Transfer syntaxes that need no decoded copy."""

Coercion = dict[str, Json]
"""What coercing.py is told."""

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Existing:
    """What the PACS holds already of what is to be sent: a question for a human."""

    studies: frozenset[str]
    sop_instance_uids: frozenset[str]

    @property
    def digest(self) -> str:
        """Hash of exactly this finding: what a confirmation confirms."""
        lines = [*sorted(self.studies), "", *sorted(self.sop_instance_uids)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held here and what is known of it."""

    engine: sa.Engine
    store: Store
    index: Index
    transfers: Transfers
    describer: Describer


class Forwarder:
    """Asks in the caller's thread, sends in its own. One transfer at a time."""

    def __init__(
        self,
        holdings: Holdings,
        commitments: Commitments,
        copier: Copier,
        *,
        pacs: Sequence[Pacs],
        forward: Forward,
        pause: Callable[[float], None],
    ) -> None:
        self._engine = holdings.engine
        self._store = holdings.store
        self._index = holdings.index
        self._transfers = holdings.transfers
        self._describer = holdings.describer
        self._commitments = commitments
        self._copier = copier
        self._pacs = {one.name: one for one in pacs}
        self._forward = forward
        self._pause = pause
        self._waiting: queue.Queue[TransferId | None] = queue.Queue()
        self._ending = threading.Event()
        self._beginning = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="forwarder", daemon=True)

    @property
    def pacs_names(self) -> tuple[str, ...]:
        """The configured archives, the first one is offered first."""
        return tuple(self._pacs)

    def start(self) -> None:
        """Send in the background from now on, beginning with what an earlier run left."""
        for transfer in self._transfers.in_state(ForwardState.FORWARDING):
            self._waiting.put(transfer)
        self._thread.start()

    def stop(self) -> None:
        """End after the instance at hand; the rest goes on at the next start."""
        self._ending.set()
        self._commitments.release()
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def request(
        self,
        transfer: TransferId,
        pacs: str,
        confirmed: str | None,
        identity: LocalIdentity | None = None,
    ) -> Existing | None:
        """A person asks to forward. Return what must be confirmed first, None when it has begun.

        ``confirmed`` is the digest of the finding that was confirmed, if one was; ``identity`` the
        house's patient, None to send the images as they came. Raises PacsFailed
        when the PACS cannot be asked, IllegalTransition when the transfer cannot be forwarded.
        """
        # After a failure our own images are no surprise there; in another archive they would be.
        known = self._transfers.read(transfer)
        state = known.forward_state
        if state is not ForwardState.VISIBLE and identity not in {None, known.identity}:
            # Some images may be there already under what was said first.
            raise IllegalTransition(state, ForwardEvent.REQUESTED)
        if state is ForwardState.VISIBLE or self._failed_elsewhere(transfer, pacs):
            self._describer.complete(transfer)
            existing = self._ask(transfer, self._pacs[pacs])
            if existing is not None and existing.digest != confirmed:
                return existing
        with self._beginning:
            if self._failed_elsewhere(transfer, pacs):
                self._index.forget_forwarding(transfer)
            before = self._transfers.request_forward(transfer, pacs, identity)
        if before in {ForwardState.VISIBLE, ForwardState.FAILED}:
            self._waiting.put(transfer)
        return None

    def _failed_elsewhere(self, transfer: TransferId, pacs: str) -> bool:
        """Return whether what is known of the way is about another archive than ``pacs``."""
        known = self._transfers.read(transfer)
        return known.forward_state is ForwardState.FAILED and known.forward_pacs != pacs

    def _ask(self, transfer: TransferId, pacs: Pacs) -> Existing | None:
        rows = [row for row in index.instances(self._engine, transfer) if row.forwardable]
        studies: set[str] = set()
        ours_there: set[str] = set()
        with PacsLink(pacs, self._forward).asking() as question:
            places = distinct(place(row) for row in rows)
            for study in distinct(study for study, _ in places):
                if question.knows_study(study):
                    studies.add(study)
                    for series in (series for known, series in places if known == study):
                        ours_there |= question.held(study, series)
        ours_there &= {row.claims.sop_instance_uid for row in rows}
        return Existing(frozenset(studies), frozenset(ours_there)) if studies else None

    def _run(self) -> None:
        while (transfer := self._waiting.get()) is not None:
            try:
                self._bring(transfer)
            except Exception as error:  # noqa: BLE001  # the outermost loop: the next one must have its turn
                _LOG.error("forwarding broke off", transfer_id=transfer, exc_info=error)
            if self._ending.is_set():
                return

    def _bring(self, transfer: TransferId) -> None:
        """Send and prove one transfer, and write down how it ended."""
        known = self._transfers.read(transfer)
        if known.forward_state is not ForwardState.FORWARDING:
            return
        pacs = self._pacs.get(known.forward_pacs)
        self._describer.complete(transfer)
        problem = NOT_CONFIGURED if pacs is None else self._send_and_prove(known, pacs)
        if self._ending.is_set():
            return
        rows = index.instances(self._engine, transfer)
        proved = sum(row.forwarding is Forwarding.IN_PACS for row in rows)
        if problem is None:
            self._transfers.forward_proved(transfer, proved)
        else:
            self._transfers.forward_failed(transfer, problem, proved)
        _LOG.info("forwarded", transfer_id=transfer, instances=proved, problem=problem)

    def _send_and_prove(self, known: Transfer, pacs: Pacs) -> str | None:
        """Return None when every instance that can be sent is proved, else what is wrong."""
        transfer, coercion = known.id, _coercion(known)
        if not self._left(transfer):
            rows = index.instances(self._engine, transfer)
            return None if any(row.forwardable for row in rows) else NOTHING_TO_SEND
        link = PacsLink(pacs, self._forward)
        prover = Prover(link, self._index, self._commitments)
        problem = None
        try:
            # What an earlier run sent but did not see proved needs no second sending.
            prover.prove([r for r in self._left(transfer) if r.forwarding is Forwarding.SENT])
            self._send(link, self._left(transfer), coercion)
        except PacsUnreachable:
            return UNREACHABLE
        except PacsFailed:
            problem = CUT
        try:
            prover.prove_patiently(lambda: self._left(transfer), self._go_on_after)
        except PacsFailed:
            problem = problem or CUT
        return problem or self._verdict(transfer)

    def _verdict(self, transfer: TransferId) -> str | None:
        left = self._left(transfer)
        if not left:
            return None
        refused = any(row.forwarding is Forwarding.REFUSED for row in left)
        return NOT_TAKEN if refused else NOT_LISTED

    def _left(self, transfer: TransferId) -> list[Instance]:
        """Return what can be sent and is not proved yet."""
        return [
            row
            for row in index.instances(self._engine, transfer)
            if row.forwardable and row.forwarding is not Forwarding.IN_PACS
        ]

    def _send(self, link: PacsLink, rows: Sequence[Instance], coercion: Coercion | None) -> None:
        # With each pair its class in plain little endian, for what the PACS takes in no other form.
        pairs = distinct((r.claims.sop_class_uid, r.claims.transfer_syntax_uid) for r in rows)
        for start in range(0, len(pairs), MOST_CONTEXTS // 2):
            some = pairs[start : start + MOST_CONTEXTS // 2]
            plain = [(sop_class, EXPLICIT_LITTLE) for sop_class, _ in some]
            with link.sending(distinct([*some, *plain])) as sending:
                for row in rows:
                    if self._ending.is_set():
                        return
                    if (row.claims.sop_class_uid, row.claims.transfer_syntax_uid) in some:
                        self._send_one(sending, row, coercion)

    def _send_one(self, sending: Sending, row: Instance, coercion: Coercion | None) -> None:
        claims, status = row.claims, SOP_CLASS_NOT_SUPPORTED
        accepted = sending.accepts(claims)
        if accepted and coercion is None:
            path = self._store.instance_path(row.transfer, row.file_name)
            status = sending.send(path, claims)
        elif accepted or claims.transfer_syntax_uid not in PLAIN:
            try:
                with self._copier.copy(row, native=not accepted, coercion=coercion) as copy:
                    claims, status = copy.claims, sending.send(copy.path, copy.claims)
            except CannotCopy as error:
                _LOG.warning("no copy", transfer_id=row.transfer, number=row.number, why=str(error))
        how = Forwarding.SENT if is_taken(status) else Forwarding.REFUSED
        self._index.note_forwarding(row.number, how, status, claims.transfer_syntax_uid)

    def _go_on_after(self, seconds: float) -> bool:
        if seconds and not self._ending.is_set():
            self._pause(seconds)
        return not self._ending.is_set()


def _coercion(known: Transfer) -> Coercion | None:
    """Return what changes in every image; the same at each try, so that a retry sends the same."""
    identity = known.identity
    if identity is None:
        return None
    when = datetime.fromtimestamp(known.identity_time or 0, UTC)
    return {
        "patient_id": identity.patient_id,
        "issuer": identity.issuer,
        "accession": identity.accession,
        "source": known.facts.sender.name,
        "time": when.strftime("%Y%m%d%H%M%S+0000"),
    }
