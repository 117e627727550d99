"""The data monitor: one alarm a day at the soft limit, a closed door at the hard one."""

from datetime import timedelta
from pathlib import Path

import pytest

from passbox_receiver import operations
from passbox_wire import routes
from passbox_wire.messages import parse_service_status
from tests.builders.answers import good, problem_in
from tests.builders.clocks import FakeClock
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import a_pack
from tests.receiver.persons import WHO, someone

pytestmark = pytest.mark.anyio


async def test_wasted_bytes_alarm_like_others(tmp_path: Path) -> None:
    """The hard limit closes the door over any bytes that came, and says so."""
    with an_open_receiver(tmp_path, toml="[monitor]\nhard_bytes_per_day = 400000") as house:
        sender = someone(house, "a")
        good(await sender.open())
        pack = a_pack(sender.transfer, 0, size=500_000)
        assert problem_in(await sender.put(0, pack, body=pack[:-1] + b"x")) == "digest_wrong"
        alarms = (await Poller(house.inner(), house).work()).alarms
        assert "hard limit" in [alarm.kind for alarm in alarms]


async def test_the_monitor_alarms_once_a_day(tmp_path: Path, clock: FakeClock) -> None:
    """Passing the soft limit raises one alarm a day and hinders nobody."""
    toml = "[monitor]\nsoft_bytes_per_day = 10000"
    with an_open_receiver(tmp_path, toml=toml, clock=clock) as house:
        sender, poller = someone(house, "a"), Poller(house.inner(), house)
        good(await sender.open())
        good(await sender.put(0, a_pack(sender.transfer, 0, size=20_000)))
        good(await sender.put(1))
        (alarm,) = (await poller.work()).alarms
        assert (alarm.kind.value, alarm.limit) == ("soft limit", 10_000)
        good(await poller.alarms_seen(alarm.sequence))
        assert (await poller.work()).alarms == ()
        clock.advance(timedelta(days=1))
        good(await sender.put(2, a_pack(sender.transfer, 2, size=20_000)))
        (again,) = (await poller.work()).alarms
        assert again.sequence > alarm.sequence


async def test_the_monitor_stops_acceptance_by_itself(tmp_path: Path, clock: FakeClock) -> None:
    """At the hard limit no new transfer is taken; running ones finish; tomorrow or a hand opens."""
    toml = "[monitor]\nsoft_bytes_per_day = 5000\nhard_bytes_per_day = 10000"
    with an_open_receiver(tmp_path, toml=toml, clock=clock) as house:
        sender, poller = someone(house, "a"), Poller(house.inner(), house)
        good(await sender.open())
        good(await sender.put(0, a_pack(sender.transfer, 0, size=20_000)))
        assert problem_in(await someone(house, "b").open()) == "not_accepting"
        status = parse_service_status(good(await sender.client.get(routes.STATUS)))
        assert not status.accepting
        good(await sender.put(1))
        good(await sender.close())
        kinds = [alarm.kind.value for alarm in (await poller.work()).alarms]
        assert kinds == ["soft limit", "hard limit"]
        operations.reopen(house.settings_path, clock=clock, **WHO)
        assert (await someone(house, "b").open()).is_success
        assert operations.monitor(house.settings_path)["hard_bytes_per_day"] == 10_000
        clock.advance(timedelta(days=1))
        assert (await someone(house, "c").open()).is_success


async def test_a_test_alarm_arrives_each_time(house: House, poller: Poller) -> None:
    """Every test alarm travels with the next poll."""
    for _ in range(2):
        operations.send_test_alarm(house.settings_path, **WHO)
    assert [alarm.kind.value for alarm in (await poller.work()).alarms] == ["test", "test"]
