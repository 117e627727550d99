"""After a crash: ledger and store are brought together before anybody is served."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from passbox_base.pack_store import PackKey
from passbox_receiver.reconcile import Reconciled, reconcile
from passbox_receiver.tables import packs, transfers
from passbox_wire.digests import sha256
from tests.builders.answers import good, problem_in, status_in
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio


async def test_a_pack_the_ledger_does_not_know_is_added(house: House, sender: Sender) -> None:
    """A pack that was durable when the process died is held afterwards."""
    good(await sender.open())
    pack = a_pack(sender.transfer, 0)
    house.receiver.store.put(PackKey(sender.transfer, 0), sha256(pack), pack)
    assert reconcile(house.receiver) == Reconciled(added=1)
    assert [p.sha256 for p in (await sender.held()).packs] == [sha256(pack)]
    assert (await sender.put(0, pack)).status_code == 200
    good(await sender.close())


async def test_a_pack_the_disk_has_lost_is_asked_for_again(house: House, sender: Sender) -> None:
    """A pack that is on no disk is not held any more, and its sender can send it again."""
    good(await sender.open())
    good(await sender.put(0))
    good(await sender.put(1))
    house.receiver.store.release(PackKey(sender.transfer, 0))
    assert reconcile(house.receiver) == Reconciled(forgotten=1)
    assert problem_in(await sender.close()) == "held_differs"
    assert [p.number for p in (await sender.held()).packs] == [1]
    assert (await sender.put(0)).status_code == 201
    good(await sender.close())


async def test_a_pack_lost_after_the_close_is_shouted_about(house: House, sender: Sender) -> None:
    """A closed transfer whose pack is on no disk is counted as lost, and nothing is hidden."""
    good(await sender.open())
    good(await sender.put(0))
    good(await sender.close())
    house.receiver.store.release(PackKey(sender.transfer, 0))
    assert reconcile(house.receiver) == Reconciled(lost=1)
    assert [p.number for p in (await sender.held()).packs] == [0]


async def test_a_released_pack_is_removed_from_the_disk(
    house: House, sender: Sender, poller: Poller
) -> None:
    """A crash between the word in the ledger and the deletion leaves no pack behind."""
    good(await sender.open())
    good(await sender.put(0))
    pack = a_pack(sender.transfer, 0)
    good(await poller.acknowledge(sender.transfer, sender.sent))
    house.receiver.store.put(PackKey(sender.transfer, 0), sha256(pack), pack)
    assert reconcile(house.receiver) == Reconciled(removed=1)
    assert house.receiver.store.packs(sender.transfer) == []


async def test_packs_of_nobody_are_removed(house: House, sender: Sender) -> None:
    """A folder of a transfer that no ledger knows is deleted, with a line in the audit."""
    pack = a_pack(sender.transfer, 0)
    house.receiver.store.put(PackKey(sender.transfer, 0), sha256(pack), pack)
    assert reconcile(house.receiver) == Reconciled()
    assert house.receiver.store.transfers() == []
    audit = (house.receiver.settings.store.folder / "audit.jsonl").read_text()
    assert "no such transfer" in audit


async def test_a_restart_keeps_what_was_said(tmp_path: Path) -> None:
    """After a restart the same packs are held, and the transfer goes on where it was."""
    with an_open_receiver(tmp_path) as house:
        sender = Sender(house.public(), house)
        good(await sender.open())
        good(await sender.put(0))
    with an_open_receiver(tmp_path) as house:
        assert reconcile(house.receiver) == Reconciled()
        sender.client = house.public()
        assert status_in(await sender.open()).packs == 1
        good(await sender.put(1))
        good(await sender.close())
        with house.receiver.ledger.reading() as connection:
            counted = connection.scalar(sa.select(sa.func.count()).select_from(packs))
            waiting = connection.scalar(sa.select(transfers.c.waiting))
    assert (counted, waiting) == (2, 2)
