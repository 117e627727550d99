"""Bringing a transfer to the PACS when a person asks: question first, then send, then proof.

The rule: before anything the PACS is asked whether it knows the study; if it does, a human decides,
about exactly what was found. "In PACS" is said of an instance only when the PACS itself vouches for
it after our sending (proof.py); our C-STORE status alone never says it. What was proved is kept, so
a transfer that was cut goes on where it stopped, and pressing twice sends nothing twice.

The stored bytes are sent as they are, unless the person gave the house's Patient ID or chose new
UIDs (coercing.py), or the PACS refuses their transfer syntax: then a copy, proved to have the same
pixels (copying.py).
Of two instances with one UID the first is sent:
a PACS can hold one.
"""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from passbox_base.logs import get_logger
from passbox_dicom.uids import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from passbox_viewer import index
from passbox_viewer.asking import existing_in
from passbox_viewer.commitment import Commitments
from passbox_viewer.comparing import Comparer
from passbox_viewer.copying import Copier
from passbox_viewer.describing import Describer
from passbox_viewer.errors import (
    ArchiveChanged,
    ArchiveFailed,
    CannotCopy,
    PacsFailed,
    PacsUnreachable,
)
from passbox_viewer.existing import Answer, Confirmed, Existing, Likeness
from passbox_viewer.identity import LocalIdentity
from passbox_viewer.index import Index
from passbox_viewer.instances import Forwarding, Instance, Proof
from passbox_viewer.lending import Lending
from passbox_viewer.pacs import (
    MOST_CONTEXTS,
    SOP_CLASS_NOT_SUPPORTED,
    PacsLink,
    Sending,
    is_taken,
)
from passbox_viewer.proof import Prover, distinct
from passbox_viewer.settings import Forward, Pacs
from passbox_viewer.study import patient_key
from passbox_viewer.transfer import DECIDED, LINK_HOLDER, MORE_CAME, Request, Transfer
from passbox_viewer.transfers import Transfers
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
THERE_MEANWHILE: Final = "there meanwhile"
ANOTHER_PATIENT: Final = "another patient"
"""Images came after the house's patient was confirmed for those before; a person decides."""
ARCHIVE_AWAY: Final = "archive away"
ARCHIVE_CHANGED: Final = "archive changed"

CHANGED_IN_ARCHIVE: Final = -1
"""In place of a DIMSE status: not sent, because it is no longer what arrived (lending.py)."""

PLAIN: Final = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE})
"""Transfer syntaxes that need no decoded copy."""

