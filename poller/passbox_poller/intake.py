"""Attends transfers: opens packs, puts files together, hands them on, lets the rest be settled.

The rule: one thread at a time for a transfer, a few packs at a time, so that a large transfer does
not keep a small one waiting. A fault of a peer or of ours postpones the transfer and nobody else.
Packs with files that no part of the inventory lists yet wait for that part; packs of a transfer
without inventory are bounded in number.
"""

import threading
from collections.abc import Callable
from typing import Final

from passbox_base.audit import AuditChain
from passbox_base.errors import BaseError
from passbox_base.logs import bind_transfer, get_logger
from passbox_poller.agenda import Agenda
from passbox_poller.arrival import Arrival, Budget
from passbox_poller.backoff import Backoff
from passbox_poller.errors import FileRefused, PollerError, TransferStopped
from passbox_poller.filing import Filing
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.opening import Opener
from passbox_poller.receipts import AUTHOR
from passbox_poller.registering import Registering
from passbox_poller.settling import Settling
from passbox_poller.workfiles import WorkFolder
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.pack import Kind, Record

_log = get_logger(__name__)
_PACKS_A_TURN: Final = 4


class Arrivals:
    """The transfers in memory."""

    def __init__(self, ledger: Ledger, work: WorkFolder, budget: Budget, audit: AuditChain) -> None:
        self._ledger = ledger
        self._audit = audit
        self._work = work
        self._budget = budget
        self._lock = threading.Lock()
        self._arrivals: dict[TransferId, Arrival] = {}

    def of(self, known: KnownTransfer) -> Arrival:
        """Return the arrival of a transfer, made from the ledger when it is not in memory."""
        with self._lock:
            if known.id not in self._arrivals:
                self._audit.append(
                    "unsealing begins", author=AUTHOR, reason="packs came", transfer_id=known.id
                )
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
        opener: Opener,
        filing: Filing,
        registering: Registering,
        settling: Settling,
        chance: Callable[[], float],
    ) -> None:
        self._agenda = agenda
        self._arrivals = arrivals
        self._ledger = ledger
        self._opener = opener
        self._filing = filing
        self._registering = registering
        self._settling = settling
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
                except Exception:  # noqa: BLE001  # a thread's outermost: other transfers go on
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
            self._settling.settle_finished(known)
            return
        arrival = self._arrivals.of(known)
        try:
            if known.stop_reason is None and self._open_some(arrival, known):
                self._agenda.soon(transfer)
            else:
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
            self._open(arrival, number, known.opened)
        self._registering.register(arrival, known.opened)
        arrival.check_patience()
        if len(waiting) > _PACKS_A_TURN:
            return True
        return arrival.look_at_postponed()

    def _open(self, arrival: Arrival, number: int, opened: int) -> None:
        complete = True
        for record in self._opener.records(arrival.transfer, number):
            if not arrival.knows(record):
                complete = False
            elif arrival.wants(record):
                self._take(arrival, record, opened)
        (arrival.opened if complete else arrival.postponed).add(number)

    def _take(self, arrival: Arrival, record: Record, opened: int) -> None:
        try:
            ready = arrival.take(record, self._opener.decode(record))
        except FileRefused as error:
            if record.kind is not Kind.FILE:
                raise TransferStopped(StopReason.NO_VALID_INVENTORY) from error
            arrival.refuse(record.index, error.refusal)
            return
        if ready is not None:
            self._registering.register(arrival, opened)
            self._filing.submit(arrival, ready)
