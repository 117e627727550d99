"""Attends transfers: opens their packs in order, puts files together, hands whole ones on, lets the rest be settled.

The rule: one thread at a time for a transfer, a few packs at a time, so that a large transfer does not
keep a small one waiting. A fault of a peer or of ours postpones the transfer and nobody else. Packs with
files that no part of the inventory lists yet wait for that part; packs of a transfer without inventory
are bounded in number.
"""

import threading
from collections.abc import Callable
from typing import Final

from passbox_base.errors import BaseError, NoSuchPack
from passbox_base.logs import bind_transfer, get_logger
from passbox_base.pack_store import PackKey, PackStoreLike
from passbox_poller.agenda import Agenda
from passbox_poller.arrival import Arrival, Budget
from passbox_poller.backoff import Backoff
from passbox_poller.errors import FileRefused, PollerError, TransferStopped
from passbox_poller.filing import Filing
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.notify import Directory
from passbox_poller.opening import Opener
from passbox_poller.receipts import Receipts
from passbox_poller.settling import Settling
from passbox_poller.viewer_link import ViewerLink
from passbox_poller.workfiles import WorkFolder
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.inner.viewer import Facts
from passbox_wire.pack import MAX_SEALED_BYTES, Record

_log = get_logger(__name__)
_PACKS_A_TURN: Final = 4


class Arrivals:
    """The transfers in memory."""

    def __init__(self, ledger: Ledger, work: WorkFolder, budget: Budget) -> None:
        self._ledger = ledger
        self._work = work
        self._budget = budget
        self._lock = threading.Lock()
        self._arrivals: dict[TransferId, Arrival] = {}

    def of(self, known: KnownTransfer) -> Arrival:
        """Return the arrival of a transfer, made from the ledger when it is not in memory."""
        with self._lock:
            if known.id not in self._arrivals:
                results = self._ledger.results(known.id).values()
                folder = self._work.of(known.id)
                self._arrivals[known.id] = Arrival(known.id, folder, self._budget, results)
                self._arrivals[known.id].ae_title = known.ae_title
            return self._arrivals[known.id]

    def let_go(self, arrival: Arrival) -> None:
        """Forget an arrival and remove its work files."""
        with self._lock:
            self._arrivals.pop(arrival.transfer, None)
        self._work.remove(arrival.transfer)

    def looked_at(self, transfer: TransferId) -> int:
        """Return how many packs of a transfer were opened since it came into memory."""
        with self._lock:
            arrival = self._arrivals.get(transfer)
        # Two lengths, not a union: another thread may be adding.
        return len(arrival.opened) + len(arrival.postponed) if arrival is not None else 0


