"""Our own small HTTPS client for peers we do not trust: one origin, hard budgets.

The rule (each line a way a hostile server was seen to win elsewhere):

- one origin, given at start; no redirect, proxy, cookie or environment is ever looked at;
- TLS 1.3 with our own CA and certificate, and pins where configured, before the first request byte;
- an answer says its length, which must be within the caller's budget before a byte is read;
  coded or chunked answers are refused, so nothing can inflate;
- one deadline covers the whole exchange, headers included: a server that drips is cut off;
- what is read goes to the caller piece by piece: nothing is collected here that was not asked for.

It knows no routes and parses no bodies. http.client keeps heads within 100 lines of 64 KiB.
"""

import contextlib
import hmac
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.certificates import spki_sha256
from passbox_base.clocks import Clock
from passbox_poller.errors import NotNow, PeerWrong, Problem
from passbox_wire import routes, signing
from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed
from passbox_wire.problems import MAX_PROBLEM_BYTES, parse_problem

EXCHANGE_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 10.0
_PIECE: Final = 64 * 1024
_SUCCESS: Final = range(200, 300)
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_NO_BODY: Final = frozenset({204, 304})


class _DeadlineSocket(ssl.SSLSocket):
    """A TLS socket whose every call ends by one deadline (monotonic seconds)."""

    deadline: float | None = None

    def _hurry(self) -> None:
        if self.deadline is None:
            return
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("over the time of one exchange")
        self.settimeout(left)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self._hurry()
        return super().recv_into(buffer, nbytes, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        self._hurry()
        super().sendall(data, flags)


class _Connection(http.client.HTTPSConnection):
    def __init__(
        self, host: str, port: int, context: ssl.SSLContext, pins: frozenset[bytes]
    ) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS, context=context)
        self._pins = pins

    def connect(self) -> None:
        super().connect()
        if self._pins and not self._is_pinned():
            self.close()
            raise PeerWrong("the server's key is none of the pinned ones")

    def _is_pinned(self) -> bool:
        shown = self.sock.getpeercert(binary_form=True) or b""
        digest = spki_sha256(x509.load_der_x509_certificate(shown))
        return any(hmac.compare_digest(digest, pin) for pin in self._pins)

    def hold_to(self, deadline: float) -> None:
        if isinstance(self.sock, _DeadlineSocket):
            self.sock.deadline = deadline

    def cut(self) -> None:
        """Shut the socket below TLS, so that a thread that reads from it learns at once."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: its status and the whole body."""

    status: int
    body: bytes