Coercion = dict[str, Json]
"""What coercing.py is told."""

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held here and what is known of it."""

    engine: sa.Engine
    lender: Lending
    index: Index
    transfers: Transfers
    describer: Describer


@dataclass(frozen=True, slots=True)
class _Turn:
    """A transfer that waits to be sent. Between question and turn others may have sent.

    ``looks``: whether the PACS is asked again first; ``studies``: those that may be there then,
    None for any.
    """

    transfer: TransferId
    looks: bool
    studies: frozenset[str] | None = None

    def is_surprised_by(self, found: Existing | None) -> bool:
        """Return whether a person has not decided about this."""
        if found is None:
            return False
        new = found.studies - self.studies if self.studies is not None else frozenset()
        return bool(new or found.sop_instance_uids or found.elsewhere)


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
        self._lender = holdings.lender
        self._index = holdings.index
        self._transfers = holdings.transfers
        self._describer = holdings.describer
        self._commitments = commitments
        self._copier = copier
        self._comparer = Comparer(holdings.lender, copier)
        self._pacs = {one.name: one for one in pacs}
        self._forward = forward
        self._pause = pause
        self._waiting: queue.Queue[_Turn | None] = queue.Queue()
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
            self._waiting.put(_Turn(transfer, looks=True))
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
        confirmed: Confirmed | None,
        identity: LocalIdentity | None = None,
        author: str = LINK_HOLDER,
        same: tuple[str, ...] = (),
    ) -> Existing | None:
        """A person asks to forward. Return what must be decided first, None when it has begun.

        ``confirmed`` is the person's answer, if one was given; ``identity`` the house's patient,
        None to send the images as they came, ``same`` the keys of the sender's patients whom a
        person has seen beside it; ``author`` who asks. Raises PacsFailed when the PACS
        cannot be asked, IllegalTransition when the transfer cannot be forwarded.
        """
        known = self._transfers.read(transfer)
        state = known.forward_state
        if state is not ForwardState.VISIBLE and identity not in {None, known.identity}:
            # Some images may be there already under what was said first.
            raise IllegalTransition(state, ForwardEvent.REQUESTED)
        existing, answer = None, None
        # After a failure our own images are no surprise there; in another archive they would be.
        if self._asks_first(transfer, pacs):
            existing = self.existing(transfer, pacs)
            if existing is not None:
                if confirmed is None or confirmed.digest != existing.digest:
                    return existing
                answer = confirmed.answer
        with self._beginning:
            anew = self._asks_first(transfer, pacs)
            if anew:
                self._begin_anew(transfer, existing if answer is Answer.ALREADY_THERE else None)
            asked = Request(pacs, identity, answer, author, anew=anew, same=same)
            before = self._transfers.request_forward(transfer, asked)
        if before in {ForwardState.VISIBLE, ForwardState.FAILED}:
            self._waiting.put(_turn(known, existing, anew=anew))
        return None

    def existing(self, transfer: TransferId, pacs: str) -> Existing | None:
        """Ask what the PACS holds of a transfer; raise PacsFailed."""
        self._describer.complete(transfer)
        return existing_in(self._link(pacs), self._forwardable(transfer))

    def compare(
        self, transfer: TransferId, pacs: str, existing: Existing
    ) -> Mapping[Likeness, int]:
        """Return how alike they are what the PACS holds and what we hold; raise PacsFailed."""
        rows = self._forwardable(transfer)
        there = [r for r in rows if r.claims.sop_instance_uid in existing.sop_instance_uids]
        alike = Counter(self._comparer.compare(self._link(pacs), there))
        alike[Likeness.UNKNOWN] += len(existing.elsewhere)
        return alike

    def _link(self, pacs: str) -> PacsLink:
        return PacsLink(self._pacs[pacs], self._forward, self._commitments.returns)

    def _forwardable(self, transfer: TransferId) -> list[Instance]:
        known = self._transfers.read(transfer)
        return known.patients.sendable(index.instances(self._engine, transfer))

    def _asks_first(self, transfer: TransferId, pacs: str) -> bool:
        """Return whether this archive was not asked about this transfer, or sent it, before."""
        known = self._transfers.read(transfer)
        failed_before_sending = known.forward_state is ForwardState.FAILED and (
            known.forward_pacs != pacs or known.forward_problem == THERE_MEANWHILE
        )
        return known.forward_state is ForwardState.VISIBLE or failed_before_sending

    def _begin_anew(self, transfer: TransferId, there: Existing | None) -> None:
        """Forget the way to another archive, and note what is ``there`` already in this one."""
        self._index.forget_forwarding(transfer)
        if there is not None:
            held = there.sop_instance_uids | there.elsewhere
            rows = self._forwardable(transfer)
            numbers = [row.number for row in rows if row.claims.sop_instance_uid in held]
            self._index.note_in_pacs(numbers, Proof.THERE)

    def _run(self) -> None:
        while (turn := self._waiting.get()) is not None:
            try:
                self._bring(turn)
            except Exception as error:  # noqa: BLE001  # the outermost loop: the next one must have its turn
                _LOG.error("forwarding broke off", transfer_id=turn.transfer, exc_info=error)
            if self._ending.is_set():
                return

    def _bring(self, turn: _Turn) -> None:
        """Send and prove one transfer, and write down how it ended."""
        transfer = turn.transfer
        known = self._transfers.read(transfer)
        if known.forward_state is not ForwardState.FORWARDING:
            return
        pacs = self._pacs.get(known.forward_pacs)
        self._describer.complete(transfer)
        problem = NOT_CONFIGURED if pacs is None else self._send_and_prove(known, pacs, turn)
        if self._ending.is_set():
            return
        rows = index.instances(self._engine, transfer)
        proved = sum(row.forwarding is Forwarding.IN_PACS for row in rows)
        if problem is None:
            self._transfers.forward_proved(transfer, proved)
        else:
            self._transfers.forward_failed(transfer, problem, proved)
        _LOG.info("forwarded", transfer_id=transfer, instances=proved, problem=problem)

    def _send_and_prove(self, known: Transfer, pacs: Pacs, turn: _Turn) -> str | None:
        """Return None when every instance that can be sent is proved, else what is wrong."""
        coercion = _coercion(known)
        if not self._left(known):
            return None if self._forwardable(known.id) else NOTHING_TO_SEND
        link = PacsLink(pacs, self._forward)
        prover = Prover(link, self._index, self._commitments)
        problem = None
        try:
            if self._is_surprised(link, known, turn):
                return THERE_MEANWHILE
            # What an earlier run sent but did not see proved needs no second sending.
            prover.prove([r for r in self._left(known) if r.forwarding is Forwarding.SENT])
            rows = self._left(known)
            if known.identity is not None and known.patients.strangers(self._forwardable(known.id)):
                return ANOTHER_PATIENT
            self._send(link, rows, coercion)
        except PacsUnreachable:
            return UNREACHABLE
        except PacsFailed:
            problem = CUT
        except ArchiveFailed:
            problem = ARCHIVE_AWAY
        try:
            prover.prove_patiently(lambda: self._left(known), self._go_on_after)
        except PacsFailed:
            problem = problem or CUT
        return problem or self._verdict(known)

    def _is_surprised(self, link: PacsLink, known: Transfer, turn: _Turn) -> bool:
        """Return whether the PACS holds by now what it was not said to hold; raise PacsFailed.

        Once something of a patient was sent its own images are no surprise.
        """
        left = self._left(known) if turn.looks else []
        if any(row.forwarding is not Forwarding.WAITING for row in left):
            begun = _begun(self._forwardable(known.id))
            left = [row for row in left if row.facts and patient_key(row.facts) not in begun]
        return bool(left) and turn.is_surprised_by(existing_in(link, left))

    def _verdict(self, known: Transfer) -> str | None:
        left = self._left(known)
        if not left:
            return None
        refused = {row.forward_status for row in left if row.forwarding is Forwarding.REFUSED}
        if refused:
            return ARCHIVE_CHANGED if refused == {CHANGED_IN_ARCHIVE} else NOT_TAKEN
        return MORE_CAME if any(row.waits for row in left) else NOT_LISTED

    def _left(self, known: Transfer) -> list[Instance]:
        """Return what can be sent and is not proved yet, under the UIDs it goes out with."""
        return [
            known.renaming.applied(row)
            for row in self._forwardable(known.id)
            if row.forwarding is not Forwarding.IN_PACS
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
        """Send one as it is or as a copy, and note how that went; raise ArchiveFailed."""
        claims, status = row.claims, SOP_CLASS_NOT_SUPPORTED
        accepted = sending.accepts(claims)
        try:
            if accepted and coercion is None:
                with self._lender.lend(row) as path:
                    status = sending.send(path, claims)
            elif accepted or claims.transfer_syntax_uid not in PLAIN:
                with self._copier.copy(row, native=not accepted, coercion=coercion) as copy:
                    claims, status = copy.claims, sending.send(copy.path, copy.claims)
        except CannotCopy as error:
            _LOG.warning("no copy", transfer_id=row.transfer, number=row.number, why=str(error))
        except ArchiveChanged:
            status = CHANGED_IN_ARCHIVE
        how = Forwarding.SENT if is_taken(status) else Forwarding.REFUSED
        self._index.note_forwarding(row.number, how, status, claims.transfer_syntax_uid)

    def _go_on_after(self, seconds: float) -> bool:
        if seconds and not self._ending.is_set():
            self._pause(seconds)
        return not self._ending.is_set()


def _turn(before: Transfer, existing: Existing | None, *, anew: bool) -> _Turn:
    """Return the turn of a transfer that was so ``before`` it was asked for.

    What came after all others were proved was never asked about; its study is there by us.
    """
    if not anew:
        return _Turn(before.id, looks=before.forward_problem in {MORE_CAME, DECIDED})
    studies = existing.studies if existing is not None else frozenset()
    return _Turn(before.id, looks=True, studies=studies)


def _begun(rows: Sequence[Instance]) -> set[str]:
    """Return the keys of the patients of whom something was sent."""
    tried = (row for row in rows if row.forwarding is not Forwarding.WAITING)
    return {patient_key(row.facts) for row in tried if row.facts}


def _coercion(known: Transfer) -> Coercion | None:
    """Return what changes in every image; the same at each try, so that a retry sends the same."""
    identity = known.identity or LocalIdentity("", "", "", "", "", "")
    if known.identity is None and not known.renaming.salt:
        return None
    when = datetime.fromtimestamp(known.identity_time or 0, UTC)
    return {
        "patient_id": identity.patient_id,
        "issuer": identity.issuer,
        "accession": identity.accession,
        "new_uids": known.renaming.salt,
        "source": known.facts.sender.name,
        "time": when.strftime("%Y%m%d%H%M%S+0000"),
    }
