"""The inner contract as it was frozen: machines of two versions meet in one hospital, too."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from passbox_wire import canonical, routes
from passbox_wire.inner import admin, quarantine, receiver, viewer
from passbox_wire.inner.admin import CommandId, CommandKind
from tests.wire.documents import DOCUMENTS

FROZEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "inner.json").read_text()
)
CHOICES: tuple[type[StrEnum], ...] = (
    receiver.AlarmKind, receiver.StopReason, viewer.EventKind, quarantine.Action,
    admin.CommandKind, admin.ListName, admin.Outcome,
)  # fmt: skip
OUTSIDE = {
    "problem", "open", "service status", "transfer status", "held packs", "close", "inventory",
    "later inventory", "manifest", "report", "signed receipt", "receipt body", "profile body",
}  # fmt: skip
"""Documents that also travel outside; their formats have vectors of their own."""


@pytest.mark.parametrize("name", FROZEN["documents"])
def test_a_document_reads_and_writes_as_it_was_frozen(name: str) -> None:
    """What the other side of yesterday sent is read, and written again byte for byte."""
    data = bytes.fromhex(FROZEN["documents"][name])
    document = DOCUMENTS[name]
    assert document.encode(document.parse(data)) == data


def test_every_inner_document_is_frozen() -> None:
    """A new kind of document gets a vector."""
    assert set(FROZEN["documents"]) == set(DOCUMENTS) - OUTSIDE


@pytest.mark.parametrize("kind", CommandKind)
def test_a_command_and_its_answer_read_and_write_as_frozen(kind: CommandKind) -> None:
    """Each kind keeps its arguments and its columns."""
    command = bytes.fromhex(FROZEN["commands"][kind])
    parsed = admin.parse_command(command)
    assert (parsed.kind, parsed.encode()) == (kind, command)
    answer = bytes.fromhex(FROZEN["answers"][kind])
    told = admin.parse_command_answer(answer, CommandId(parsed.id), kind)
    assert told.encode() == answer


def test_words_and_paths_are_as_frozen() -> None:
    """A word that one side does not know is refused by it, so none goes and none comes unseen."""
    words = {choice.__name__: sorted(word.value for word in choice) for choice in CHOICES}
    assert words == FROZEN["words"]
    paths = {
        name: path
        for name, path in vars(routes).items()
        if isinstance(path, str) and path.startswith("/inner/")
    }
    assert paths == FROZEN["paths"]


def test_a_frozen_document_is_canonical() -> None:
    """Each is in the one form there is."""
    for part in ("documents", "commands", "answers"):
        for data in map(bytes.fromhex, FROZEN[part].values()):
            assert canonical.encode(canonical.decode(data, max_bytes=len(data))) == data