class Link:
    """The way to one peer. Threads may share it.

    Each exchange has a connection of its own, kept for the next.
    """

    def __init__(
        self,
        origin: str,
        context: ssl.SSLContext,
        key: Ed25519PrivateKey,
        clock: Clock,
        pins: frozenset[bytes] = frozenset(),
        exchange_seconds: float = EXCHANGE_SECONDS,
    ) -> None:
        """``origin``: https://host[:port]. ``key`` signs each request (wire.inner.requests)."""
        parts = urlsplit(origin)
        self._host, self._port = parts.hostname or "", parts.port or 443
        context.sslsocket_class = _DeadlineSocket
        self._context = context
        self._key = key
        self._clock = clock
        self._pins = pins
        self._seconds = exchange_seconds
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._closed = False
        self._lock = threading.Lock()

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        most: int,
        wait: int = 0,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Return a success whose body has at most ``most`` bytes.

        ``wait`` seconds longer than usual.

        Raises NotNow when the peer is away or busy, Problem for its typed refusals, PeerWrong else.
        """
        pieces = bytearray()
        status = self._exchange(
            method, target, _Body.of_bytes(body), most, pieces.extend, wait, headers
        )
        return Answer(status, bytes(pieces))

    def fetch(self, target: str, length: int, sink: Callable[[bytes], object]) -> None:
        """Give the ``length`` bytes of a GET to ``sink``, piece by piece; raises as ask()."""
        came = 0

        def count(piece: bytes) -> None:
            nonlocal came
            came += len(piece)
            sink(piece)

        self._exchange("GET", target, _Body.of_bytes(b""), length, count, 0, None)
        if came != length:
            raise PeerWrong("an answer of another length than was said")

    def send_file(
        self, target: str, file: BinaryIO, length: int, digest: bytes, headers: dict[str, str]
    ) -> None:
        """PUT the ``length`` bytes of ``file``, whose SHA-256 is ``digest``; raises as ask()."""
        body = _Body(file, length, digest)
        self._exchange("PUT", target, body, 0, _nothing, length // _PIECE // 16, headers)

    def cut(self) -> None:
        """End every exchange, also one that another thread waits in: it ends as NotNow.

        None follows.
        """
        with self._lock:
            self._closed = True
            for connection in self._open - set(self._idle):
                connection.cut()
            idle, self._idle = self._idle, []
        for connection in idle:
            self._drop(connection)

    def _exchange(
        self,
        method: str,
        target: str,
        body: "_Body",
        most: int,
        sink: Callable[[bytes], object],
        wait: int,
        headers: dict[str, str] | None,
    ) -> int:
        """Make one exchange, and once more where a kept connection turned out to be closed."""
        sent = {**self._signed(method, target, body), **(headers or {})}
        with _peer_errors():
            connection = self._kept()
            if connection is not None:
                try:
                    response = _request(
                        connection, method, target, body, sent, self._seconds + wait
                    )
                except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                    self._drop(connection)
                except BaseException:
                    self._drop(connection)
                    raise
                else:
                    return self._read(connection, response, most, sink)
            connection = self._new()
            try:
                connection.connect()
                response = _request(connection, method, target, body, sent, self._seconds + wait)
            except BaseException:
                self._drop(connection)
                raise
            return self._read(connection, response, most, sink)

    def _read(
        self,
        connection: _Connection,
        response: http.client.HTTPResponse,
        most: int,
        sink: Callable[[bytes], object],
    ) -> int:
        try:
            status = _take(response, most, sink)
        except Problem:
            self._keep(connection, response)
            raise
        except BaseException:
            response.close()
            self._drop(connection)
            raise
        self._keep(connection, response)
        return status

    def _signed(self, method: str, target: str, body: "_Body") -> dict[str, str]:
        now = int(self._clock.now().timestamp())
        statement = signing.request_statement(method, target, now, body.sha256)
        return {
            routes.VERSION_HEADER: str(routes.VERSION),
            routes.TIME_HEADER: str(now),
            routes.SIGNATURE_HEADER: signing.sign(self._key, statement).hex(),
            "Content-Length": str(body.length),
            "Accept-Encoding": "identity",
        }

    def _kept(self) -> _Connection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _new(self) -> _Connection:
        connection = _Connection(self._host, self._port, self._context, self._pins)
        with self._lock:
            if self._closed:
                raise NotNow("the program is ending")
            self._open.add(connection)
        return connection

    def _drop(self, connection: _Connection) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close()

    def _keep(self, connection: _Connection, response: http.client.HTTPResponse) -> None:
        with self._lock:
            keep = response.isclosed() and not response.will_close and not self._closed
            if keep:
                self._idle.append(connection)
        if not keep:
            response.close()
            self._drop(connection)


@dataclass(frozen=True, slots=True)
class _Body:
    file: BinaryIO | None
    length: int
    sha256: bytes
    data: bytes = b""

    @classmethod
    def of_bytes(cls, data: bytes) -> "_Body":
        return cls(None, len(data), sha256(data), data)

    def pieces(self) -> Iterator[bytes]:
        if self.file is None:
            yield self.data
            return
        self.file.seek(0)
        left = self.length
        while left:
            piece = self.file.read(min(left, _PIECE))
            if not piece:
                raise OSError("a work file is shorter than it was")
            left -= len(piece)
            yield piece


def _nothing(_piece: bytes) -> None:
    return None


def _request(
    connection: _Connection,
    method: str,
    target: str,
    body: _Body,
    headers: dict[str, str],
    seconds: float,
) -> http.client.HTTPResponse:
    # The real clock, not the one handed in: sockets time out by it.
    connection.hold_to(time.monotonic() + seconds)
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    for piece in body.pieces():
        if piece:
            connection.send(piece)
    return connection.getresponse()


def _take(response: http.client.HTTPResponse, most: int, sink: Callable[[bytes], object]) -> int:
    """Pour a success into ``sink`` and return its status; raise what another answer means."""
    _check_head(response)
    length = _length(response)
    if response.status not in _SUCCESS:
        raise _refusal(response, response.status, length)
    _pour(response, length, most, sink)
    return response.status


def _check_head(response: http.client.HTTPResponse) -> None:
    coding = response.getheader("Content-Encoding", "identity").lower()
    if coding != "identity" or response.getheader("Transfer-Encoding") is not None:
        raise PeerWrong("a coded answer was not asked for")


def _length(response: http.client.HTTPResponse) -> int:
    if response.status in _NO_BODY:
        return 0
    said = response.getheader("Content-Length", "")
    if not (said.isascii() and said.isdigit() and len(said) <= len(str(2**63))):
        raise PeerWrong("an answer without its length")
    return int(said)


def _pour(
    response: http.client.HTTPResponse, length: int, most: int, sink: Callable[[bytes], object]
) -> None:
    if length > most:
        raise PeerWrong("an answer longer than we read")
    came = 0
    while came < length:
        piece = response.read1(min(_PIECE, length - came))
        if not piece:
            raise NotNow("the connection ended early")
        came += len(piece)
        sink(piece)
    response.read()  # nothing is left; the response learns that it ended


def _refusal(
    response: http.client.HTTPResponse, status: int, length: int
) -> Problem | NotNow | PeerWrong:
    body = bytearray()
    _pour(response, length, MAX_PROBLEM_BYTES, body.extend)
    try:
        problem = parse_problem(bytes(body))
    except Malformed:
        return NotNow("busy") if status in _BUSY else PeerWrong(f"status {status}")
    return NotNow(problem.code.value) if problem.retry else Problem(problem.code)


@contextlib.contextmanager
def _peer_errors() -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise PeerWrong("the server's certificate is not acceptable") from error
    except (OSError, http.client.IncompleteRead, http.client.RemoteDisconnected) as error:
        raise NotNow("the peer cannot be reached") from error
    except (http.client.HTTPException, ValueError) as error:
        raise PeerWrong("not an answer of HTTP") from error
