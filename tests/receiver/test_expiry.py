"""The clock of the house: idle uploads end, closed ones never, what is over goes away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_receiver import operations
from passbox_receiver.expiry import tick
from passbox_wire.inner.receiver import AlarmKind
from passbox_wire.states import UploadState
from tests.builders.answers import good, problem_in, status_in
from tests.builders.clocks import FakeClock
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender

pytestmark = pytest.mark.anyio


@pytest.fixture
def house(tmp_path: Path, clock: FakeClock) -> Iterator[House]:
    """Open a receiver on that clock."""
    with an_open_receiver(tmp_path, clock=clock) as opened:
        yield opened


async def test_an_empty_upload_ends_after_a_day(
    house: House, sender: Sender, clock: FakeClock
) -> None:
    """An upload without a pack expires after 24 hours and is answered 410."""
    good(await sender.open())
    clock.advance(timedelta(hours=24))
    tick(house.receiver)
    assert (await sender.open()).is_success
    clock.advance(timedelta(seconds=1))
    tick(house.receiver)
    assert problem_in(await sender.open()) == "expired"
    assert problem_in(await sender.put(0)) == "expired"


async def test_an_upload_with_packs_ends_after_a_fortnight(
    house: House, sender: Sender, poller: Poller, clock: FakeClock
) -> None:
    """An upload that stands still for 14 days is abandoned, told to the inside, and deleted."""
    good(await sender.open())
    good(await sender.put(0))
    clock.advance(timedelta(days=13))
    good(await sender.put(1))
    clock.advance(timedelta(days=13))
    tick(house.receiver)
    assert status_in(await sender.open()).state is UploadState.RECEIVING
    clock.advance(timedelta(days=2))
    assert tick(house.receiver)
    assert problem_in(await sender.put(2)) == "expired"
    (item,) = (await poller.work()).items
    assert (item.state, item.waiting) == (UploadState.ABANDONED, 0)
    assert house.receiver.store.packs(sender.transfer) == []


async def test_a_closed_upload_never_ends_by_itself(
    house: House, sender: Sender, poller: Poller, clock: FakeClock
) -> None:
    """A closed transfer nobody pulls stays, alarms after an hour, in the end stops acceptance."""
    good(await sender.open())
    good(await sender.put(0))
    good(await sender.close())
    clock.advance(timedelta(hours=2))
    await poller.work()
    assert tick(house.receiver)
    assert [a.kind for a in (await poller.work()).alarms] == [AlarmKind.WAITING_TOO_LONG]
    clock.advance(timedelta(days=100))
    await poller.work()
    tick(house.receiver)
    assert AlarmKind.ACCEPTANCE_STOPPED in [a.kind for a in (await poller.work()).alarms]
    newcomer = Sender(house.public(), house, name="newcomer")
    assert problem_in(await newcomer.open()) == "not_accepting"
    assert (await poller.pack(sender.transfer, 0)).is_success
    good(await poller.acknowledge(sender.transfer, sender.sent))
    assert (await newcomer.open()).is_success


async def test_what_is_over_is_forgotten_after_a_month(
    house: House, sender: Sender, poller: Poller, clock: FakeClock
) -> None:
    """Rows and receipt of a finished transfer stay 30 days, then go, with a line in the audit."""
    good(await sender.open())
    good(await sender.put(0))
    good(await sender.close())
    good(await poller.acknowledge(sender.transfer, sender.sent))
    await poller.put_receipt(sender)
    clock.advance(timedelta(days=30))
    tick(house.receiver)
    assert (await sender.receipt()).is_success
    clock.advance(timedelta(seconds=1))
    tick(house.receiver)
    assert (await sender.receipt()).status_code == 204
    assert operations.transfers(house.settings_path) == []
    audit = (house.receiver.settings.store.folder / "audit.jsonl").read_text()
    assert '"transfer forgotten"' in audit


async def test_an_idle_limit_changes_at_run_time(
    house: House, sender: Sender, clock: FakeClock
) -> None:
    """The clock goes by the limits in force, not by those of the start."""
    good(await sender.open())
    operations.set_limit(
        house.settings_path, "limits.idle_opened_seconds", 60, author="anna", reason="test"
    )
    clock.advance(timedelta(seconds=61))
    tick(house.receiver)
    assert problem_in(await sender.open()) == "expired"
