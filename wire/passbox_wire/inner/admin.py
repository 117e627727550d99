"""What an administrator asks of the receiver from inside, and what it answers.

The way: the viewer's admin pages keep a command, the poller asks for it as for events, carries it
to the receiver under its own signature, and brings the answer back. Nothing dials into the DMZ from
the pages, nothing dials out of it.

The rule: a command has an id, and the receiver does it once, however often it comes. A kind takes
the arguments of ARGUMENTS and no others; its answer is rows of exactly the columns of COLUMNS, each
cell a bounded text, an integer, true, false or null: what comes out of the DMZ is data to show.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NewType

from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed
from passbox_wire.parsing import MAX_INTEGER, Fields

CommandId = NewType("CommandId", str)
Cell = str | int | bool | None
Row = Mapping[str, Cell]

COMMAND_ID_BYTES: Final = 16
COMMAND_SECONDS: Final = 3600
"""How long after it was issued a command may still be done for the first time."""
MAX_WAIT_SECONDS: Final = 60
MAX_COMMANDS: Final = 50
MAX_ROWS: Final = 500
MAX_AUTHOR: Final = 100
MAX_REASON: Final = 500
MAX_ANSWER_BYTES: Final = 1024 * 1024
_MAX_COMMANDS_BYTES: Final = 1024 * 1024
_MAX_LINE: Final = 64
_MAX_TEXT: Final = 1000
MAX_WHY: Final = 500
_ID: Final = re.compile(r"[0-9a-f]{32}\Z")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""As parsing.py's, but for the line feed: a text for senders may have lines."""


class CommandKind(StrEnum):
    """What is asked, as `passbox receiver …` offers it on the host."""

    LIMITS = "limits"
    SET_LIMIT = "set limit"
    TRY_LIMIT = "try limit"
    RESET_LIMIT = "reset limit"
    LISTS = "lists"
    ADD_TO_LIST = "add to list"
    TRY_NETWORK = "try network"
    REMOVE_FROM_LIST = "remove from list"
    MONITOR = "monitor"
    ALARMS = "alarms"
    REOPEN = "reopen"
    TEST_ALARM = "test alarm"
    STOP = "stop"
    RESUME = "resume"
    TRANSFERS = "transfers"
    AUDIT = "audit"


class ListName(StrEnum):
    """Which list of addresses."""

    BLOCK = "block"
    ALLOW = "allow"


CHANGES: Final = frozenset(
    {
        CommandKind.SET_LIMIT,
        CommandKind.RESET_LIMIT,
        CommandKind.ADD_TO_LIST,
        CommandKind.REMOVE_FROM_LIST,
        CommandKind.REOPEN,
        CommandKind.TEST_ALARM,
        CommandKind.STOP,
        CommandKind.RESUME,
    }
)
"""Kinds that change something: they need a reason, are done once, and are in both audits."""

ARGUMENTS: Final[Mapping[CommandKind, tuple[str, ...]]] = {
    CommandKind.LIMITS: (),
    CommandKind.SET_LIMIT: ("name", "value"),
    CommandKind.TRY_LIMIT: ("name", "value"),
    CommandKind.RESET_LIMIT: ("name",),
    CommandKind.LISTS: (),
    CommandKind.ADD_TO_LIST: ("list", "network", "expires"),
    CommandKind.TRY_NETWORK: ("network",),
    CommandKind.REMOVE_FROM_LIST: ("entry",),
    CommandKind.MONITOR: (),
    CommandKind.ALARMS: (),
    CommandKind.REOPEN: (),
    CommandKind.TEST_ALARM: (),
    CommandKind.STOP: ("text",),
    CommandKind.RESUME: (),
    CommandKind.TRANSFERS: ("last",),
    CommandKind.AUDIT: ("last",),
}
"""What each kind takes; "expires" and "text" may be null, the others may not."""

