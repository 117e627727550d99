"""Knocking at the receiver's door while the disc is still being read.

Connections cost round trips, a scan costs seconds, and neither needs the other. The rule: nothing
is said but the anonymous question whether the door is open, and what it answers counts before
anything is opened.
"""

import threading
from collections.abc import Callable
from typing import Final

from passbox_client.errors import ClientError, ReceiverRefused
from passbox_client.line import Receiver
from passbox_wire.messages import ServiceStatus
from passbox_wire.problems import Code, Problem

_KNOCKS: Final = (0.5, 1.0)
"""Pauses between the first questions: a door that answers none of three is closed."""


class Knocking:
    """Asks in a thread of its own; ``connections`` more are made ready beside it."""

    def __init__(
        self, receiver: Receiver, pause: Callable[[float], object], connections: int
    ) -> None:
        self._receiver = receiver
        self._pause = pause
        self._status: ServiceStatus | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._knock, name="knocking", daemon=True)
        self._thread.start()
        receiver.make_ready(connections)

    def refuse_closed_door(self) -> None:
        """Wait for the answer; raise ReceiverRefused when nothing is taken now, LineFailed."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self._status is not None and not self._status.accepting:
            raise ReceiverRefused(Problem(Code.NOT_ACCEPTING, text=self._status.text))

    def _knock(self) -> None:
        try:
            self._status = self._ask()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for us
            self._error = error

    def _ask(self) -> ServiceStatus:
        for seconds in _KNOCKS:
            try:
                return self._receiver.status()
            except ClientError as error:
                if not error.may_be_retried:
                    raise
            self._pause(seconds)
        return self._receiver.status()
