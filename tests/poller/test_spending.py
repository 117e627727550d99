"""What opening may cost: some for nothing, then for what was sent; never all disk or memory."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_base.audit import AuditChain
from passbox_base.clocks import SystemClock
from passbox_poller.arrival import Budget
from passbox_poller.errors import TransferStopped
from passbox_poller.intake import Arrivals, Room
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.spending import SOURCE_SHARE, Prices, Spending
from passbox_poller.workfiles import WorkFolder
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason, WorkItem
from passbox_wire.inventory import FileKind
from passbox_wire.states import DeliveryState, UploadState
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_signing_key, a_transfer_id, public
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices

MIB = 2**20
ONE, OTHER = a_transfer_id(a_signing_key("one")), a_transfer_id(a_signing_key("other"))


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def a_spending(clock: FakeClock | None = None) -> Spending:
    """Return accounts with 10 MiB and 10 s for nothing."""
    return Spending(Prices(10 * MIB, 10.0), clock or FakeClock(), has_room=lambda: True)


def test_what_is_free_is_free_and_then_it_costs() -> None:
    """Beyond the free part a hundred bytes for each one sent, and the same pack pays once."""
    spending = a_spending()
    spending.decodes(ONE, 10 * MIB)
    for _ in range(5):
        spending.paid(ONE, 7, MIB)
    spending.decodes(ONE, 100 * MIB)
    with pytest.raises(TransferStopped) as stopped:
        spending.decodes(ONE, 1)
    assert stopped.value.reason is StopReason.BUDGET
    spending.decodes(OTHER, 10 * MIB)


def test_sources_of_days_ago_are_forgotten() -> None:
    """A source that never comes again leaves nothing in memory a day later."""
    clock = FakeClock()
    spending = a_spending(clock)
    for number in range(20):
        transfer = TransferId(f"{number:032x}")
        spending.comes_from(transfer, b"source %d" % number)
        spending.paid(transfer, 0, MIB)
        spending.forget(transfer)
    assert len(spending._of_source) == 20
    clock.advance(timedelta(days=1, seconds=1))
    spending.forget(ONE)
    assert not spending._of_source


def test_a_workers_time_is_counted_too() -> None:
    """Files that keep a worker busy to its limit stop their transfer after some of them."""
    clock = FakeClock()
    spending = a_spending(clock)
    with spending.working(ONE), suppress(RuntimeError):
        clock.advance(timedelta(seconds=9))
        raise RuntimeError
    spending.check(ONE)
    with spending.working(ONE):
        clock.advance(timedelta(seconds=2))
    with pytest.raises(TransferStopped):
        spending.check(ONE)


def test_a_hundred_small_transfers_buy_no_more_than_a_few() -> None:
    """The transfers of one source share what is free in a day; others and tomorrow are free."""
    clock = FakeClock()
    spending = a_spending(clock)
    many = [a_transfer_id(a_signing_key(f"{number}")) for number in range(SOURCE_SHARE + 1)]
    for transfer in many:
        spending.comes_from(transfer, b"source")
    for transfer in many[:SOURCE_SHARE]:
        spending.decodes(transfer, 10 * MIB)
        spending.forget(transfer)
    with pytest.raises(TransferStopped):
        spending.decodes(many[-1], 1)
    spending.comes_from(OTHER, b"elsewhere")
    spending.decodes(OTHER, 10 * MIB)
    clock.advance(timedelta(days=1, seconds=1))
    spending.check(many[-1])


def test_zeros_without_end_stop_the_transfer(house: House) -> None:
    """What unfolds to a thousandfold is stopped undecoded, the sender is told, others go on."""
    house.checks = {"opened_bytes": 4 * MIB}
    bomb = Sending([SentFile(bytes(16 * MIB), FileKind.UNIDENTIFIED)], name="bomb")
    honest = Sending(slices(2), name="honest")
    with house.polling():
        house.send(bomb)
        known = house.wait_until_finished(bomb.transfer)
        house.send(honest)
        house.wait_until_finished(honest.transfer)
    assert house.receiver.stops == [(bomb.transfer, StopReason.BUDGET)]
    assert known.delivery is DeliveryState.REFUSED
    assert len(house.viewer.stored) == 2
    assert not list((house.spool / "quarantine").glob(f"{bomb.transfer}*"))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A poller's ledger."""
    ledger = Ledger.open(tmp_path, SystemClock())
    yield ledger
    ledger.close()


