"""Brings packs in: asks for work, pulls, and says what is durable here.

The rule: fsynced in the spool, noted in the ledger, then acknowledged, in this order. A transfer is
known from its first durable pack on: what the DMZ only talks of leaves no trace. A pack that
is known by its digest is acknowledged again and never pulled twice; other bytes under its number
are left where they are. Turns go round by source, a few packs each, so that nobody's disc waits for
somebody else's. Before a transfer's inventory is read few of its packs are pulled; behind on
opening, none. Nothing is pulled when the spool's disk is nearly full: the sealed packs are safe
where they are.
"""

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import Final

from passbox_base.logs import bind_transfer, get_logger
from passbox_base.pack_store import PackStoreLike
from passbox_poller.agenda import Agenda
from passbox_poller.errors import PeerWrong
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.receiver_link import ReceiverLink
from passbox_poller.spending import Spending
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import Work, WorkItem
from passbox_wire.messages import HeldPack

_log = get_logger(__name__)

PACKS_A_TURN: Final = 8
PACKS_UNOPENED: Final = 32


def free_bytes(folder: Path) -> int:
    """Return how many bytes are free on the folder's disk."""
    return shutil.disk_usage(folder).free


class Progress(IntEnum):
    """What came of a turn: how soon there is reason to ask again."""

    IDLE = 0
    BLOCKED = 1
    MOVED = 2


class Puller:
    """Pulls for one destination. One thread."""

    def __init__(
        self,
        *,
        receiver: ReceiverLink,
        ledger: Ledger,
        spool: PackStoreLike,
        agenda: Agenda,
        looked_at: Callable[[TransferId], int],
        packs_before_inventory: int,
        spending: Spending,
    ) -> None:
        self._receiver = receiver
        self._ledger = ledger
        self._spool = spool
        self._agenda = agenda
        self._looked_at = looked_at
        self._packs_before_inventory = packs_before_inventory
        self._spending = spending
        self._last: dict[TransferId, WorkItem] = {}

    def turn(self, work: Work) -> Progress:
        """Do some of ``work``; raises NotNow, StoreFull, StoreFailed."""
        self._note(work.items)
        faults: list[PeerWrong] = []
        done = {self._try(item, faults) for item in by_turns(work.items) if item.waiting}
        if faults:  # one line a turn: how many there are is the receiver's choice
            _log.warning(
                "packs not pulled", count=len(faults),
                error=type(faults[0]).__name__, step=str(faults[0]),
            )  # fmt: skip
        return max(done, default=Progress.IDLE)

    def _try(self, item: WorkItem, faults: list[PeerWrong]) -> Progress:
        if not self._spending.has_room():
            return Progress.BLOCKED
        with bind_transfer(item.transfer):
            try:
                return self._pull(item)
            except PeerWrong as error:  # of this transfer; the others are pulled all the same
                faults.append(error)
                return Progress.BLOCKED

    def _note(self, items: Iterable[WorkItem]) -> None:
        """Write down what changed at the receiver, and have it attended."""
        seen = {}
        for item in items:
            seen[item.transfer] = item
            if self._last.get(item.transfer) != item and self._ledger.note(item):
                self._agenda.soon(item.transfer)
        self._last = seen

    def _pull(self, item: WorkItem) -> Progress:
        known = self._ledger.transfer(item.transfer) or self._meet(item)
        if known is None:
            return Progress.BLOCKED
        self._spending.comes_from(item.transfer, item.source)
        packs = self._ledger.packs(item.transfer)
        room = self._room(known, len(packs))
        again, wanted = self._sort(item.transfer, packs, room if not known.finished else 0)
        for pack in wanted:
            self._receiver.pull(item.transfer, pack, self._spool)
            _log.info("pack pulled", number=pack.number, bytes=pack.length)
            self._ledger.add_packs(item.transfer, [pack])
            again.append(pack)
        if again:
            self._receiver.acknowledge(item.transfer, again)
            self._ledger.acknowledged(item.transfer, [pack.number for pack in again])
        if wanted:
            self._agenda.soon(item.transfer)
        if again:
            return Progress.MOVED
        open_ended = not known.finished and known.stop_reason is None
        return Progress.BLOCKED if open_ended else Progress.IDLE

    def _meet(self, item: WorkItem) -> KnownTransfer | None:
        """Pull a first pack of a transfer and make it known; None when there is none."""
        _, wanted = self._sort(item.transfer, {}, 1)
        for pack in wanted:
            self._receiver.pull(item.transfer, pack, self._spool)
            self._ledger.begin(item)
            self._ledger.add_packs(item.transfer, [pack])
            self._agenda.soon(item.transfer)
        return self._ledger.transfer(item.transfer)

    def _room(self, known: KnownTransfer, packs: int) -> int:
        """Return how many packs of a transfer may be pulled now."""
        room = min(PACKS_A_TURN, PACKS_UNOPENED - (packs - self._looked_at(known.id)))
        if known.report_key is None:
            room = min(room, self._packs_before_inventory - packs)
        return max(0, room) if known.stop_reason is None else 0

    def _sort(
        self, transfer: TransferId, packs: dict[int, bytes], room: int
    ) -> tuple[list[HeldPack], list[HeldPack]]:
        """Return packs that want to be acknowledged only, and up to ``room`` to pull."""
        again: list[HeldPack] = []
        wanted: list[HeldPack] = []
        others = 0
        for pack in self._receiver.held(transfer):
            if pack.released:
                continue
            if pack.number not in packs:
                wanted += [pack] if len(wanted) < room else []
            elif packs[pack.number] == pack.sha256:
                again.append(pack)
            else:
                others += 1
            if len(wanted) >= room and len(again) >= PACKS_A_TURN:
                break
        if others:
            _log.warning("other packs under numbers that are here", count=others)
        return again, wanted


def by_turns(items: Iterable[WorkItem]) -> Iterator[WorkItem]:
    """Yield items so that each source has its first before any has its second."""
    sources: dict[bytes, list[WorkItem]] = {}
    for item in items:
        sources.setdefault(item.source, []).append(item)
    for turn in itertools.zip_longest(*sources.values()):
        yield from (item for item in turn if item is not None)
