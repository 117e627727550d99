"""pynetdicom's two loops, made to wait for work instead of looking for it all the time.

Every association has two threads that look a thousand times a second. A few associations at both
ends cost a quarter of a core while nothing happens, and each step of an instance waits for the next
look (measured by the bench on loopback). Here the connection's thread waits for its socket or for a
primitive to send; the association's thread waits for a message where we are the provider, and where
we are the user it looks two hundred times a second.

Here because poller and viewer, the two ends of one C-STORE, must change a library's insides in the
same way. The rule: only how long is waited changes, never what is done then: each loop still comes
round every few milliseconds, so its timers hold. Where select() takes sockets only (Windows)
pynetdicom stays as it is. It does not import pynetdicom, and knows nothing of DICOM.
"""

import os
import queue
import select
import sys
import threading
import time
import weakref
from contextlib import suppress
from typing import Any, Final

_ROUND_SECONDS: Final = 0.02
_LOOK_SECONDS: Final = 0.001
_PAUSE_SECONDS: Final = 0.005


def wait_as_user(association: Any) -> None:
    """Prepare an association of ours whose connection has just opened."""
    if sys.platform != "win32":
        _let_connection_wait(association.dul)
        association._reactor_checkpoint = _Checkpoint()  # noqa: SLF001  # pynetdicom has no seam here


def wait_as_provider(association: Any) -> None:
    """Prepare an association that somebody has just opened to us."""
    if sys.platform != "win32":
        _let_connection_wait(association.dul)
        _let_association_wait(association)


class _Bell:
    """A pipe that a thread in select() can be woken by."""

    def __init__(self) -> None:
        self.read_end, self._write_end = os.pipe()
        for end in (self.read_end, self._write_end):
            os.set_blocking(end, False)
        weakref.finalize(self, _close, self.read_end, self._write_end)

    def ring(self) -> None:
        with suppress(BlockingIOError):  # full of rings: it will wake
            os.write(self._write_end, b"\0")

    def silence(self) -> None:
        with suppress(BlockingIOError):
            os.read(self.read_end, 4096)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _let_connection_wait(dul: Any) -> None:
    bell = _Bell()
    waiting, look = dul.to_provider_queue, dul._is_transport_event  # noqa: SLF001  # pynetdicom has no seam here
    plain_put = waiting.put

    def put(*arguments: Any, **options: Any) -> None:
        plain_put(*arguments, **options)
        bell.ring()

    def wait_and_look() -> bool:
        if not waiting.queue:
            connection: Any = dul.socket.socket if dul.socket is not None else None
            try:
                select.select([connection, bell.read_end], [], [], _ROUND_SECONDS)
            except (OSError, TypeError, ValueError):  # closed, or gone: look() says so
                time.sleep(_LOOK_SECONDS)
        bell.silence()
        return bool(look())

    waiting.put = put
    dul._is_transport_event = wait_and_look  # noqa: SLF001  # see above
    dul._run_loop_delay = 0  # noqa: SLF001  # see above


def _let_association_wait(association: Any) -> None:
    """Let the acceptor's thread wait for a message; it takes no other kind of work in a hurry."""
    dimse = association.dimse
    take = dimse.get_msg

    def wait_and_take(block: bool = False) -> Any:  # noqa: FBT001, FBT002  # pynetdicom's signature
        if block:
            return take(block=True)
        try:
            return dimse.msg_queue.get(timeout=_ROUND_SECONDS)
        except queue.Empty:
            return None, None

    dimse.get_msg = wait_and_take


class _Checkpoint:
    """In place of pynetdicom's event, at which its reactor passes when set and stops when clear.

    Who passes waits here a little, paused, until somebody clears it: so the reactor looks for an
    abort a few times a second, and whoever sends finds it paused at once.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_set = True

    def set(self) -> None:
        with self._changed:
            self._is_set = True
            self._changed.notify_all()

    def clear(self) -> None:
        with self._changed:
            self._is_set = False
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_set, _PAUSE_SECONDS)
            self._changed.wait_for(lambda: self._is_set)