class Intake:
    """What attends transfers; run() is a thread's whole life."""

    def __init__(
        self,
        *,
        agenda: Agenda,
        arrivals: Arrivals,
        ledger: Ledger,
        spool: PackStoreLike,
        opener: Opener,
        filing: Filing,
        settling: Settling,
        receipts: Receipts,
        viewer: ViewerLink,
        directory: Directory,
        packs_before_inventory: int,
        chance: Callable[[], float],
    ) -> None:
        self._agenda = agenda
        self._arrivals = arrivals
        self._ledger = ledger
        self._spool = spool
        self._opener = opener
        self._filing = filing
        self._settling = settling
        self._receipts = receipts
        self._viewer = viewer
        self._directory = directory
        self._packs_before_inventory = packs_before_inventory
        self._chance = chance
        self._backoffs: dict[TransferId, Backoff] = {}

    def run(self) -> None:
        """Attend transfers until the agenda is closed."""
        while (transfer := self._agenda.take()) is not None:
            with bind_transfer(transfer):
                try:
                    self._attend(transfer)
                    self._backoffs.pop(transfer, None)
                except (PollerError, BaseError) as error:
                    _log.warning("attended later", error=type(error).__name__, step=str(error))
                    self._again(transfer)
                except Exception:
                    # The outermost loop: whatever it is, other transfers go on.
                    _log.exception("attending failed")
                    self._again(transfer)
                finally:
                    self._agenda.done(transfer)

    def _again(self, transfer: TransferId) -> None:
        backoff = self._backoffs.setdefault(transfer, Backoff(self._chance))
        self._agenda.later(transfer, backoff.failed())

    def _attend(self, transfer: TransferId) -> None:
        known = self._ledger.transfer(transfer)
        if known is None:
            return
        if known.finished:
            self._receipts.hand_over(transfer)
            return
        arrival = self._arrivals.of(known)
        try:
            if known.stop_reason is None and self._open_some(arrival, known):
                self._agenda.soon(transfer)
                return
            self._settling.settle(arrival)
        except TransferStopped as stopped:
            self._settling.stop(arrival, stopped.reason)
            self._agenda.soon(transfer)
        finally:
            self._ledger.add_results(transfer, arrival.fresh_results())

    def _open_some(self, arrival: Arrival, known: KnownTransfer) -> bool:
        """Open a few packs; return whether more wait."""
        waiting = sorted(self._ledger.packs(known.id).keys() - arrival.looked_at)
        for number in waiting[:_PACKS_A_TURN]:
            self._open(arrival, number)
        if arrival.registered_parts < len(arrival.inventory):
            self._register(arrival, known)
        if arrival.envelope is None and len(arrival.postponed) >= self._packs_before_inventory:
            raise TransferStopped(StopReason.NO_VALID_INVENTORY)
        if len(waiting) <= _PACKS_A_TURN and arrival.envelope is not None:
            return self._open_postponed(arrival)
        return len(waiting) > _PACKS_A_TURN

    def _open_postponed(self, arrival: Arrival) -> bool:
        """Have postponed packs opened when a new part of the inventory came since; nobody lists the rest."""
        listed, arrival.listed_parts = arrival.listed_parts, len(arrival.parts)
        if listed < arrival.listed_parts and arrival.postponed:
            arrival.postponed.clear()
            return True
        return False

    def _open(self, arrival: Arrival, number: int) -> None:
        records = self._opener.records(arrival.transfer, number, self._read(arrival, number))
        complete = True
        for record in records:
            if not arrival.knows(record):
                complete = False
            elif arrival.wants(record):
                self._take(arrival, record)
        if complete:
            arrival.opened.add(number)
        else:
            arrival.postponed.add(number)

    def _read(self, arrival: Arrival, number: int) -> bytes:
        try:
            with self._spool.get(PackKey(arrival.transfer, number)) as file:
                return file.read(MAX_SEALED_BYTES + 1)
        except NoSuchPack as error:
            _log.error("a pack is gone from the spool", number=number)
            raise TransferStopped(StopReason.FORGED_PACK) from error

    def _take(self, arrival: Arrival, record: Record) -> None:
        try:
            ready = arrival.take(record, self._opener.decode(record))
        except FileRefused as error:
            if not arrival.is_file(record):
                raise TransferStopped(StopReason.NO_VALID_INVENTORY) from error
            arrival.refuse(record.index, error.refusal)
            return
        if ready is not None:
            if not arrival.ae_title:
                self._register_now(arrival)
            self._filing.submit(arrival, ready)

    def _register_now(self, arrival: Arrival) -> None:
        known = self._ledger.transfer(arrival.transfer)
        if known is not None:
            self._register(arrival, known)

    def _register(self, arrival: Arrival, known: KnownTransfer) -> None:
        """Tell the viewer what the sender claims, and keep what later receipts and the mail need."""
        envelope = arrival.envelope
        if envelope is None:
            return
        parts = len(arrival.inventory)
        arrival.ae_title = self._viewer.register(
            Facts(
                known.id,
                envelope.sender,
                envelope.recipient,
                envelope.department,
                envelope.language,
                known.opened,
                arrival.claimed_instances,
            )
        )
        self._ledger.update(
            known.id,
            ae_title=arrival.ae_title,
            report_key=envelope.report_key,
            mail_to=self._directory.recipient(envelope.recipient, envelope.department),
        )
        arrival.registered_parts = parts
