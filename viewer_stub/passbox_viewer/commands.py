"""What administrators ask of the receiver: kept here until the poller fetched it and answered.

    commands/<id>           a Command, canonical
    commands/<id>.answer    its CommandAnswer

The rule: the files are the truth, so who asks (pages) and who carries (the inner listener) share
nothing but the folder and a bell. A command waits until it has an answer; the first answer stays.
Old ones go with the next that is asked: questions after a day, changes after a quarter.

It does not decide who may ask, and talks to no receiver: nothing here knows where one is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from passbox_base.clocks import Clock
from passbox_base.durable import READ_ONLY, make_folder, remove, remove_leftovers, write_exclusive
from passbox_base.errors import AlreadyThere
from passbox_viewer.events import Bell
from passbox_wire.inner.admin import (
    CHANGES,
    COMMAND_ID_BYTES,
    MAX_COMMANDS,
    Command,
    CommandAnswer,
    CommandId,
    CommandKind,
    parse_command,
    parse_command_answer,
)

_FOLDER: Final = "commands"
_ANSWER: Final = ".answer"
_DAY: Final = 24 * 3600
_CHANGE_DAYS: Final = 90
_QUESTION_DAYS: Final = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, and its answer once there is one."""

    command: Command
    answer: CommandAnswer | None


class Commands:
    """The commands of one viewer. Several on one folder are one; threads may share it."""

    def __init__(
        self, store_folder: Path, clock: Clock, entropy: Callable[[int], bytes], bell: Bell
    ) -> None:
        """``bell`` is rung when something was asked or answered; raise StoreFailed, StoreFull.

        Made at start, before anybody asks: leftovers of a crash are removed.
        """
        self._folder = store_folder / _FOLDER
        make_folder(self._folder)
        remove_leftovers(self._folder)
        self._clock = clock
        self._entropy = entropy
        self._bell = bell

    def ask(
        self, kind: CommandKind, *, author: str, reason: str = "", **arguments: Any
    ) -> Command | None:
        """Keep a command for the poller, durable on return; None when too many wait already.

        ``arguments``: those of ARGUMENTS for the kind. Raises Malformed when it is no command,
        StoreFailed, StoreFull.
        """
        identity = CommandId(self._entropy(COMMAND_ID_BYTES).hex())
        command = Command(identity, kind, author, reason, self._now(), **arguments)
        parse_command(command.encode())
        self._forget_old()
        if len(self.waiting()) >= MAX_COMMANDS:
            return None
        write_exclusive(self._folder / identity, [command.encode()], mode=READ_ONLY)
        self._bell.ring()
        return command

    def find(self, identity: CommandId) -> Asked | None:
        """Return a command and what became of it."""
        path = self._folder / identity
        if not path.exists():
            return None
        command = parse_command(path.read_bytes())
        answered = self._answer_of(identity)
        if not answered.exists():
            return Asked(command, None)
        answer = parse_command_answer(answered.read_bytes(), identity, command.kind)
        return Asked(command, answer)

    def newest(self, most: int) -> list[Asked]:
        """Return the last commands, newest first."""
        asked = [found for found in map(self.find, self._ids()) if found is not None]
        asked.sort(key=lambda one: (one.command.issued, one.command.id), reverse=True)
        return asked[:most]

    def waiting(self) -> tuple[Command, ...]:
        """Return the commands without an answer, oldest first, at most MAX_COMMANDS."""
        ids = [identity for identity in self._ids() if not self._answer_of(identity).exists()]
        found = [parse_command((self._folder / identity).read_bytes()) for identity in ids]
        found.sort(key=lambda command: (command.issued, command.id))
        return tuple(found[:MAX_COMMANDS])

    def keep_answer(self, identity: CommandId, untrusted: bytes) -> bool:
        """Keep an answer, durable on return; False when nobody asked. The first one stays.

        Raises Malformed, StoreFailed, StoreFull.
        """
        asked = self.find(identity)
        if asked is None:
            return False
        answer = parse_command_answer(untrusted, identity, asked.command.kind)
        try:
            write_exclusive(self._answer_of(identity), [answer.encode()], mode=READ_ONLY)
        except AlreadyThere:
            return True
        self._bell.ring()
        return True

    def _forget_old(self) -> None:
        now = self._now()
        for asked in self.newest(most=10**6):
            days = _CHANGE_DAYS if asked.command.kind in CHANGES else _QUESTION_DAYS
            if asked.command.issued < now - days * _DAY:
                remove(self._folder / asked.command.id)
                remove(self._answer_of(asked.command.id))

    def _ids(self) -> list[CommandId]:
        return [CommandId(path.name) for path in self._folder.iterdir() if not path.suffix]

    def _answer_of(self, identity: CommandId) -> Path:
        return self._folder / f"{identity}{_ANSWER}"

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
