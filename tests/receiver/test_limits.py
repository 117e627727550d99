"""Limits, lists and the data monitor at the door, each in the configuration and at run time."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

import pytest

from passbox_base.audit import entries, verify
from passbox_receiver import operations
from passbox_receiver.errors import RuleRefused
from passbox_wire import routes
from passbox_wire.messages import coarse_bytes, parse_service_status
from passbox_wire.problems import parse_problem
from tests.builders.answers import good, problem_in
from tests.builders.clocks import FakeClock
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio

MIB = 2**20


class Who(TypedDict):
    author: str
    reason: str


WHO = Who(author="anna", reason="test")


@pytest.fixture
def clock() -> FakeClock:
    """Stand on a fixed day until told to go on."""
    return FakeClock()


def someone(house: House, name: str, address: str = "192.0.2.7") -> Sender:
    """Return another sender."""
    return Sender(house.public(address), house, name=name)


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


async def test_wasted_bytes_alarm_like_others(tmp_path: Path) -> None:
    """The hard limit closes the door over any bytes that came, and says so."""
    with an_open_receiver(tmp_path, toml="[monitor]\nhard_bytes_per_day = 400000") as house:
        sender = someone(house, "a")
        good(await sender.open())
        pack = a_pack(sender.transfer, 0, size=500_000)
        assert problem_in(await sender.put(0, pack, body=pack[:-1] + b"x")) == "digest_wrong"
        alarms = (await Poller(house.inner(), house).work()).alarms
        assert "hard limit" in [alarm.kind for alarm in alarms]


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


async def test_forwarded_headers_are_nobody(tmp_path: Path) -> None:
    """An address in a header changes nothing: limits and lists go by the socket."""
    with an_open_receiver(tmp_path) as house:
        operations.add_to_list(house.settings_path, "block", "192.0.2.7", **WHO)
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            headers = {name: "203.0.113.1"}
            answer = await house.public("192.0.2.7").get(routes.STATUS, headers=headers)
            assert problem_in(answer) == "blocked"


async def test_a_blocked_source_is_told_so(house: House, sender: Sender, poller: Poller) -> None:
    """A source on the block list gets `blocked` for whatever it asks, from the next request on."""
    good(await sender.open())
    entry = operations.add_to_list(house.settings_path, "block", "192.0.2.0/24", **WHO)
    for answer in (
        await sender.open(),
        await sender.put(0),
        await sender.close({}),
        await sender.receipt(),
        await sender.client.get(routes.STATUS),
    ):
        assert problem_in(answer) == "blocked"
    assert (await poller.work()).items == ()
    assert (await someone(house, "x", "198.51.100.1").open()).is_success
    operations.remove_from_list(house.settings_path, entry, **WHO)
    assert (await sender.put(0)).is_success


async def test_an_allow_entry_is_an_exception(house: House) -> None:
    """An allowed address inside a blocked network may come in; an entry ends on its time."""
    path = house.settings_path
    operations.add_to_list(path, "block", "2001:db8::/32", **WHO)
    operations.add_to_list(path, "allow", "2001:db8:7::1", **WHO)
    operations.add_to_list(path, "block", "192.0.2.9", expires=house.now() - 1, **WHO)
    answers = [
        (await house.public(address).get(routes.STATUS)).status_code
        for address in ("2001:db8:7::1", "2001:db8:7::2", "192.0.2.9")
    ]
    assert answers == [200, 403, 200]
    listed = [(row["kind"], row["network"], row["comment"]) for row in operations.lists(path)]
    assert listed[0] == ("block", "2001:db8::/32", "test")


async def test_a_limit_changes_without_a_restart(house: House, sender: Sender) -> None:
    """A limit set on the host holds from the next request, and its reset gives the old one back."""
    path = house.settings_path

    async def told() -> int:
        status = parse_service_status(good(await sender.client.get(routes.STATUS)))
        return status.limits.transfer_bytes

    configured = await told()
    operations.set_limit(path, "limits.transfer_bytes", 5 * MIB, **WHO)
    assert await told() == 5 * MIB
    assert {"name": "limits.transfer_bytes", "value": 5 * MIB, "configured": configured,
            "changed": True} in operations.limits(path)  # fmt: skip
    operations.reset_limit(path, "limits.transfer_bytes", **WHO)
    assert await told() == configured


async def test_a_change_is_audited_before_it_holds(house: House, sender: Sender) -> None:
    """Each change stands in the audit chain with author and reason once the receiver obeys it."""
    operations.set_limit(
        house.settings_path, "limits.day_bytes", MIB, author="anna", reason="flood at night"
    )
    good(await sender.client.get(routes.STATUS))
    good(await sender.client.get(routes.STATUS))
    audit = house.receiver.settings.store.folder / "audit.jsonl"
    verify(audit)
    (entry,) = list(entries(audit))
    assert (entry["event"], entry["author"], entry["reason"], entry["facts"]) == (
        "rules changed", "anna", "flood at night", {"change": f"limits.day_bytes = {MIB}"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [("limits.nonsense", 1), ("limits.day_bytes", 0), ("limits.pack_bytes", 2**40), ("x", 1)],
)
async def test_a_limit_that_makes_no_sense_is_refused(house: House, name: str, value: int) -> None:
    """An unknown or impossible limit is refused and nothing changes."""
    with pytest.raises(RuleRefused):
        operations.set_limit(house.settings_path, name, value, **WHO)
    assert not any(row["changed"] for row in operations.limits(house.settings_path))


@pytest.mark.parametrize("network", ["", "300.1.1.1", "192.0.2.0/33", "::ffff:192.0.2.1", "host"])
async def test_a_network_that_is_none_is_refused(house: House, network: str) -> None:
    """A list takes addresses and CIDR networks only, a mapped one in its IPv4 form."""
    with pytest.raises(RuleRefused):
        operations.add_to_list(house.settings_path, "block", network, **WHO)
    assert operations.lists(house.settings_path) == []


async def test_a_change_has_an_author_and_a_reason(house: House) -> None:
    """Nobody changes a rule without saying who and why."""
    with pytest.raises(RuleRefused):
        operations.stop(house.settings_path, author="", reason="")
    with pytest.raises(RuleRefused):
        operations.remove_from_list(house.settings_path, 99, **WHO)
    with pytest.raises(RuleRefused):
        operations.add_to_list(house.settings_path, "grey", "192.0.2.1", **WHO)


async def test_an_emergency_stop_takes_nothing(house: House, sender: Sender) -> None:
    """Stopped, the receiver refuses transfers and packs with the administrator's text."""
    good(await sender.open())
    operations.stop(house.settings_path, text="Wartung bis 18 Uhr", **WHO)
    for answer in (await sender.put(0), await someone(house, "b").open()):
        assert problem_in(answer) == "not_accepting"
        assert parse_problem(answer.content).text == "Wartung bis 18 Uhr"
    status = parse_service_status(good(await sender.client.get(routes.STATUS)))
    assert (status.accepting, status.text) == (False, "Wartung bis 18 Uhr")
    operations.resume(house.settings_path, **WHO)
    assert (await sender.put(0)).is_success


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


async def test_operators_see_transfers(house: House, sender: Sender) -> None:
    """The list of transfers holds sizes, times and states: nothing of a patient or sender."""
    good(await sender.open())
    good(await sender.put(0))
    (row,) = operations.transfers(house.settings_path)
    assert (row["transfer"], row["state"], row["packs"], row["source"]) == (
        sender.transfer, "receiving", 1, "192.0.2.7",
    )  # fmt: skip
    assert row["bytes_on_wire"] == row["bytes_held"] == len(a_pack(sender.transfer, 0))


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
