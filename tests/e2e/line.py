"""A line on loopback that can be held after a number of bytes, to stop the world at a chosen point.

Both ends see a slow line and nothing else: bytes are passed on as they are, none is lost or added.
While it is held a test kills and restarts what it likes, then lets the line go on.
"""

import contextlib
import socket
import threading
from typing import Final, Self

from passbox.demo.programs import LOOPBACK
from tests.e2e.awaiting import DEADLINE

_CHUNK: Final = 16 * 1024


class Line:
    """Passes connections on to port ``target``; ``passed`` counts bytes of both directions."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: Final = int(self._listener.getsockname()[1])
        self.passed = 0
        self._changed = threading.Condition()
        self._budget: int | None = None
        self._sockets: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def hold_after(self, count: int) -> None:
        """Pass ``count`` more bytes, then none until release()."""
        with self._changed:
            self._budget = count
            self._changed.notify_all()

    def await_held(self) -> None:
        """Wait until the line has come to its point."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._budget == 0, DEADLINE), (
                f"the line never came to its point: {self.passed} bytes passed"
            )

    @property
    def held(self) -> bool:
        """Whether the line has come to its point."""
        with self._changed:
            return self._budget == 0

    def cut(self) -> int:
        """Break every connection off, with what is on its way; return how many there were."""
        ends = list(self._sockets)
        for end in ends:
            _cut(end)
        return len(ends) // 2

    def lead_to(self, target: int) -> None:
        """Pass new connections on to another port; those there are stay where they are."""
        self._target = target

    def release(self) -> None:
        """Go on."""
        with self._changed:
            self._budget = None
            self._changed.notify_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        # close() alone does not wake a thread that sits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._sockets):
            _cut(end)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=[near], daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((LOOPBACK, self._target))
        except OSError:
            near.close()  # nobody is there: the one who dials is told at once
            return
        self._sockets |= {near, far}
        back = threading.Thread(target=self._pass, args=[far, near], daemon=True)
        back.start()
        self._pass(near, far)
        back.join()
        for end in (near, far):
            self._sockets.discard(end)
            end.close()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK):
                while chunk:
                    allowed = self._allowance(len(chunk))
                    sink.sendall(chunk[:allowed])
                    chunk = chunk[allowed:]
        _cut(sink)
        _cut(source)

    def _allowance(self, wanted: int) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._budget != 0)
            allowed = wanted if self._budget is None else min(wanted, self._budget)
            if self._budget is not None:
                self._budget -= allowed
            self.passed += allowed
            self._changed.notify_all()
            return allowed


def _cut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
