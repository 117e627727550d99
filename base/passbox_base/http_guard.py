"""The first thing a stranger's bytes meet: HTTP/1.1 framing, sizes and patience.

Why here: the receiver's two listeners and the viewer's pages have the same door.

The rule: one strict parser (llhttp by httptools: both lengths, a bare LF, folded or doubled
headers are refused), and what it lets through is refused here: no or several Host headers, heads
over the limit, upgrades. Nobody may be slow for free: a head has a deadline, a body a lowest
rate, and an answer is read while it waits. uvicorn has none of them, and its concurrency limit
would help the attacker: idle sockets would shut everyone out. Who is served and who keeps us
waiting is told to the listener (sources.py).

It does not know paths, bodies or status words; and while our own side is slow nobody is timed.
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from socket import SO_LINGER, SOL_SOCKET
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from passbox_base.sources import Peer, SourceLimit

_READ_AHEAD_BYTES: Final = 32 * 1024
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_HEADER_OVERHEAD: Final = 4  # ": " and CRLF


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one connection may cost. Sizes in bytes, times in seconds."""

    head_bytes: int = 64 * 1024
    url_bytes: int = 8 * 1024
    headers: int = 100
    head_seconds: float = 5.0
    body_seconds: float = 8.0
    """How often a body's progress is looked at."""
    body_least_bytes: int = 8 * 1024
    """What must have come in that time: 1 KiB/s."""
    proven_bytes: int = 16 * 1024
    """So much of a body shows that somebody means it; before, the connection is one that waits."""
    answer_seconds: float = 30.0
    """How long an answer may wait here without a byte of it being read."""
    drain_bytes: int = 16 * 1024 * 1024
    """How much of a body is still taken, unread, after its request was answered (refused)."""


def _read_little_ahead(transport: asyncio.Transport) -> None:
    """Keep little of a body that waits for its turn: 256 KiB a connection is asyncio's own bound.

    Only TLS transports read ahead (asyncio.sslproto), and only they have this method.
    """
    limit = getattr(transport, "set_read_buffer_limits", None)
    if limit is not None:
        limit(high=_READ_AHEAD_BYTES)


class _Phase(Enum):
    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"


class FramingRefused(ValueError):
    """A request that the parser takes and we do not; ends as 400 and a closed connection."""


class GuardedHttp(HttpToolsProtocol):
    """One connection. ``limits`` and ``sources`` belong to the listener: see guarded()."""

    limits = HttpLimits()
    sources: SourceLimit

    _peer: Peer

    _phase = _Phase.HEAD
    _head_bytes = 0
    _header_bytes = 0
    _body_bytes = 0
    _body_bytes_before = 0
    _drained = 0
    _timer: asyncio.TimerHandle | None = None
    _answer_timer: asyncio.TimerHandle | None = None
    _unread_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # TCP or TLS, nothing else listens
        super().connection_made(transport)
        _read_little_ahead(transport)
        self._peer = transport.get_extra_info("peername")
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._disarm_answer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase is _Phase.ANSWER:
            self._begin_head()  # also for bytes that begin no message: a blank line is no free ride
        super().data_received(data)
        if self._phase is _Phase.HEAD and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.head_bytes:
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._phase is not _Phase.HEAD:
            self._begin_head()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self.limits.url_bytes:
            raise FramingRefused("the target is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._header_bytes += len(name) + len(value) + _HEADER_OVERHEAD
        too_many = len(self.headers) > self.limits.headers
        if too_many or self._header_bytes > self.limits.head_bytes:
            raise FramingRefused("the head is too large")

    def on_headers_complete(self) -> None:
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 or not hosts[0]:
            raise FramingRefused("a request names exactly one host")
        if self.parser.should_upgrade():
            raise FramingRefused("no other protocol is spoken")
        super().on_headers_complete()
        self._phase = _Phase.BODY
        self._body_bytes = self._body_bytes_before = self._drained = 0
        self._arm(self.limits.body_seconds, self._look_at_body)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if not self.cycle.response_complete:
            if self._body_bytes >= self.limits.proven_bytes:
                self.sources.serves(self._peer)
        else:
            self._drained += len(body)
            if self._drained > self.limits.drain_bytes:
                self.transport.abort()
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if not self.cycle.response_complete:
            self.sources.serves(self._peer)
        self._phase = _Phase.ANSWER
        self._disarm()

    def on_response_complete(self) -> None:
        if not self.pipeline:
            self.sources.waits(self._peer)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Be told that nobody reads as fast as we write."""
        super().pause_writing()
        self._watch_answer()

    def resume_writing(self) -> None:
        """Be told that what waited is nearly read."""
        self._disarm_answer()
        super().resume_writing()

    def _watch_answer(self) -> None:
        self._unread_bytes = self.transport.get_write_buffer_size()
        self._answer_timer = self.loop.call_later(self.limits.answer_seconds, self._look_at_answer)

    def _look_at_answer(self) -> None:
        if self.transport.get_write_buffer_size() >= self._unread_bytes:
            # Reset, not closed: the kernel would keep what it has for whoever does not read.
            socket = self.transport.get_extra_info("socket")
            socket.setsockopt(SOL_SOCKET, SO_LINGER, _NO_LINGER)
            self.transport.abort()
        else:
            self._watch_answer()

    def _disarm_answer(self) -> None:
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None

    def _begin_head(self) -> None:
        self._phase = _Phase.HEAD
        self._head_bytes = self._header_bytes = 0
        self._arm(self.limits.head_seconds, self.transport.abort)

    def _look_at_body(self) -> None:
        came = self._body_bytes - self._body_bytes_before
        if came < self.limits.body_least_bytes and not self.flow.read_paused:
            self.transport.abort()
            return
        self._body_bytes_before = self._body_bytes
        self._arm(self.limits.body_seconds, self._look_at_body)

    def _arm(self, seconds: float, then: Callable[[], None]) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, then)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def guarded(limits: HttpLimits, sources: SourceLimit) -> type[GuardedHttp]:
    """Return the protocol class of a listener with these limits; uvicorn makes its instances."""
    return type("GuardedHttp", (GuardedHttp,), {"limits": limits, "sources": sources})
