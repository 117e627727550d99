"""What is acknowledged is durable: faults at every call before each word that leaves a program.

A kill does not show a missing sync, for the page cache survives it (security anchors A12): the
order of the calls does. Everything else is held against what a program finds when it starts again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from passbox_base.clocks import SystemClock
from passbox_base.pack_store import PackKey, PackStore
from passbox_poller.ledger import Ledger
from passbox_viewer.store import Store, data_set_of
from passbox_wire.digests import sha256
from passbox_wire.receipts import parse_signed_receipt
from passbox_wire.states import UploadState
from tests.builders.answers import good, status_in
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender
from tests.builders.wire import a_signing_key, public
from tests.faults.acknowledging import (
    INSTANCE,
    PACK,
    TRANSFER,
    an_incoming_instance,
    poller_takes_pack,
)
from tests.faults.injection import Broken, Injector, Outcome, attack, order_of, unsynced
from tests.faults.subjects import DATA

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

MISSING = "acknowledged but missing"
HALF = "half visible"

Look = Callable[[House, Sender, Poller, bool], Coroutine[Any, Any, str | None]]
"""What is wrong with a receiver that was started again; whether it had said yes."""


def _receiver(look: Look) -> Broken:
    def broken(outcome: Outcome) -> str | None:
        with an_open_receiver(outcome.folder) as house:
            sender, poller = Sender(house.public(), house), Poller(house.inner(), house)
            return asyncio.run(look(house, sender, poller, outcome.said == "ACK"))

    return broken


async def _pack_broken(house: House, sender: Sender, poller: Poller, said: bool) -> str | None:
    del house
    held = (await sender.held()).packs
    if said and [pack.number for pack in held] != [0]:
        return MISSING
    if wrong := await _held_broken(sender, poller):
        return wrong
    if not (await sender.put(0)).is_success or not (await sender.close()).is_success:
        return "it cannot go on"
    return await _held_broken(sender, poller)


async def _held_broken(sender: Sender, poller: Poller) -> str | None:
    for pack in (await sender.held()).packs:
        answer = await poller.pack(sender.transfer, pack.number)
        if not answer.is_success or sha256(answer.content) != pack.sha256:
            return HALF
    return None


async def _close_broken(house: House, sender: Sender, poller: Poller, said: bool) -> str | None:
    del house, poller
    state = status_in(await sender.open()).state
    if said and state is not UploadState.CLOSED:
        return MISSING
    if state not in {UploadState.RECEIVING, UploadState.CLOSED}:
        return HALF
    packs = {pack.number: pack.sha256 for pack in (await sender.held()).packs}
    answer = await sender.close(packs)
    closed = answer.is_success and status_in(answer).state is UploadState.CLOSED
    return None if closed else "it cannot go on"


async def _receipt_broken(house: House, sender: Sender, poller: Poller, said: bool) -> str | None:
    del house
    kept = good(await sender.receipt())
    if said and not kept:
        return MISSING
    if kept and _sequence(kept) != 1:
        return HALF
    _, answer = await poller.put_receipt(sender, sequence=2)
    later = good(await sender.receipt())
    return None if answer.is_success and _sequence(later) == 2 else "it cannot go on"


def _sequence(receipt: bytes) -> int:
    return parse_signed_receipt(receipt).verified((public(a_signing_key("receipt")),)).sequence


def _pulled_broken(outcome: Outcome) -> str | None:
    spool, key = PackStore(outcome.folder / "packs"), PackKey(TRANSFER, PACK.number)
    spool.reconcile()
    with contextlib.closing(Ledger.open(outcome.folder, SystemClock())) as ledger:
        noted = ledger.packs(TRANSFER)
    held = [pack.number for pack in spool.packs(TRANSFER)]
    if outcome.said == "ACK" and (noted, held) != ({PACK.number: PACK.sha256}, [PACK.number]):
        return MISSING
    if noted and not held:
        return "noted but missing"
    poller_takes_pack(outcome.folder)()
    with spool.get(key) as file:
        if file.read() != DATA:
            return HALF
    return None if len(spool.packs(TRANSFER)) == 1 else "doubled"


def _signed_broken(outcome: Outcome) -> str | None:
    with contextlib.closing(Ledger.open(outcome.folder, SystemClock())) as ledger:
        last = ledger.last_sequence(TRANSFER)
        if outcome.said == "ACK" and last != 1:
            return MISSING
        if last == 0:
            ledger.add_receipt(TRANSFER, 1, b"signed")
        pending = [(one.sequence, one.signed) for one in ledger.pending_receipts(TRANSFER)]
    return None if pending == [(1, b"signed")] else HALF


def _instance_broken(outcome: Outcome) -> str | None:
    store = Store(outcome.folder)
    store.remove_leftovers()
    there = _instances(outcome.folder)
    if outcome.said == "ACK" and len(there) != 1:
        return MISSING
    if any(not path.name.startswith(data_set_of(path)[0].hex()) for path in there):
        return HALF
    again = an_incoming_instance(store)
    store.keep(TRANSFER, again, INSTANCE, data_set_of(again))
    store.remove_leftovers()
    names = [
        path for path in outcome.folder.rglob("*") if path.is_file() and "ledger" not in path.name
    ]
    return None if names == _instances(outcome.folder) and len(names) == 1 else "doubled"


def _instances(folder: Path) -> list[Path]:
    return list(folder.glob("transfers/*/instances/*"))


EVIDENCE = {
    "receiver_takes_pack": {"write", "name", "row"},
    "receiver_closes": {"row"},
    "receiver_takes_receipt": {"row"},
    "poller_takes_pack": {"write", "name", "row"},
    "poller_signs_receipt": {"row"},
    "viewer_takes_instance": {"fsync file", "name"},
}
BROKEN: dict[str, Broken] = {
    "receiver_takes_pack": _receiver(_pack_broken),
    "receiver_closes": _receiver(_close_broken),
    "receiver_takes_receipt": _receiver(_receipt_broken),
    "poller_takes_pack": _pulled_broken,
    "poller_signs_receipt": _signed_broken,
    "viewer_takes_instance": _instance_broken,
}


@pytest.mark.parametrize(("act", "evidence"), EVIDENCE.items(), ids=EVIDENCE)
def test_durable_before_it_is_acknowledged(
    injector: Injector, scratch: Path, act: str, evidence: set[str]
) -> None:
    """Bytes are synced before they get a name, name and ledger row before anybody is told.

    Held for a sender's pack, close and receipt at the receiver, a pack and a receipt at the poller,
    and an instance at the temporary store, whose bytes its library wrote before.
    """
    order = order_of(injector.trace(act, scratch / "run"))

    assert evidence <= set(order)
    assert unsynced(order) == []


@pytest.mark.parametrize(("act", "broken"), BROKEN.items(), ids=BROKEN)
def test_no_fault_breaks_what_was_acknowledged(
    injector: Injector, scratch: Path, act: str, broken: Broken
) -> None:
    """Whatever call fails or is the last: what was said is there, nothing is half, it goes on."""
    injected, found = attack(injector.outcomes(act, scratch), act, broken)

    assert injected > 0
    assert found == []


@pytest.mark.parametrize(("act", "broken"), BROKEN.items(), ids=BROKEN)
def test_the_faults_find_a_hasty_build(
    injector: Injector, scratch: Path, act: str, broken: Broken
) -> None:
    """A build that says it before it has looked is found out, at each of the acknowledgements."""
    hasty = injector.outcomes(f"hasty_{act}", scratch)

    assert any(_is_found(broken, outcome) for outcome in hasty)


def _is_found(broken: Broken, outcome: Outcome) -> bool:
    try:
        return broken(outcome) is not None
    except Exception:  # noqa: BLE001  # whatever a bad build leaves behind may do
        return True
