"""Commands for the receiver wait in the viewer until the poller fetched and answered them."""

import secrets
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_base.clocks import SystemClock
from passbox_viewer.commands import Commands
from passbox_viewer.events import Bell
from passbox_wire.errors import Malformed
from passbox_wire.inner.admin import (
    MAX_COMMANDS,
    Command,
    CommandAnswer,
    CommandKind,
    Outcome,
    parse_commands,
)
from tests.builders.clocks import FakeClock
from tests.viewer.house import DEADLINE, House, running_house


def commands_of(house: House) -> Commands:
    """Return the commands as a page would have them: beside the inner listener's."""
    bell = house.running.inside.bell
    return Commands(house.settings.store.folder, SystemClock(), secrets.token_bytes, bell)


def asked(commands: Commands) -> Command:
    """Ask for the lists."""
    command = commands.ask(CommandKind.LISTS, author="anna")
    assert command is not None
    return command


def test_a_command_goes_to_the_poller_and_its_answer_comes_back(tmp_path: Path) -> None:
    """A waiting poller hears of a command when it is asked; the first answer stays."""
    with running_house(tmp_path) as house:
        commands = commands_of(house)
        assert parse_commands(house.ask("GET", "/inner/v1/commands?wait=0").content) == ()
        fetched: list[bytes] = []
        target = f"/inner/v1/commands?wait={int(DEADLINE)}"
        poll = threading.Thread(target=lambda: fetched.append(house.ask("GET", target).content))
        begun = time.monotonic()
        poll.start()
        command = asked(commands)
        poll.join(DEADLINE)
        assert time.monotonic() - begun < DEADLINE
        assert parse_commands(fetched[0]) == (command,)
        answer = CommandAnswer(command.id, Outcome.DONE)
        path = f"/inner/v1/commands/{command.id}/answer"
        assert house.ask("PUT", path, answer.encode()).status_code == 204
        later = CommandAnswer(command.id, Outcome.FAILED)
        assert house.ask("PUT", path, later.encode()).status_code == 204
        found = commands.find(command.id)
        assert found is not None
        assert found.answer == answer
        assert parse_commands(house.ask("GET", "/inner/v1/commands").content) == ()


def test_only_answers_to_what_was_asked_are_kept(tmp_path: Path) -> None:
    """Another command's answer, rows of another kind and unknown ids are refused."""
    with running_house(tmp_path) as house:
        command = asked(commands_of(house))
        path = f"/inner/v1/commands/{command.id}/answer"
        wrong = CommandAnswer(command.id, Outcome.DONE, rows=({"other": 1},))
        assert house.ask("PUT", path, wrong.encode()).status_code == 400
        for identity in ("0" * 32, "..", "%2e%2e%2fledger"):
            answer = replace(wrong, rows=()).encode()
            told = house.ask("PUT", f"/inner/v1/commands/{identity}/answer", answer)
            assert told.status_code in {400, 404}
        assert commands_of(house).waiting() == (command,)


def test_commands_survive_and_go(tmp_path: Path) -> None:
    """What waits survives a restart; questions are gone after a day, changes after a quarter."""
    clock = FakeClock()

    def commands() -> Commands:
        return Commands(tmp_path, clock, secrets.token_bytes, Bell())

    question = asked(commands())
    change = commands().ask(CommandKind.RESUME, author="anna", reason="over")
    assert {one.command for one in commands().newest(9)} == {question, change}
    clock.advance(timedelta(days=2))
    again = asked(commands())
    assert [one.command for one in commands().newest(9)] == [again, change]
    clock.advance(timedelta(days=90))
    last = asked(commands())
    assert [one.command for one in commands().newest(9)] == [last]


def test_no_pile_and_no_nonsense(tmp_path: Path) -> None:
    """While the poller is away at most 50 wait; what is no command is not kept."""
    commands = Commands(tmp_path, SystemClock(), secrets.token_bytes, Bell())
    with pytest.raises(Malformed):
        commands.ask(CommandKind.STOP, author="anna", text=None)
    for _ in range(MAX_COMMANDS):
        asked(commands)
    assert commands.ask(CommandKind.LISTS, author="anna") is None
    assert len(commands.waiting()) == MAX_COMMANDS
