"""What one transfer, one source and one day may have at the door."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_receiver import operations
from passbox_wire import routes
from passbox_wire.messages import coarse_bytes
from passbox_wire.problems import parse_problem
from tests.builders.answers import good, problem_in
from tests.builders.clocks import FakeClock
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import a_pack
from tests.receiver.persons import WHO, someone

pytestmark = pytest.mark.anyio

MIB = 2**20


async def test_a_transfer_has_a_size(tmp_path: Path) -> None:
    """A transfer that declares more than the limit is refused before its first byte."""
    with an_open_receiver(tmp_path, toml="[limits]\ntransfer_bytes = 3000000") as house:
        sender = someone(house, "one")
        assert problem_in(await sender.open(sender.message(total_bytes=4 * MIB))) == (
            "transfer_too_large"
        )
        good(await sender.open(sender.message(total_bytes=MIB)))
        for number in range(2):
            good(await sender.put(number, a_pack(sender.transfer, number, size=MIB)))
        answer = await sender.put(2, a_pack(sender.transfer, 2, size=MIB))
        assert problem_in(answer) == "transfer_too_large"


async def test_a_source_opens_so_many(tmp_path: Path) -> None:
    """One source has a bounded number of open transfers; closing one makes room for another."""
    with an_open_receiver(tmp_path, toml="[limits]\nopen_transfers_per_source = 2") as house:
        first, second, third = (someone(house, name) for name in ("a", "b", "c"))
        good(await first.open())
        good(await second.open())
        assert problem_in(await third.open()) == "too_many_open"
        assert (await someone(house, "d", "192.0.2.8").open()).is_success
        good(await first.cancel())
        assert (await third.open()).is_success


async def test_a_source_has_a_share_of_the_day(tmp_path: Path, clock: FakeClock) -> None:
    """A source's bytes a day are bounded, by what it declared and by what came; tomorrow is new."""
    toml = f"[limits]\nsource_bytes_per_day = {5 * MIB}"
    with an_open_receiver(tmp_path, toml=toml, clock=clock) as house:
        first, second = someone(house, "a"), someone(house, "b")
        good(await first.open(first.message(total_bytes=4 * MIB)))
        answer = await second.open(second.message(total_bytes=2 * MIB))
        assert problem_in(answer) == "source_limit"
        until_tomorrow = parse_problem(answer.content).retry_after
        assert until_tomorrow is not None
        assert answer.headers["Retry-After"] == str(until_tomorrow)
        other = someone(house, "c", "192.0.2.8")
        assert (await other.open(other.message(total_bytes=4 * MIB))).is_success
        clock.advance(timedelta(seconds=until_tomorrow))
        assert (await second.open(second.message(total_bytes=2 * MIB))).is_success


async def test_what_was_admitted_may_finish(tmp_path: Path) -> None:
    """A transfer sends what it declared although the day is full meanwhile, and not more."""
    with an_open_receiver(tmp_path, toml=f"[limits]\nday_bytes = {3 * MIB}") as house:
        sender = someone(house, "a")
        good(await sender.open(sender.message(total_bytes=2 * MIB)))
        operations.set_limit(house.settings_path, "limits.day_bytes", MIB, **WHO)
        assert problem_in(await someone(house, "b").open()) == "day_limit"
        for number in range(3):
            good(await sender.put(number, a_pack(sender.transfer, number, size=600_000)))
        answer = await sender.put(3, a_pack(sender.transfer, 3, size=600_000))
        assert problem_in(answer) == "day_limit"
        good(await sender.close())


@pytest.mark.parametrize("wasted", ["digest", "held"])
async def test_bytes_that_come_to_nothing_count(tmp_path: Path, wasted: str) -> None:
    """Packs with a wrong digest, and one that is held sent again and again, use up the quota."""
    toml = f"[limits]\nsource_bytes_per_day = {4 * MIB}"
    with an_open_receiver(tmp_path, toml=toml) as house:
        sender = someone(house, "a")
        good(await sender.open(sender.message(total_bytes=MIB)))
        pack = a_pack(sender.transfer, 0, size=500_000)
        good(await sender.put(0, pack))
        other = a_pack(sender.transfer, 1, size=500_000)
        number, sent, body = (0, pack, pack) if wasted == "held" else (1, other, other[:-1] + b"x")
        answers = [await sender.put(number, sent, body=body) for _ in range(12)]
        assert problem_in(answers[-1]) == "source_limit"
        used = operations.transfers(house.settings_path)[0]["bytes_on_wire"]
        assert used <= 4 * MIB


