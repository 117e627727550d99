"""Administrators' commands travel from the viewer to the receiver and their answers back."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from passbox_base.audit import entries
from passbox_base.clocks import SystemClock
from passbox_poller.relay import AUDIT_NAME
from passbox_wire.inner.admin import (
    Command,
    CommandAnswer,
    CommandId,
    CommandKind,
    Outcome,
)
from passbox_wire.problems import Code, Problem
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Yield peers that are up."""
    with a_house(tmp_path, mail_sink) as made:
        yield made


def a_command(kind: CommandKind = CommandKind.RESUME, **arguments: Any) -> Command:
    """Return a command of now."""
    now = int(SystemClock().now().timestamp())
    return Command(CommandId(secrets.token_hex(16)), kind, "anna", "over", now, **arguments)


def audited(house: House) -> list[tuple[Any, Any, Any, Any]]:
    """Return (event, author, kind, outcome) of each entry of the poller's audit."""
    found = entries(house.spool / AUDIT_NAME)
    facts: list[tuple[dict[str, Any], Any]] = [(entry, entry["facts"]) for entry in found]
    return [
        (entry["event"], entry["author"], fact["kind"], fact["outcome"]) for entry, fact in facts
    ]


def test_commands_and_answers_travel(house: House) -> None:
    """Each command reaches the receiver as it was asked, and its answer the viewer."""
    row: dict[str, Any] = {"name": "limits.day_bytes", "value": 2, "configured": 1, "changed": True}
    question, change = a_command(CommandKind.LIMITS), a_command(CommandKind.STOP, text="Später.")
    answers = {
        question.id: CommandAnswer(question.id, Outcome.DONE, rows=(row,)),
        change.id: CommandAnswer(change.id, Outcome.REFUSED, "not now"),
    }
    house.receiver.answer_command = lambda command: Response(answers[command.id].encode())
    house.viewer.commands += [question, change]
    with house.polling():
        house.viewer.wait_for(lambda: len(house.viewer.answers) == 2)
    assert house.receiver.commands == [question, change]
    assert house.viewer.answers == [answers[question.id], answers[change.id]]
    assert audited(house) == [
        ("command carried", "anna", "stop", None),
        ("command answered", "anna", "stop", "refused"),
    ]


def test_what_the_dmz_makes_up_goes_nowhere(house: House) -> None:
    """An answer against the contract is told as failed; the next command is carried."""
    lies = [
        Response(b"\x00" * 100),
        Response(CommandAnswer(CommandId("0" * 32), Outcome.DONE).encode()),
        Response(b"", 302, {"Location": "https://192.0.2.1/"}),
        Response(b"x" * 2_000_000),
        Response(Problem(Code.MALFORMED).encode(), 400),
    ]
    house.receiver.answer_command = lambda _command: lies.pop()
    wanted = [a_command(CommandKind.LISTS) for _ in lies]
    house.viewer.commands += wanted
    with house.polling():
        house.viewer.wait_for(lambda: len(house.viewer.answers) == len(wanted))
    assert lies == []
    assert {answer.outcome for answer in house.viewer.answers} == {Outcome.FAILED}


def test_a_receiver_that_is_away_is_asked_again(house: House) -> None:
    """A command is carried until the receiver answers, and audited once on its way."""
    troubles = [
        Response(Problem(Code.INTERNAL).encode(), 500),
        Response(Problem(Code.STORE_FULL).encode(), 507),
    ]

    def answer(command: Command) -> Response:
        done = Response(CommandAnswer(command.id, Outcome.DONE).encode())
        return troubles.pop() if troubles else done

    house.receiver.answer_command = answer
    command = a_command()
    house.viewer.commands.append(command)
    with house.polling():
        house.viewer.wait_for(lambda: house.viewer.answers)
    assert house.receiver.commands == [command] * 3
    assert [event for event, *_ in audited(house)] == ["command carried", "command answered"]
