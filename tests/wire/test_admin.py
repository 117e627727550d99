"""Commands to the receiver and their answers: each kind with its own arguments and columns."""

from dataclasses import replace
from typing import Any

import pytest

from passbox_wire import canonical
from passbox_wire.errors import Malformed
from passbox_wire.inner import admin
from passbox_wire.inner.admin import (
    ARGUMENTS,
    CHANGES,
    COLUMNS,
    Command,
    CommandAnswer,
    CommandId,
    CommandKind,
    ListName,
    Outcome,
)

ID = CommandId("0f" * 16)
VALUES: dict[str, Any] = {
    "name": "limits.day_bytes",
    "value": 5,
    "list": ListName.BLOCK,
    "network": "192.0.2.0/24",
    "expires": 1_900_000_000,
    "entry": 3,
    "text": "Maintenance.\nBack at noon.",
    "last": 10,
}


def a_command(kind: CommandKind = CommandKind.STOP, **values: Any) -> Command:
    """Return a command with every argument of its kind."""
    arguments = {name: VALUES[name] for name in ARGUMENTS[kind]}
    return Command(ID, kind, "anna", "a flood", 1_900_000_000, **(arguments | values))


@pytest.mark.parametrize("kind", CommandKind)
def test_a_command_travels(kind: CommandKind) -> None:
    """A command of each kind is read back as it was, alone and among others."""
    command = a_command(kind)
    assert admin.parse_command(command.encode()) == command
    assert admin.parse_commands(admin.encode_commands((command, command))) == (command, command)


@pytest.mark.parametrize("kind", CommandKind)
def test_an_answer_travels(kind: CommandKind) -> None:
    """An answer has rows of exactly its kind's columns, and none where the kind has none."""
    row = {name: index for index, name in enumerate(COLUMNS[kind])}
    answer = CommandAnswer(ID, Outcome.DONE, "", (row,) if row else ())
    assert admin.parse_command_answer(answer.encode(), ID, kind) == answer
    wrong = replace(answer, rows=({"other": 1},)).encode()
    with pytest.raises(Malformed):
        admin.parse_command_answer(wrong, ID, kind)


def test_a_change_has_an_author_and_a_reason() -> None:
    """Nobody changes anything without saying who and why; a question needs an author only."""
    for kind in CommandKind:
        with pytest.raises(Malformed):
            admin.parse_command(replace(a_command(kind), author="").encode())
        silent = replace(a_command(kind), reason="").encode()
        if kind in CHANGES:
            with pytest.raises(Malformed):
                admin.parse_command(silent)
        else:
            admin.parse_command(silent)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0F" * 16},
        {"id": "../" * 10},
        {"kind": "format"},
        {"author": "an\na"},
        {"arguments": {}},
        {"arguments": {"text": "\x1b[31m"}},
        {"arguments": {"text": None, "value": 1}},
        {"more": 1},
    ],
)
def test_what_is_not_of_the_contract_is_no_command(change: dict[str, Any]) -> None:
    """A wrong id, unknown kind, control character, missing or foreign argument is refused."""
    whole = canonical.decode(a_command().encode(), max_bytes=10_000)
    assert isinstance(whole, dict)
    with pytest.raises(Malformed):
        admin.parse_command(canonical.encode(whole | change))


def test_the_dmz_cannot_answer_with_anything_else() -> None:
    """Another command's answer, nested cells, control characters, too many rows: refused."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS[CommandKind.LISTS])
    good: dict[str, Any] = {"command": ID, "outcome": "done", "why": "", "rows": [row]}
    changes: tuple[dict[str, Any], ...] = (
        {"command": "00" * 16},
        {"outcome": "perhaps"},
        {"why": "a\r\nb"},
        {"outcome": "refused"},
        {"rows": [row | {"comment": ["nested"]}]},
        {"rows": [row | {"comment": "\u2028"}]},
        {"rows": [row | {"comment": "\x00"}]},
        {"rows": [row | {"comment": "x" * 1001}]},
        {"rows": [row | {"added": -1}]},
        {"rows": [row] * 501},
        {"rows": [[]]},
    )
    for change in changes:
        body = canonical.encode(good | change)
        with pytest.raises(Malformed):
            admin.parse_command_answer(body, ID, CommandKind.LISTS)
    admin.parse_command_answer(canonical.encode(good), ID, CommandKind.LISTS)
