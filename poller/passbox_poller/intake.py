"""Attends transfers: opens packs, puts files together, hands them on, lets the rest be settled.

The rule: one thread at a time for a transfer, a few packs and a moment at a time, so that a large
transfer, or one of 100,000 crumbs in a pack, does not keep a small one waiting: a pack that was not
finished is opened again, and what was taken of it is passed over. A fault of a peer or of ours
postpones the transfer and nobody else. Packs with files that no part of the inventory lists yet
wait for that part; packs of a transfer without inventory are bounded in number.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.errors import BaseError, StoreFull
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
from passbox_poller.spending import Spending
from passbox_poller.workfiles import WorkFolder
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.pack import Kind, Record

_log = get_logger(__name__)
_PACKS_A_TURN: Final = 4
_SECONDS_A_TURN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Room:
    """How many listed files idle transfers may keep in memory, and when one is idle."""

    files: int
    idle_seconds: float
    clock: Clock


class Arrivals:
    """The transfers in memory.

    No more than some files of them together: the one that nobody attended for longest makes room,
    with its work files, and is made again from ledger and spool when there is reason to attend it.
    """

    def __init__(
        self,
        ledger: Ledger,
        work: WorkFolder,
        budget: Budget,
        audit: AuditChain,
        spending: Spending,
        room: Room,
    ) -> None:
        self.spending = spending
        self._ledger = ledger
        self._audit = audit
        self._work = work
        self._budget = budget
        self._lock = threading.Lock()
        self._room = room
        self.clock = room.clock
        self._left: dict[TransferId, float] = {}
        self._arrivals: dict[TransferId, Arrival] = {}
        self._attended: set[TransferId] = set()
        self._opened_before: dict[TransferId, int] = {}
        """How many packs of a transfer that made room had been opened."""

    def of(self, known: KnownTransfer) -> Arrival:
        """Return the arrival of a transfer, made from the ledger when it is not in memory."""
        with self._lock:
            if known.id not in self._arrivals:
                self._audit.append(
                    "unsealing begins", author=AUTHOR, reason="packs came", transfer_id=known.id
                )
                results = self._ledger.results(known.id).values()
                folder = self._work.of(known.id)
                self._arrivals[known.id] = Arrival(
                    known.id,
                    folder,
                    self._budget,
                    results,
                    working=partial(self.spending.working, known.id),
                    deleted=partial(self._ledger.is_deleted, known.id),
                )
                self._arrivals[known.id].ae_title = known.ae_title
            self._attended.add(known.id)
            arrival = self._arrivals.pop(known.id)
            self._arrivals[known.id] = arrival  # the newest is the last
            return arrival

    def done(self, arrival: Arrival) -> None:
        """Take note that nobody attends it any more; let idle ones make room."""
        now = self.clock.monotonic()
        with self._lock:
            self._attended.discard(arrival.transfer)
            self._left[arrival.transfer] = now
            weight = sum(one.weight for one in self._arrivals.values())
            for one in list(self._arrivals.values()):
                if weight <= self._room.files:
                    return
                if one is not arrival and self._is_idle(one, now):
                    weight -= one.weight
                    self._make_room(one)

    def _is_idle(self, arrival: Arrival, now: float) -> bool:
        """Whether it can go: who is in the middle of many packs would begin anew each time."""
        left = self._left.get(arrival.transfer, now)
        attended = arrival.transfer in self._attended
        return not attended and not arrival.busy and now - left >= self._room.idle_seconds

    def drop_work(self, arrival: Arrival) -> None:
        """Let go of an arrival's work files, unless they are being checked."""
        with self._lock:
            if not arrival.busy:
                self._make_room(arrival)

    def _make_room(self, arrival: Arrival) -> None:
        self._opened_before[arrival.transfer] = len(arrival.opened) + len(arrival.postponed)
        self._arrivals.pop(arrival.transfer, None)
        self._work.remove(arrival.transfer)
        _log.info("transfer makes room in memory", count=arrival.weight)

    def let_go(self, arrival: Arrival) -> None:
        """Forget an arrival and remove its work files."""
        with self._lock:
            self._arrivals.pop(arrival.transfer, None)
            self._opened_before.pop(arrival.transfer, None)
            self._left.pop(arrival.transfer, None)
        self.spending.forget(arrival.transfer)
        self._work.remove(arrival.transfer)

    def looked_at(self, transfer: TransferId) -> int:
        """Return how many packs of a transfer were opened since it came into memory."""
        with self._lock:
            arrival = self._arrivals.get(transfer)
            if arrival is None:  # or it would never be pulled any more
                return self._opened_before.get(transfer, 0)
        # Two lengths, not a union: another thread may be adding.
        return len(arrival.opened) + len(arrival.postponed)


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
        self._spending = arrivals.spending
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
            ended = known.stop_reason is not None or known.deleted
            if not ended and self._open_some(arrival, known):
                self._agenda.soon(transfer)
            else:
                self._settling.settle(arrival)
        except TransferStopped as stopped:
            self._settling.stop(arrival, stopped.reason)
            self._agenda.soon(transfer)
        finally:
            self._ledger.add_results(transfer, arrival.fresh_results())
            self._arrivals.done(arrival)

    def _open_some(self, arrival: Arrival, known: KnownTransfer) -> bool:
        """Open a few packs; return whether more wait."""
        waiting = sorted(self._ledger.packs(known.id).keys() - arrival.looked_at)
        until = self._arrivals.clock.monotonic() + _SECONDS_A_TURN
        finished = all(
            self._open(arrival, number, known.opened, until) for number in waiting[:_PACKS_A_TURN]
        )
        self._registering.register(arrival, known.opened)
        arrival.check_patience()
        arrival.check_worth()
        self._spending.check(arrival.transfer)
        if not finished or len(waiting) > _PACKS_A_TURN:
            return True
        return arrival.look_at_postponed()

    def _open(self, arrival: Arrival, number: int, opened: int, until: float) -> bool:
        """Take what a pack holds until it is time for others; return whether that was all."""
        complete = True
        records = self._opener.records(arrival.transfer, number)
        self._spending.paid(arrival.transfer, number, sum(len(one.data) for one in records))
        for record in records:
            if not arrival.knows(record):
                complete = False
            elif arrival.wants(record):
                ended = self._take(arrival, record, opened)
                # Only behind a file that has ended: slices of others would be taken again for ever.
                if ended and self._arrivals.clock.monotonic() > until:
                    return False
        (arrival.opened if complete else arrival.postponed).add(number)
        return True

    def _take(self, arrival: Arrival, record: Record, opened: int) -> bool:
        """Take one record; return whether its file needs no more."""
        if not self._spending.has_room():
            if self._spending.swollen(arrival.transfer):
                self._arrivals.drop_work(arrival)
            raise StoreFull("the reserve of the spool's disk is reached")
        self._spending.decodes(arrival.transfer, record.raw_length)
        try:
            ready = arrival.take(record, self._opener.decode(record))
        except FileRefused as error:
            if record.kind is not Kind.FILE:
                raise TransferStopped(StopReason.NO_VALID_INVENTORY) from error
            arrival.refuse(record.index, error.refusal)
            return True
        if ready is not None:
            self._registering.register(arrival, opened)
            self._filing.submit(arrival, ready)
        return ready is not None