async def test_a_declared_size_is_not_kept_free_for_ever(tmp_path: Path, clock: FakeClock) -> None:
    """Who declares much and sends nothing keeps others out for a quarter of an hour only."""
    toml = f"[limits]\nday_bytes = {4 * MIB}"
    with an_open_receiver(tmp_path, toml=toml, clock=clock) as house:
        idle, honest = someone(house, "a"), someone(house, "b", "192.0.2.8")
        good(await idle.open(idle.message(total_bytes=4 * MIB)))
        assert problem_in(await honest.open()) == "day_limit"
        clock.advance(timedelta(minutes=15))
        assert (await honest.open()).is_success


async def test_what_came_counts_after_a_restart(tmp_path: Path) -> None:
    """Quotas are kept in the ledger: a restart forgives nobody."""
    toml = f"[limits]\nsource_bytes_per_day = {2 * MIB}"
    with an_open_receiver(tmp_path, toml=toml) as house:
        sender = someone(house, "a")
        good(await sender.open())
        good(await sender.put(0, a_pack(sender.transfer, 0, size=MIB - 5000)))
        good(await sender.close())
    with an_open_receiver(tmp_path, toml=toml) as house:
        again = someone(house, "b")
        message = again.message(total_bytes=coarse_bytes(MIB + MIB // 4))
        assert problem_in(await again.open(message)) == "source_limit"


async def test_an_ipv6_network_is_one_source(tmp_path: Path) -> None:
    """Addresses of one /64 share one quota, those of a /48 eight; a mapped address is IPv4."""
    toml = "[limits]\nopen_transfers_per_source = 1"
    with an_open_receiver(tmp_path, toml=toml) as house:
        good(await someone(house, "a", "2001:db8:1:2::1").open())
        other = someone(house, "b", "2001:db8:1:2:ffff::9")
        assert problem_in(await other.open()) == "too_many_open"
        assert (await someone(house, "c", "2001:db8:1:3::1").open()).is_success
        good(await someone(house, "d", "192.0.2.7").open())
        assert problem_in(await someone(house, "e", "::ffff:192.0.2.7").open()) == "too_many_open"


async def test_an_ipv6_48_has_eight_shares(tmp_path: Path) -> None:
    """Hopping through the /64 networks of one /48 ends at eight times a source's share."""
    toml = f"[limits]\nsource_bytes_per_day = {MIB}"
    with an_open_receiver(tmp_path, toml=toml) as house:
        answers = [await someone(house, f"n{n}", f"2001:db8:1:{n:x}::1").open() for n in range(10)]
        assert [answer.is_success for answer in answers] == [True] * 8 + [False] * 2
        assert problem_in(answers[-1]) == "source_limit"


async def test_a_source_asks_so_often(tmp_path: Path) -> None:
    """Requests of one source are bounded in a minute; the answer says when to come again."""
    with an_open_receiver(tmp_path, toml="[limits]\nrequests_per_second_per_source = 1") as house:
        client, other = house.public(), house.public("192.0.2.8")
        answers = [await client.get(routes.STATUS) for _ in range(61)]
        assert [answer.status_code for answer in answers] == [200] * 60 + [429]
        assert problem_in(answers[-1]) == "too_many_requests"
        assert re.match(r"[1-9]\d*$", answers[-1].headers["Retry-After"])
        assert (await other.get(routes.STATUS)).is_success


async def test_a_transfer_sends_so_many_packs_at_once(tmp_path: Path) -> None:
    """More requests of one transfer than are allowed in parallel are told to wait a second."""
    with an_open_receiver(tmp_path, toml="[limits]\nparallel_requests = 1") as house:
        sender = someone(house, "a")
        good(await sender.open())
        pack = a_pack(sender.transfer, 0)

        async def body() -> AsyncIterator[bytes]:
            yield pack[:1000]
            answer = await sender.put(1)
            assert problem_in(answer) == "too_many_requests"
            assert answer.headers["Retry-After"] == "1"
            yield pack[1000:]

        good(await sender.put(0, pack, body=body()))
        good(await sender.put(1))


async def test_closing_in_vain_is_not_free(house: House) -> None:
    """Each close hashes every pack: a transfer closed over and over wrongly has to wait."""
    sender = someone(house, "a")
    good(await sender.open())
    good(await sender.put(0))
    problems = [problem_in(await sender.close({0: bytes(32)})) for _ in range(12)]
    assert problems[:10] == ["held_differs"] * 10
    assert problems[10:] == ["too_many_requests"] * 2
    assert problem_in(await sender.close({0: bytes(32), 1: bytes(32)})) == "held_differs"


async def test_a_closed_transfer_may_be_asked_about(house: House) -> None:
    """The same close again answers what was closed, as often as a client waits for its receipt."""
    sender = someone(house, "a")
    good(await sender.open())
    good(await sender.put(0))
    for _ in range(15):
        good(await sender.close())
    assert problem_in(await sender.close({0: bytes(32)})) == "held_differs"
