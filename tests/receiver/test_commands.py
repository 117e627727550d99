"""Commands of administrators inside: who is obeyed, how often, and what is written down."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from passbox_receiver import operations
from passbox_wire import routes
from passbox_wire.inner.admin import (
    CHANGES,
    COLUMNS,
    COMMAND_SECONDS,
    Command,
    CommandId,
    CommandKind,
    ListName,
    Outcome,
)
from tests.builders import wire
from tests.builders.answers import good, problem_in
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender

pytestmark = pytest.mark.anyio


def a_command(
    house: House, kind: CommandKind, *, number: int = 1, old: int = 0, **arguments: Any
) -> Command:
    """Return a command that was issued ``old`` seconds ago."""
    identity = CommandId(f"{number:032x}")
    return Command(identity, kind, "anna", "a flood", house.now() - old, **arguments)


def audited(house: House) -> list[dict[str, Any]]:
    """Return the audit's entries about rules."""
    return [
        dict(entry)
        for entry in operations.audit(house.settings_path)
        if entry["event"] == "rules changed"
    ]


async def test_a_change_is_in_force_and_in_the_audit_when_it_is_answered(
    house: House, sender: Sender, poller: Poller
) -> None:
    """A stop from inside closes the door at once, with its text, its author and its reason."""
    stop = a_command(house, CommandKind.STOP, text="Back at noon.")
    assert (await poller.command(stop)).outcome is Outcome.DONE
    refused = await sender.open()
    assert problem_in(refused) == "not_accepting"
    assert "Back at noon." in refused.text
    (entry,) = audited(house)
    assert (entry["author"], entry["reason"]) == ("anna", "a flood")
    assert entry["facts"] == {"change": "stopped", "command": stop.id}
    resume = a_command(house, CommandKind.RESUME, number=2)
    assert (await poller.command(resume)).outcome is Outcome.DONE
    good(await sender.open())


async def test_a_command_is_done_once(house: House, poller: Poller) -> None:
    """The same command ten times, some at once, makes one entry and gets one answer."""
    add = a_command(
        house, CommandKind.ADD_TO_LIST, list=ListName.BLOCK, network="192.0.2.0/24", expires=None
    )
    answers = await asyncio.gather(*(poller.command(add) for _ in range(10)))
    assert all(answer == answers[0] for answer in answers)
    assert [entry["id"] for entry in operations.lists(house.settings_path)] == [
        answers[0].rows[0]["entry"]
    ]
    assert len(audited(house)) == 1


async def test_an_answer_survives_a_restart(tmp_path: Path) -> None:
    """A command that was done before a restart is answered, not done again, after it."""
    with an_open_receiver(tmp_path) as house:
        alarm = a_command(house, CommandKind.TEST_ALARM)
        await Poller(house.inner(), house).command(alarm)
    with an_open_receiver(tmp_path) as house:
        poller = Poller(house.inner(), house)
        assert (await poller.command(alarm)).outcome is Outcome.DONE
        assert len((await poller.work()).alarms) == 1


async def test_an_id_stands_for_one_command(house: House, poller: Poller) -> None:
    """Another command under an id that was used changes nothing."""
    await poller.command(a_command(house, CommandKind.STOP, text=None))
    other = await poller.command(a_command(house, CommandKind.RESUME))
    assert other.outcome is Outcome.REFUSED
    assert operations.monitor(house.settings_path)["stopped"] is True


async def test_what_comes_late_is_not_done(house: House, poller: Poller) -> None:
    """A change that was issued more than an hour ago, or in an hour, changes nothing."""
    for number, old in enumerate((COMMAND_SECONDS + 1, -COMMAND_SECONDS - 1)):
        late = a_command(house, CommandKind.STOP, number=number, old=old, text=None)
        assert (await poller.command(late)).outcome is Outcome.TOO_LATE
    assert operations.monitor(house.settings_path)["stopped"] is False
    assert audited(house) == []


async def test_what_makes_no_sense_is_refused_with_a_reason(house: House, poller: Poller) -> None:
    """A limit, network or entry that does not exist is refused in words, and nothing changes."""
    for number, command in enumerate(
        (
            a_command(house, CommandKind.SET_LIMIT, name="limits.none", value=1),
            a_command(house, CommandKind.SET_LIMIT, name="limits.parallel_requests", value=9999),
            a_command(house, CommandKind.TRY_NETWORK, network="everybody"),
            a_command(house, CommandKind.REMOVE_FROM_LIST, entry=7),
        )
    ):
        asked = Command(
            CommandId(f"{number:032x}"),
            *(getattr(command, name) for name in Command.__slots__[1:]),
        )
        answer = await poller.command(asked)
        assert (answer.outcome, bool(answer.why)) == (Outcome.REFUSED, True)
        assert await poller.command(asked) == answer
    assert audited(house) == []


async def test_every_question_is_answered(house: House, sender: Sender, poller: Poller) -> None:
    """Each kind that asks gets rows of its columns: what the host's commands show."""
    good(await sender.open())
    good(await sender.put(0))
    await poller.command(
        a_command(house, CommandKind.SET_LIMIT, name="limits.day_bytes", value=10**12)
    )
    await poller.command(a_command(house, CommandKind.TEST_ALARM, number=2))
    entry: dict[str, Any] = {"list": ListName.ALLOW, "network": "192.0.2.7", "expires": None}
    await poller.command(a_command(house, CommandKind.ADD_TO_LIST, number=3, **entry))
    arguments: dict[CommandKind, dict[str, Any]] = {
        CommandKind.TRY_LIMIT: {"name": "limits.day_bytes", "value": 1},
        CommandKind.TRY_NETWORK: {"network": "192.0.2.0/24"},
        CommandKind.TRANSFERS: {"last": 5},
        CommandKind.AUDIT: {"last": 2},
    }
    for kind in set(CommandKind) - CHANGES:
        answer = await poller.command(a_command(house, kind, **arguments.get(kind, {})))
        assert answer.outcome is Outcome.DONE
        assert answer.rows, kind
        assert set(answer.rows[0]) == set(COLUMNS[kind])


async def test_a_guest_does_not_administer(tmp_path: Path) -> None:
    """A destination that does not administer is told nothing and changes nothing."""
    with an_open_receiver(tmp_path, administers=False) as house:
        poller = Poller(house.inner(), house)
        for kind in (CommandKind.RESUME, CommandKind.LIMITS, CommandKind.LISTS):
            answer = await poller.command(a_command(house, kind))
            assert (answer.outcome, answer.rows) == (Outcome.REFUSED, ())
        assert audited(house) == []


async def test_only_a_destination_is_heard(house: House, poller: Poller) -> None:
    """A command that no destination signed, or that is none, is refused before it is read."""
    stop = a_command(house, CommandKind.STOP, text=None)
    stranger = Poller(house.inner(), house, key=wire.a_signing_key("stranger"))
    answer = await stranger.ask("POST", routes.ADMINISTRATION, stop.encode())
    assert problem_in(answer) == "signature_wrong"
    answer = await poller.ask("POST", routes.ADMINISTRATION, stop.encode()[:-1])
    assert problem_in(answer) == "malformed"
    answer = await house.public().post(routes.ADMINISTRATION, content=stop.encode())
    assert problem_in(answer) == "not_found"
    assert audited(house) == []
