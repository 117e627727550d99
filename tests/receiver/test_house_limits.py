"""Limits of the whole house, the disk's inodes, when to come again, and what a rule would hit."""

from datetime import timedelta
from pathlib import Path

import pytest

from passbox_receiver import operations
from passbox_receiver.expiry import tick
from passbox_wire import routes
from passbox_wire.problems import parse_problem
from tests.builders.answers import good, problem_in
from tests.builders.clocks import FakeClock
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio

MIB = 2**20


def someone(house: House, name: str, address: str = "192.0.2.7") -> Sender:
    """Return another sender."""
    return Sender(house.public(address), house, name=name)


async def test_the_house_opens_so_many(tmp_path: Path) -> None:
    """All sources together have a bounded number of open transfers."""
    with an_open_receiver(tmp_path, toml="[limits]\nopen_transfers = 3") as house:
        answers = [await someone(house, f"n{n}", f"192.0.2.{n}").open() for n in range(4)]
        assert [answer.is_success for answer in answers] == [True] * 3 + [False]
        assert problem_in(answers[3]) == "too_many_open"
        assert answers[3].headers["Retry-After"] == "600"


async def test_an_ipv6_48_opens_so_many(tmp_path: Path) -> None:
    """Hopping through the /64 networks of a /48 opens eight times what one source may."""
    with an_open_receiver(tmp_path, toml="[limits]\nopen_transfers_per_source = 1") as house:
        answers = [await someone(house, f"n{n}", f"2001:db8:1:{n:x}::1").open() for n in range(10)]
        assert [answer.is_success for answer in answers] == [True] * 8 + [False] * 2


async def test_a_disk_without_inodes_is_full(tmp_path: Path) -> None:
    """With no more files than the reserve a pack is 507, and taken again once there is room."""
    left = [21]
    with an_open_receiver(tmp_path, free_files=lambda: left[0]) as house:
        sender = someone(house, "a")
        good(await sender.open())
        good(await sender.put(0))
        left[0] = 20
        answer = await sender.put(1)
        assert (problem_in(answer), answer.headers["Retry-After"]) == ("store_full", "600")
        assert problem_in(await someone(house, "b").open()) == "store_full"
        left[0] = 21
        assert (await sender.put(1)).is_success


async def test_every_no_says_when_to_come_again(house: House) -> None:
    """A stop and a block that ends carry Retry-After; one for ever does not."""
    operations.stop(house.settings_path, author="anna", reason="test", text="Wartung")
    answer = await someone(house, "a").open()
    assert parse_problem(answer.content).retry_after == 600
    path, ends = house.settings_path, house.now() + 90
    operations.add_to_list(path, "block", "192.0.2.8", author="a", reason="b", expires=ends)
    operations.add_to_list(path, "block", "192.0.2.9", author="a", reason="b")
    blocked = [await house.public(f"192.0.2.{n}").get(routes.STATUS) for n in (8, 9)]
    assert [answer.headers.get("Retry-After") for answer in blocked] == ["90", None]


async def test_a_rule_can_be_tried(tmp_path: Path) -> None:
    """A dry run counts last week's transfers and days that a rule would have met."""
    clock = FakeClock()
    with an_open_receiver(tmp_path, clock=clock) as house:
        path = house.settings_path
        await _use(house, "old", "192.0.2.7")
        clock.advance(timedelta(days=8))
        for name, address in (("a", "192.0.2.7"), ("b", "192.0.2.9"), ("c", "2001:db8::1")):
            await _use(house, name, address)
        size = len(a_pack(Sender(house.public(), house).transfer))
        tried = operations.try_network(path, "192.0.2.0/24", clock=clock)
        assert tried == {"transfers": 2, "sources": 2, "bytes": 2 * size, "days": 0}
        tried = operations.try_network(path, "2001:db8::9", clock=clock)
        assert tried["transfers"] == 1
        day = operations.try_limit(path, "limits.day_bytes", size, clock=clock)
        assert day == {"transfers": 0, "sources": 1, "bytes": 2 * size, "days": 1}
        per_source = operations.try_limit(path, "limits.source_bytes_per_day", size, clock=clock)
        assert per_source is not None
        assert per_source["days"] == 0
        opened = operations.try_limit(path, "limits.open_transfers", 2, clock=clock)
        assert opened is not None
        assert opened["transfers"] == 1
        assert operations.try_limit(path, "limits.burst", 1, clock=clock) is None
        assert operations.lists(path) == []


async def _use(house: House, name: str, address: str) -> None:
    sender = someone(house, name, address)
    good(await sender.open())
    good(await sender.put(0))


async def test_a_source_opens_so_many_in_a_day(tmp_path: Path) -> None:
    """Opening and cancelling over and over ends with the day's share, and tomorrow begins anew."""
    clock = FakeClock()
    toml = "[limits]\nopened_per_source_per_day = 3"
    with an_open_receiver(tmp_path, toml=toml, clock=clock) as house:
        for number in range(3):
            sender = someone(house, f"n{number}")
            good(await sender.open())
            good(await sender.open())
            good(await sender.cancel())
        answer = await someone(house, "n3").open()
        problem = parse_problem(answer.content)
        assert problem.code.value == "source_limit"
        assert (await someone(house, "n4", "192.0.2.8").open()).is_success
        assert problem.retry_after is not None
        clock.advance(timedelta(seconds=problem.retry_after))
        good(await someone(house, "n3").open())


async def test_what_never_sent_is_forgotten_soon(tmp_path: Path) -> None:
    """Of what ended without a pack nothing is left after two days; the rest stays a month."""
    clock = FakeClock()
    with an_open_receiver(tmp_path, clock=clock) as house:
        empty, sent = someone(house, "a"), someone(house, "b")
        for sender in (empty, sent):
            good(await sender.open())
        good(await sent.put(0))
        good(await empty.cancel())
        good(await sent.cancel())
        clock.advance(timedelta(days=1))
        tick(house.receiver)
        assert len(operations.transfers(house.settings_path)) == 2
        clock.advance(timedelta(days=1, seconds=1))
        tick(house.receiver)
        (left,) = operations.transfers(house.settings_path)
        assert left["transfer"] == sent.transfer


async def test_a_transfer_is_judged_once_more_at_its_end(tmp_path: Path) -> None:
    """What has more packs than the limit that holds now is not closed."""
    with an_open_receiver(tmp_path) as house:
        sender = someone(house, "a")
        good(await sender.open())
        for number in range(2):
            good(await sender.put(number))
        path, name = house.settings_path, "limits.packs_per_transfer"
        operations.set_limit(path, name, 1, author="anna", reason="test")
        assert problem_in(await sender.close()) == "transfer_too_large"
        operations.reset_limit(path, name, author="anna", reason="test")
        good(await sender.close())
