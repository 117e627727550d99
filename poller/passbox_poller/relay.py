"""Carries administrators' commands to the receiver, and brings the answers back.

The rule: the viewer tells a command until it has an answer, and the receiver does it once, so
nothing is kept here but the audit: each change is in it, with who and why, before it leaves, and
again with what became of it. An answer that is not of the contract is told as failed, once; a
receiver that is away is asked again.

It decides nothing: who may ask is the pages' to say, what is done is the receiver's.
"""

import contextlib
from pathlib import Path
from typing import Final

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.logs import get_logger
from passbox_poller.errors import NotNow, PeerWrong, Problem
from passbox_poller.receiver_link import ReceiverLink
from passbox_poller.viewer_link import ViewerLink
from passbox_wire import canonical
from passbox_wire.inner.admin import (
    ARGUMENTS,
    CHANGES,
    Command,
    CommandAnswer,
    CommandId,
    Outcome,
)
from passbox_wire.problems import Code

AUDIT_NAME: Final = "commands.jsonl"

_log = get_logger(__name__)


class CommandAudit:
    """The audit of commands. Opened for each entry: a running poller and the console share it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / AUDIT_NAME
        self._clock = clock

    def note(self, event: str, command: Command, outcome: Outcome | None = None) -> None:
        """Write one entry, durable on return.

        Raises ChainBroken, StoreFull, StoreFailed (also while another process writes).
        """
        with contextlib.closing(AuditChain(self._path, self._clock)) as chain:
            chain.append(
                event,
                author=command.author,
                reason=command.reason,
                command=command.id,
                kind=command.kind.value,
                arguments=_arguments(command),
                outcome=outcome,
            )


class Relay:
    """One way to the receiver for commands. One thread."""

    def __init__(self, receiver: ReceiverLink, audit: CommandAudit) -> None:
        self._receiver = receiver
        self._audit = audit
        self._noted: CommandId | None = None

    def follow(self, viewer: ViewerLink, wait: int) -> None:
        """Wait at most ``wait`` seconds for commands of the viewer and carry them.

        Raises NotNow, PeerWrong (of the viewer), StoreFull, StoreFailed.
        """
        for command in viewer.commands(wait):
            answer = self.carry(command)
            viewer.answer_command(answer)
            _log.info("command answered", state=answer.outcome.value)

    def carry(self, command: Command) -> CommandAnswer:
        """Return what became of a command; raise NotNow, StoreFull, StoreFailed."""
        if command.kind in CHANGES and self._noted != command.id:
            self._audit.note("command carried", command)
            self._noted = command.id
        answer = self._ask(command)
        if command.kind in CHANGES:
            self._audit.note("command answered", command, answer.outcome)
        return answer

    def _ask(self, command: Command) -> CommandAnswer:
        try:
            return self._receiver.command(command)
        except Problem as problem:
            if problem.code is Code.STORE_FULL:
                raise NotNow("the receiver has no room for its audit") from problem
            return CommandAnswer(command.id, Outcome.FAILED)
        except PeerWrong:
            return CommandAnswer(command.id, Outcome.FAILED)


def _arguments(command: Command) -> str:
    named = {name: getattr(command, name) for name in ARGUMENTS[command.kind]}
    return canonical.encode(named).decode()
