"""A line with a rate and a delay, in user space: one process, shared by everybody who is measured.

Each direction is a bucket that all connections share, with a short queue in front, and a delay
behind it; a connection costs a round trip before its first byte, as TCP's handshake does. The
kernel's TCP is real on both sides, but only between neighbours on loopback: no slow start over the
long way and no loss, which flatters whoever sends much over one connection.

Run as ``python -m tests.bench.relay``: reads one line of JSON (Ways), writes one with the ports,
and answers each further line with the bytes that passed.
"""

import asyncio
import contextlib
import json
import socket
import sys
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

LOOPBACK: Final = "127.0.0.1"
_QUEUE_SECONDS: Final = 0.05
_LARGEST_PIECE: Final = 64 * 1024
_SMALLEST_PIECE: Final = 1500
_PIECES_IN_FLIGHT: Final = 4096
_BUFFER: Final = 256 * 1024


class Way:
    """One direction of the line."""

    def __init__(self, bytes_per_second: float | None, delay: float) -> None:
        self._rate = bytes_per_second
        self._delay = delay
        self._busy_until = 0.0
        self.piece = _LARGEST_PIECE
        if bytes_per_second is not None:
            self.piece = int(min(max(bytes_per_second / 200, _SMALLEST_PIECE), _LARGEST_PIECE))

    async def admit(self, length: int) -> float:
        """Wait for room in the queue; return when the bytes are at the other end."""
        loop = asyncio.get_running_loop()
        while (ahead := self._busy_until - loop.time()) > _QUEUE_SECONDS:  # noqa: ASYNC110  # time itself is awaited
            await asyncio.sleep(ahead - _QUEUE_SECONDS)
        now = loop.time()
        if self._rate is not None:
            self._busy_until = max(now, self._busy_until) + length / self._rate
        return max(now, self._busy_until) + self._delay


@dataclass(slots=True)
class Passed:
    """Bytes of one listener, towards its target and back."""

    there: int = 0
    back: int = 0


class Line:
    """The two ways and everybody on them."""

    def __init__(self, bits_per_second: float | None, rtt: float) -> None:
        rate = None if bits_per_second is None else bits_per_second / 8
        self._rtt = rtt
        self._there = Way(rate, rtt / 2)
        self._back = Way(rate, rtt / 2)

    async def listen(self, target: int, source: str | None, passed: Passed) -> int:
        """Take connections for ``target`` of loopback, dialled from ``source``; return the port."""
        listener = socket.create_server((LOOPBACK, 0), backlog=256)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        listener.setblocking(False)  # the socket's own word
        task = asyncio.create_task(self._accept(listener, target, source, passed))
        _TASKS.add(task)
        return int(listener.getsockname()[1])

    async def _accept(
        self, listener: socket.socket, target: int, source: str | None, passed: Passed
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(listener)
            task = asyncio.create_task(self._connect(near, target, source, passed))
            _TASKS.add(task)
            task.add_done_callback(_TASKS.discard)

    async def _connect(
        self, near: socket.socket, target: int, source: str | None, passed: Passed
    ) -> None:
        loop = asyncio.get_running_loop()
        far = socket.socket()
        if source is not None:
            far.bind((source, 0))
        with near, far:
            for end in (near, far):
                end.setblocking(False)  # the socket's own word
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError):
                await asyncio.sleep(self._rtt)
                await loop.sock_connect(far, (LOOPBACK, target))

                def there(count: int) -> None:
                    passed.there += count

                def back(count: int) -> None:
                    passed.back += count

                await asyncio.gather(
                    _pass(near, far, self._there, there), _pass(far, near, self._back, back)
                )


_TASKS: Final[set[asyncio.Task[None]]] = set()


async def _pass(source: socket.socket, sink: socket.socket, way: Way, count: Any) -> None:
    loop = asyncio.get_running_loop()
    flying: deque[tuple[float, bytes]] = deque()
    changed = asyncio.Event()
    writer = asyncio.create_task(_deliver(sink, flying, changed))
    try:
        while not writer.done():
            piece = await loop.sock_recv(source, way.piece)
            flying.append((await way.admit(len(piece)), piece))
            changed.set()
            count(len(piece))
            if not piece:
                break
            while len(flying) > _PIECES_IN_FLIGHT:  # noqa: ASYNC110  # rare, and only without a rate
                await asyncio.sleep(0.001)
        await writer
    finally:
        writer.cancel()


async def _deliver(
    sink: socket.socket, flying: deque[tuple[float, bytes]], changed: asyncio.Event
) -> None:
    loop = asyncio.get_running_loop()
    while True:
        while not flying:
            changed.clear()
            await changed.wait()
        due, piece = flying.popleft()
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        if not piece:
            sink.shutdown(socket.SHUT_WR)
            return
        await loop.sock_sendall(sink, piece)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    wanted = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    line = Line(wanted["bits_per_second"], wanted["rtt"])
    passed = [Passed() for _ in wanted["targets"]]
    ports = [
        await line.listen(target, source, counted)
        for (target, source), counted in zip(wanted["targets"], passed, strict=True)
    ]
    print(json.dumps(ports), flush=True)  # noqa: T201  # the answer of this program
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps([[p.there, p.back] for p in passed]), flush=True)  # noqa: T201  # see above


if __name__ == "__main__":
    asyncio.run(_serve())