_MAY_BE_NULL: Final = frozenset({"expires", "text"})
_READERS: Final[Mapping[str, Callable[[Fields], str | int]]] = {
    "name": lambda fields: fields.line("name", most=_MAX_LINE),
    "value": lambda fields: fields.integer("value", least=1, most=MAX_INTEGER // 4),
    "list": lambda fields: fields.choice("list", ListName),
    "network": lambda fields: fields.line("network", most=_MAX_LINE),
    "expires": lambda fields: fields.integer("expires"),
    "entry": lambda fields: fields.integer("entry"),
    "text": lambda fields: _shown_text(fields.text("text", most=_MAX_TEXT), "command.text"),
    "last": lambda fields: fields.integer("last", least=1, most=MAX_ROWS),
}

_HITS: Final = ("transfers", "sources", "bytes", "days")

COLUMNS: Final[Mapping[CommandKind, tuple[str, ...]]] = {
    CommandKind.LIMITS: ("name", "value", "configured", "changed"),
    CommandKind.SET_LIMIT: (),
    CommandKind.TRY_LIMIT: _HITS,
    CommandKind.RESET_LIMIT: (),
    CommandKind.LISTS: ("id", "kind", "network", "comment", "author", "added", "expires"),
    CommandKind.ADD_TO_LIST: ("entry",),
    CommandKind.TRY_NETWORK: _HITS,
    CommandKind.REMOVE_FROM_LIST: (),
    CommandKind.MONITOR: (
        "bytes_today", "soft_bytes_per_day", "hard_bytes_per_day", "stopped", "text",
        "reopened_today",
    ),
    CommandKind.ALARMS: ("sequence", "kind", "time", "used", "limit", "seen"),
    CommandKind.REOPEN: (),
    CommandKind.TEST_ALARM: (),
    CommandKind.STOP: (),
    CommandKind.RESUME: (),
    CommandKind.TRANSFERS: (
        "transfer", "state", "destination", "source", "client", "total_bytes", "packs",
        "bytes_held", "waiting", "bytes_on_wire", "opened", "last_pack", "ended", "stop_reason",
    ),
    CommandKind.AUDIT: ("n", "time", "event", "author", "reason", "transfer_id", "facts"),
}  # fmt: skip
"""What each row of an answer has; kinds without columns are answered without rows.

The rows of a trial (try …) are one, or none where the ledger keeps no trace.
"""


def parse_command_id(untrusted: str) -> CommandId:
    """Return a command's id; raise Malformed."""
    if not _ID.match(untrusted):
        raise Malformed("command id", "not 32 lower-case hexadecimal digits")
    return CommandId(untrusted)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: who asks for what, and why.

    ``author`` is a person's account, ``reason`` may be empty where nothing is changed, ``issued``
    and ``expires`` (of a list entry, None for never) in Unix seconds. ``name`` and ``value`` as
    `limits` shows them, ``entry`` is an id of `lists`, ``text`` is what senders read while the door
    is closed, ``last`` how many rows. Only what ARGUMENTS names for the kind is set.
    """

    id: CommandId
    kind: CommandKind
    author: str
    reason: str
    issued: int
    name: str | None = None
    value: int | None = None
    list: ListName | None = None
    network: str | None = None
    expires: int | None = None
    entry: int | None = None
    text: str | None = None
    last: int | None = None

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(self.to_json())

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "id": self.id,
            "kind": self.kind,
            "author": self.author,
            "reason": self.reason,
            "issued": self.issued,
            "arguments": {name: getattr(self, name) for name in ARGUMENTS[self.kind]},
        }


def parse_command(untrusted: bytes) -> Command:
    """Raise Malformed unless this is a Command with the arguments of its kind."""
    decoded = canonical.decode(untrusted, max_bytes=_MAX_COMMANDS_BYTES, where="command")
    return _parse_command(decoded)


def _parse_command(untrusted: Json) -> Command:
    fields = Fields(untrusted, "command")
    identity = parse_command_id(fields.text("id", most=2 * COMMAND_ID_BYTES))
    kind = fields.choice("kind", CommandKind)
    author = fields.line("author", most=MAX_AUTHOR)
    reason = fields.line("reason", most=MAX_REASON)
    issued = fields.integer("issued")
    arguments = fields.part("arguments", lambda part: _parse_arguments(part, kind))
    fields.finish()
    if not author or (kind in CHANGES and not reason):
        raise Malformed("command", "a change has an author and a reason")
    return Command(identity, kind, author, reason, issued, **arguments)


def _parse_arguments(untrusted: Json, kind: CommandKind) -> dict[str, Any]:
    fields = Fields(untrusted, "command.arguments")
    arguments: dict[str, Any] = {
        name: None if name in _MAY_BE_NULL and fields.is_null(name) else _READERS[name](fields)
        for name in ARGUMENTS[kind]
    }
    fields.finish()
    return arguments


def encode_commands(commands: tuple[Command, ...]) -> bytes:
    """Return the canonical body of at most MAX_COMMANDS commands, oldest first."""
    return canonical.encode({"commands": [command.to_json() for command in commands]})


def parse_commands(untrusted: bytes) -> tuple[Command, ...]:
    """Raise Malformed unless these are commands."""
    decoded = canonical.decode(untrusted, max_bytes=_MAX_COMMANDS_BYTES, where="commands")
    fields = Fields(decoded, "commands")
    commands = fields.items("commands", _parse_command, most=MAX_COMMANDS)
    fields.finish()
    return commands


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    """It makes no sense, or this destination may not administer; nothing was changed."""
    TOO_LATE = "too late"
    """It reached the receiver more than COMMAND_SECONDS after it was issued; nothing was changed.

    Who wanted to stop an hour ago may want something else now.
    """
    FAILED = "failed"
    """The receiver answered against the contract, says the poller: what was done is not known."""


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What became of a command; ``why`` is empty unless it was refused. ``rows``: see COLUMNS."""

    command: CommandId
    outcome: Outcome
    why: str = ""
    rows: tuple[Row, ...] = ()

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {
                "command": self.command,
                "outcome": self.outcome,
                "why": self.why,
                "rows": [dict(row) for row in self.rows],
            }
        )


