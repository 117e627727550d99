"""Lists, limits and the emergency stop as administrators change them at run time."""

from pathlib import Path

import pytest

from passbox_base.audit import entries, verify
from passbox_receiver import operations
from passbox_receiver.errors import RuleRefused
from passbox_wire import routes
from passbox_wire.messages import parse_service_status
from passbox_wire.problems import parse_problem
from tests.builders.answers import good, problem_in
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack
from tests.receiver.persons import WHO, someone

pytestmark = pytest.mark.anyio

MIB = 2**20


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


async def test_operators_see_transfers(house: House, sender: Sender) -> None:
    """The list of transfers holds sizes, times and states: nothing of a patient or sender."""
    good(await sender.open())
    good(await sender.put(0))
    (row,) = operations.transfers(house.settings_path)
    assert (row["transfer"], row["state"], row["packs"], row["source"]) == (
        sender.transfer, "receiving", 1, "192.0.2.7",
    )  # fmt: skip
    assert row["bytes_on_wire"] == row["bytes_held"] == len(a_pack(sender.transfer, 0))