def a_known(ledger: Ledger, name: str) -> KnownTransfer:
    """Make a transfer known."""
    key = a_signing_key(name)
    transfer = a_transfer_id(key)
    ledger.begin(
        WorkItem(
            transfer=transfer, state=UploadState.RECEIVING, public_key=public(key),
            source=bytes(32), total_bytes=MIB, packs=1, waiting=1, packs_sha256=None,
            signature=None, opened=1, last_pack=1,
        )
    )  # fmt: skip
    known = ledger.transfer(transfer)
    assert known is not None
    return known


def an_inventory_of(arrivals: Arrivals, known: KnownTransfer, sending: Sending) -> None:
    """Have a transfer attended whose inventory comes."""
    arrival = arrivals.of(known)
    inventory = sending.inventory.encode()
    for record in sending.plan()[0]:
        arrival.take(record, inventory)
    arrival.opened.update({0, 1, 2})
    arrivals.done(arrival)


def test_idle_transfers_make_room_in_memory(tmp_path: Path, ledger: Ledger) -> None:
    """Beyond so many listed files the one idle for longest leaves memory, and its work files go.

    How many packs it had opened stays known, so that it is still pulled.
    """
    work = WorkFolder(tmp_path / "work")
    audit = AuditChain(tmp_path / "audit", SystemClock())
    budget = Budget(files=1000, transfer_bytes=2**30, packs_before_inventory=64)
    clock = FakeClock()
    arrivals = Arrivals(ledger, work, budget, audit, a_spending(), Room(25, 60, clock))
    known = [a_known(ledger, f"{number}") for number in range(3)]
    for one in known:
        an_inventory_of(arrivals, one, Sending(slices(10)))
    assert all((work.path / str(one.id)).exists() for one in known)
    clock.advance(timedelta(seconds=61))
    arrivals.done(arrivals.of(known[2]))
    first, second, third = (work.path / str(one.id) for one in known)
    assert [path.exists() for path in (first, second, third)] == [False, True, True]
    assert arrivals.looked_at(known[0].id) == 3
    again = arrivals.of(known[0])
    assert (again.weight, again.opened) == (0, set())
    assert first.exists()
    arrivals.done(again)
    audit.close()


def test_who_is_attended_keeps_his_place(tmp_path: Path, ledger: Ledger) -> None:
    """A transfer that a thread is busy with is never taken out of memory."""
    work = WorkFolder(tmp_path / "work")
    audit = AuditChain(tmp_path / "audit", SystemClock())
    budget = Budget(files=1000, transfer_bytes=2**30, packs_before_inventory=64)
    arrivals = Arrivals(ledger, work, budget, audit, a_spending(), Room(5, 0, FakeClock()))
    busy, idle = a_known(ledger, "busy"), a_known(ledger, "idle")
    attended = arrivals.of(busy)
    an_inventory_of(arrivals, idle, Sending(slices(10)))
    arrivals.done(arrivals.of(a_known(ledger, "third")))
    assert arrivals.of(busy) is attended
    assert not (work.path / TransferId(idle.id)).exists()
    audit.close()


def test_a_transfer_out_of_memory_goes_on(house: House) -> None:
    """A transfer that made room for another one completes when the rest of it comes."""
    house.checks = {"files_in_memory": 1, "idle_seconds": 0}
    slow, quick = Sending(slices(3), name="slow"), Sending(slices(2, first=8), name="quick")
    packs = slow.packs()
    house.receiver.open(slow.transfer, slow.key)
    with house.polling():
        for number in (0, 1):
            house.receiver.put(slow.transfer, number, packs.pop(number))
        house.viewer.wait_for(lambda: house.viewer.stored_uids() == ["1.2.3.4.1"])
        house.send(quick)
        house.wait_until_finished(quick.transfer)
        for number, sealed in packs.items():
            house.receiver.put(slow.transfer, number, sealed)
        house.receiver.close(slow.transfer)
        known = house.wait_until_finished(slow.transfer)
    assert known.delivery is DeliveryState.COMPLETE
    assert len(house.viewer.stored) == 5