def parse_command_answer(untrusted: bytes, command: CommandId, kind: CommandKind) -> CommandAnswer:
    """Raise Malformed unless this answers ``command``, which is of ``kind``."""
    decoded = canonical.decode(untrusted, max_bytes=MAX_ANSWER_BYTES, where="answer")
    fields = Fields(decoded, "answer")
    answer = CommandAnswer(
        parse_command_id(fields.text("command", most=2 * COMMAND_ID_BYTES)),
        fields.choice("outcome", Outcome),
        fields.line("why", most=MAX_WHY),
        fields.items("rows", lambda row: _parse_row(row, COLUMNS[kind]), most=MAX_ROWS),
    )
    fields.finish()
    if answer.command != command:
        raise Malformed("answer.command", "not the one that was asked")
    if answer.rows and (answer.outcome is not Outcome.DONE or not COLUMNS[kind]):
        raise Malformed("answer.rows", "none belong here")
    return answer


def _parse_row(untrusted: Json, columns: tuple[str, ...]) -> Row:
    if not isinstance(untrusted, dict) or set(untrusted) != set(columns):
        raise Malformed("answer.rows", "not the columns of its kind")
    return {name: _parse_cell(untrusted[name]) for name in columns}


def _parse_cell(untrusted: Json) -> Cell:
    if untrusted is None or isinstance(untrusted, bool):
        return untrusted
    if isinstance(untrusted, int) and 0 <= untrusted <= MAX_INTEGER:
        return untrusted
    if isinstance(untrusted, str) and len(untrusted) <= _MAX_TEXT:
        return _shown_text(untrusted, "answer.rows")
    raise Malformed("answer.rows", "a cell that cannot be shown")


def _shown_text(untrusted: str, where: str) -> str:
    if _CONTROL.search(untrusted):
        raise Malformed(where, "has a control character")
    return untrusted
