"""What a DMZ can make the poller keep by what it says alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import structlog

from passbox_base.clocks import SystemClock
from passbox_base.pack_store import PackKey, PackStore, PackStoreLike
from passbox_poller.agenda import Agenda
from passbox_poller.ledger import Ledger
from passbox_poller.pull import Progress, Puller
from passbox_wire.digests import sha256
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import Work, WorkItem
from passbox_wire.messages import HeldPack
from passbox_wire.states import UploadState
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_signing_key, a_transfer_id, public

if TYPE_CHECKING:
    from passbox_poller.receiver_link import ReceiverLink
from passbox_poller.spending import Prices, Spending


class Dmz:
    """Lists these packs for every transfer; hands all of them out and is acknowledged to."""

    def __init__(self, *packs: bytes) -> None:
        self.packs = packs
        self.acknowledged: list[int] = []

    def held(self, _transfer: TransferId) -> Iterator[HeldPack]:
        for number, pack in enumerate(self.packs):
            yield HeldPack(number, sha256(pack), len(pack), released=False)

    def pull(self, transfer: TransferId, pack: HeldPack, spool: PackStoreLike) -> None:
        spool.put(PackKey(transfer, pack.number), pack.sha256, self.packs[pack.number])

    def acknowledge(self, _transfer: TransferId, packs: list[HeldPack]) -> None:
        self.acknowledged += [pack.number for pack in packs]


class Inside:
    """A puller with a ledger and spool of its own."""

    def __init__(self, folder: Path, dmz: Dmz) -> None:
        self.ledger = Ledger.open(folder, FakeClock())
        self.agenda = Agenda(FakeClock())
        self.puller = Puller(
            receiver=cast("ReceiverLink", dmz),
            ledger=self.ledger,
            spool=PackStore(folder / "packs"),
            agenda=self.agenda,
            looked_at=lambda _transfer: 0,
            packs_before_inventory=64,
            spending=Spending(Prices(2**30, 1.0), SystemClock(), has_room=lambda: True),
        )


def an_item(name: str, state: UploadState = UploadState.RECEIVING) -> WorkItem:
    """Return what a DMZ may say of a transfer whose key it made itself."""
    key = a_signing_key(name)
    transfer = a_transfer_id(key)
    return WorkItem(transfer, state, public(key), b"source", 1, 9, 9, None, None, 1, 1)


def test_transfers_that_are_only_talk_leave_nothing(tmp_path: Path) -> None:
    """A transfer of which no pack comes is no transfer: no row, no folder, nothing to attend."""
    inside = Inside(tmp_path, Dmz())
    items = [an_item(f"talk {number}") for number in range(20)]
    inside.puller.turn(Work(1, tuple(items), (), bytes(32)))
    assert inside.ledger.transfers() == []
    assert inside.agenda.take_now() is None
    inside.ledger.close()


def test_the_first_pack_makes_it_a_transfer(tmp_path: Path) -> None:
    """With its first durable pack a transfer is noted and attended; every pack is acknowledged."""
    dmz = Dmz(b"one", b"two")
    inside = Inside(tmp_path, dmz)
    item = an_item("real")
    assert inside.puller.turn(Work(1, (item,), (), bytes(32))) is Progress.MOVED
    assert [known.id for known in inside.ledger.transfers()] == [item.transfer]
    assert inside.ledger.packs(item.transfer).keys() == {0, 1}
    assert sorted(dmz.acknowledged) == [0, 1]
    assert inside.agenda.take_now() == item.transfer
    inside.ledger.close()


def test_other_packs_under_known_numbers_are_one_line(tmp_path: Path) -> None:
    """However many a DMZ lists under numbers that are here, the log tells it once a turn."""
    item = an_item("real")
    packs = [b"%d" % number for number in range(8)]
    dmz = Dmz(*packs)
    inside = Inside(tmp_path, dmz)
    inside.puller.turn(Work(1, (item,), (), bytes(32)))
    assert len(inside.ledger.packs(item.transfer)) == len(packs)
    dmz.packs = tuple(b"other" + pack for pack in packs)
    with structlog.testing.capture_logs() as lines:
        inside.puller.turn(Work(2, (item,), (), bytes(32)))
    assert [(line["event"], line["count"]) for line in lines] == [
        ("other packs under numbers that are here", len(packs))
    ]
    inside.ledger.close()
