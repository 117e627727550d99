"""The viewer as the poller sees it: the inner contract over HTTPS.

Instances go by C-STORE (delivering.py).

The viewer is inside, yet its answers go through the same budgets and parsers as the receiver's.
"""

from collections.abc import Callable
from typing import BinaryIO, Final, TypeVar

from passbox_poller.errors import PeerWrong
from passbox_poller.link import Link
from passbox_wire import routes
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId
from passbox_wire.inner.admin import Command, CommandAnswer, parse_commands
from passbox_wire.inner.quarantine import Decision, Quarantined, parse_decisions
from passbox_wire.inner.viewer import (
    MAX_MESSAGE_BYTES,
    Delivery,
    Event,
    Facts,
    StoredInstance,
    parse_events,
    parse_instances,
    parse_registered,
)

AnswerT = TypeVar("AnswerT")

_SMALL: Final = 4096
_MAX_EVENTS_BYTES: Final = 1024 * 1024
_MAX_COMMANDS_BYTES: Final = 1024 * 1024


class ViewerLink:
    """Questions to the viewer. Threads may share it. All raise NotNow, PeerWrong, Problem."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def register(self, facts: Facts) -> str:
        """Tell of a transfer and return its AE title, the same for the same transfer."""
        target = routes.VIEWER_TRANSFER.format(transfer=facts.transfer)
        answer = self._link.ask("PUT", target, facts.encode(), most=_SMALL)
        return _parsed(parse_registered, answer.body).ae_title

    def attach(
        self, transfer: TransferId, index: int, file: BinaryIO, length: int, sha256: bytes
    ) -> None:
        """Hand over a file that C-STORE cannot carry; durable on return."""
        target = routes.VIEWER_ATTACHMENT.format(transfer=transfer, index=index)
        self._link.send_file(target, file, length, sha256, {routes.DIGEST_HEADER: sha256.hex()})

    def deliver(self, transfer: TransferId, delivery: Delivery) -> None:
        """Say where the delivery stands; with ``visible`` it is released to people."""
        target = routes.VIEWER_DELIVERY.format(transfer=transfer)
        self._link.ask("PUT", target, delivery.encode(), most=_SMALL)

    def instances(self, transfer: TransferId) -> tuple[StoredInstance, ...]:
        """Return the store's own index of a transfer."""
        target = routes.VIEWER_INSTANCES.format(transfer=transfer)
        answer = self._link.ask("GET", target, most=MAX_MESSAGE_BYTES)
        return _parsed(parse_instances, answer.body)

    def events(self, after: int, wait: int) -> tuple[Event, ...]:
        """Return events behind ``after``, after at most ``wait`` seconds when there are none."""
        target = f"{routes.VIEWER_EVENTS}?after={after}&wait={wait}"
        answer = self._link.ask("GET", target, most=_MAX_EVENTS_BYTES, wait=wait)
        events = _parsed(parse_events, answer.body)
        sequences = [event.sequence for event in events]
        if sequences != sorted(set(sequences)) or any(number <= after for number in sequences):
            raise PeerWrong("events out of order")
        return events

    def commands(self, wait: int) -> tuple[Command, ...]:
        """Return administrators' commands without an answer; waits up to ``wait`` seconds."""
        target = f"{routes.VIEWER_COMMANDS}?wait={wait}"
        answer = self._link.ask("GET", target, most=_MAX_COMMANDS_BYTES, wait=wait)
        return _parsed(parse_commands, answer.body)

    def answer_command(self, answer: CommandAnswer) -> None:
        """Say what became of a command."""
        target = routes.VIEWER_COMMAND_ANSWER.format(command=answer.command)
        self._link.ask("PUT", target, answer.encode(), most=_SMALL)

    def tell_quarantined(self, quarantined: Quarantined) -> None:
        """Say the whole list of files that wait for a person."""
        self._link.ask("PUT", routes.VIEWER_QUARANTINE, quarantined.encode(), most=_SMALL)

    def decisions(self, after: int, wait: int) -> tuple[Decision, ...]:
        """Return what people decided behind ``after``, after at most ``wait`` seconds."""
        target = f"{routes.VIEWER_DECISIONS}?after={after}&wait={wait}"
        answer = self._link.ask("GET", target, most=_MAX_EVENTS_BYTES, wait=wait)
        decisions = _parsed(parse_decisions, answer.body)
        if any(decision.sequence <= after for decision in decisions):
            raise PeerWrong("decisions out of order")
        return decisions

    def cut(self) -> None:
        """End every exchange, also those that wait: they raise NotNow."""
        self._link.cut()


def _parsed(parse: Callable[[bytes], AnswerT], untrusted: bytes) -> AnswerT:
    try:
        return parse(untrusted)
    except Malformed as error:
        raise PeerWrong("an answer that is not of the contract") from error
