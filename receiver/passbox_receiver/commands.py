"""Commands of administrators that come from inside, over the poller's link.

The rule: only a destination whose settings say ``administers`` is obeyed. A change and the answer
to it are one transaction, so a command is done once, however often it comes; the same id with
another content is refused. A change is in the audit, with its command's id, before the answer is
given. What is more than an hour old when it first comes is not done: who wanted to stop then may
want something else now.

It opens no door: the public side has no command.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from passbox_base.audit import entries
from passbox_receiver import administration
from passbox_receiver.administration import Change
from passbox_receiver.destinations import Destination
from passbox_receiver.errors import RuleRefused
from passbox_receiver.receiver import Receiver
from passbox_receiver.settings import ReceiverSettings
from passbox_receiver.tables import commands
from passbox_wire import canonical
from passbox_wire.digests import sha256
from passbox_wire.inner.admin import (
    CHANGES,
    COLUMNS,
    COMMAND_SECONDS,
    MAX_ROWS,
    MAX_WHY,
    Cell,
    Command,
    CommandAnswer,
    CommandKind,
    Outcome,
    Row,
    parse_command_answer,
)

_MAX_CELL: Final = 1000
_ENTRIES: Final = 200
"""How many audit entries one answer may hold: a mebibyte of the longest."""


def obey(receiver: Receiver, destination: Destination, command: Command) -> CommandAnswer:
    """Do what a destination asks, and return the answer; blocks.

    Raises StoreFailed, StoreFull: then it may have been done, and may be asked again.
    """
    if not destination.administers:
        return _refused(command, "this destination may not administer the receiver")
    if command.kind in CHANGES:
        answer = _change_once(receiver, command)
        receiver.rules.current()  # into the audit and in force, before anybody is told
        return answer
    try:
        return CommandAnswer(command.id, Outcome.DONE, rows=_ask(receiver, command))
    except RuleRefused as error:
        return _refused(command, str(error))


def _change_once(receiver: Receiver, command: Command) -> CommandAnswer:
    digest, now = sha256(command.encode()), receiver.now()
    with receiver.ledger.writing() as connection:
        query = sa.select(commands).where(commands.c.id == command.id)
        known = connection.execute(query).one_or_none()
        if known is not None and known.sha256 != digest:
            return _refused(command, "another command had this id")
        if known is not None:
            return parse_command_answer(known.answer, command.id, command.kind)
        if abs(now - command.issued) > COMMAND_SECONDS:
            return CommandAnswer(command.id, Outcome.TOO_LATE)
        answer = _changed(receiver, connection, command, now)
        connection.execute(
            sa.insert(commands).values(
                id=command.id, sha256=digest, time=now, answer=answer.encode()
            )
        )
    return answer


def _changed(
    receiver: Receiver, connection: sa.Connection, command: Command, now: int
) -> CommandAnswer:
    change = Change(command.author, command.reason, now, command.id)
    try:
        with connection.begin_nested():
            entry = _CHANGES[command.kind](receiver.settings, connection, command, change)
    except RuleRefused as error:
        return _refused(command, str(error))
    rows: tuple[Row, ...] = () if entry is None else ({"entry": entry},)
    return CommandAnswer(command.id, Outcome.DONE, rows=rows)


def _refused(command: Command, why: str) -> CommandAnswer:
    return CommandAnswer(command.id, Outcome.REFUSED, why[:MAX_WHY])


# Of a parsed command every argument of its kind is there: hence Any.
_CHANGES: Final[
    Mapping[CommandKind, Callable[[ReceiverSettings, sa.Connection, Any, Change], int | None]]
] = {
    CommandKind.SET_LIMIT: lambda settings, connection, asked, change: administration.set_limit(
        connection, settings, asked.name, asked.value, change
    ),
    CommandKind.RESET_LIMIT: lambda _, connection, asked, change: administration.reset_limit(
        connection, asked.name, change
    ),
    CommandKind.ADD_TO_LIST: lambda _, connection, asked, change: administration.add_to_list(
        connection, asked.list, asked.network, asked.expires, change
    ),
    CommandKind.REMOVE_FROM_LIST: lambda _, connection, asked, change: (
        administration.remove_from_list(connection, asked.entry, change)
    ),
    CommandKind.REOPEN: lambda _, connection, __, change: administration.reopen(connection, change),
    CommandKind.TEST_ALARM: lambda _, connection, __, change: administration.send_test_alarm(
        connection, change
    ),
    CommandKind.STOP: lambda _, connection, asked, change: administration.stop(
        connection, asked.text, change
    ),
    CommandKind.RESUME: lambda _, connection, __, change: administration.resume(connection, change),
}
"""How each change is made; what one returns is the id of a new list entry."""

_Asked = Sequence[Mapping[str, Any]]
_QUESTIONS: Final[
    Mapping[CommandKind, Callable[[ReceiverSettings, sa.Connection, Any, int], _Asked]]
] = {
    CommandKind.LIMITS: lambda settings, connection, *_: administration.limits(
        connection, settings
    ),
    CommandKind.TRY_LIMIT: lambda settings, connection, asked, now: _one(
        administration.try_limit(connection, settings, asked.name, asked.value, now)
    ),
    CommandKind.LISTS: lambda _, connection, *__: administration.lists(connection),
    CommandKind.TRY_NETWORK: lambda _, connection, asked, now: _one(
        administration.try_network(connection, asked.network, now)
    ),
    CommandKind.MONITOR: lambda settings, connection, _, now: _one(
        administration.monitor(connection, settings, now)
    ),
    CommandKind.ALARMS: lambda _, connection, *__: administration.alarms(connection),
    CommandKind.TRANSFERS: lambda _, connection, asked, __: administration.transfers(
        connection, asked.last
    ),
}


def _one(row: Mapping[str, Any] | None) -> _Asked:
    return [] if row is None else [row]


def _ask(receiver: Receiver, command: Any) -> tuple[Row, ...]:
    """Return the rows that answer a question."""
    if command.kind is CommandKind.AUDIT:
        most = min(command.last, _ENTRIES)
        rows: _Asked = list(deque(entries(receiver.audit.path), maxlen=most))[::-1]
    else:
        with receiver.ledger.reading() as connection:
            answer = _QUESTIONS[command.kind]
            rows = answer(receiver.settings, connection, command, receiver.now())
    columns = COLUMNS[command.kind]
    return tuple({name: _cell(row[name]) for name in columns} for row in rows[:MAX_ROWS])


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        value = canonical.encode(value).decode()
    return value[:_MAX_CELL] if isinstance(value, str) else value
