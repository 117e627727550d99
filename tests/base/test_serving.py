"""Deadlines and limits of connections, and how a program of listeners begins and ends."""

import contextlib
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

from passbox_base.errors import CannotListen
from passbox_base.http_guard import HttpLimits
from passbox_base.serving import Listener, _bind, serve
from passbox_base.tls_contexts import public_server_context
from tests.builders.applications import EchoLength, Message, Receive, Send
from tests.builders.calling import GOOD, POST, closing, connected, ends, read_status, status
from tests.builders.listening import DEADLINE, all_listening, listening
from tests.builders.pki import Pki


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A plain listener with the product's own limits."""
    with listening(Listener(EchoLength(), "127.0.0.1", 0)) as port:
        yield port


def test_one_listener_for_both_families() -> None:
    """Host "::" takes IPv4 callers too, and counts them by their IPv4 address."""
    host = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # a kernel without IPv6 is no fault
    with listening(Listener(EchoLength(), host, 0)) as port, connected(port) as caller:
        caller.sendall(GOOD)
        assert read_status(caller) == 200


def test_a_head_has_a_deadline() -> None:
    """Who begins a head and never ends it, first or after an answer, is hung up on."""
    listener = Listener(EchoLength(), "127.0.0.1", 0, limits=HttpLimits(head_seconds=2.0))
    half = b"GET / HTTP/1.1\r\nHost: a\r\n"
    with listening(listener) as port, contextlib.ExitStack() as stack:
        callers = []
        # After an answer nothing at all is an idle connection, kept a while.
        for before, begun in ((b"", b""), *product((b"", GOOD), (half, b"\r\n"))):
            caller = stack.enter_context(connected(port))
            caller.sendall(before)
            assert not before or read_status(caller) == 200
            caller.sendall(begun)
            callers.append(caller)
        assert all(ends(caller) for caller in callers)


def test_a_body_has_a_lowest_rate() -> None:
    """A body that stands still is cut, while one that moves is not."""
    limits = HttpLimits(body_seconds=0.2, body_least_bytes=1)
    with listening(Listener(EchoLength(), "127.0.0.1", 0, limits=limits)) as port:
        with connected(port) as caller:
            caller.sendall(POST + b"Content-Length: 1000\r\n\r\nabc")
            assert ends(caller)
        assert status(port, GOOD) == 200


def test_a_refused_body_is_not_read_for_ever() -> None:
    """After an early answer only so much of the body is still taken."""

    async def refuse(scope: dict[str, object], _receive: object, send: object) -> None:
        if scope["type"] == "http" and callable(send):
            await send({"type": "http.response.start", "status": 413, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    listener = Listener(refuse, "127.0.0.1", 0, limits=HttpLimits(drain_bytes=1000))
    with listening(listener) as port, connected(port) as caller:
        caller.sendall(POST + b"Content-Length: 99999999\r\n\r\n")
        assert read_status(caller) == 413
        with pytest.raises(ConnectionError):
            caller.sendall(b"x" * 99_999_999)


def test_idle_lines_shut_nobody_out() -> None:
    """A source at its limit of idle lines is let in, and its oldest idle line ends for it."""
    listener = Listener(EchoLength(), "127.0.0.1", 0, waiting_per_source=2)
    with listening(listener) as port, connected(port) as one, connected(port) as two:
        for held in (one, two):
            held.sendall(GOOD)
            assert read_status(held) == 200
        assert status(port, GOOD) == 200
        assert ends(one)


def test_a_source_at_its_limit_cuts_off_nobody() -> None:
    """A source whose lines are all being served is hung up on until one of them ends."""

    async def answer_for_ever(_scope: object, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    listener = Listener(answer_for_ever, "127.0.0.1", 0, connections_per_source=1)
    with listening(listener) as port:
        with connected(port) as busy:
            busy.sendall(GOOD)
            assert read_status(busy) == 200
            assert status(port, GOOD) == 0
            busy.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + DEADLINE
        while status(port, GOOD) == 0:
            assert time.monotonic() < deadline


def test_a_body_that_moves_is_served() -> None:
    """Idle lines of the same source do not cut off who is in the middle of a body."""

    async def answer_early(scope: Message, receive: Receive, send: Send) -> None:
        head = {"type": "http.response.start", "status": 200, "headers": []}
        if scope["path"] == "/":
            await send(head)
            await send({"type": "http.response.body", "body": b"x"})
            return
        length = 0
        while length < 20_000:
            length += len((await receive())["body"])
        await send(head)
        await send({"type": "http.response.body", "body": b"half\n", "more_body": True})
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.body", "body": b"whole\n"})

    listener = Listener(answer_early, "127.0.0.1", 0, waiting_per_source=1)
    with listening(listener) as port, connected(port) as busy:
        busy.sendall(b"PUT /body HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n")
        busy.sendall(b"x" * 20_000)
        lines = busy.makefile("rb")
        while lines.readline() != b"half\n":
            pass
        assert [status(port, GOOD) for _ in range(3)] == [200] * 3
        busy.sendall(b"x" * 10_000)
        while lines.readline() != b"whole\n":
            pass


def test_no_answer_waits_for_an_acknowledgement() -> None:
    """What a listener accepts sends at once: TCP_NODELAY is set, which asyncio leaves to us."""
    listener = _bind(Listener(EchoLength(), "127.0.0.1", 0))
    listener.settimeout(DEADLINE)
    with listener, socket.create_connection(listener.getsockname(), DEADLINE):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_is_told(port: int) -> None:
    """A second listener on the same port says which address it could not have."""
    with pytest.raises(CannotListen, match=str(port)):
        serve(Listener(EchoLength(), "127.0.0.1", port))


_PROGRAM = """
import sys
from pathlib import Path
from passbox_base.serving import Listener, _bind, serve
from tests.builders.applications import EchoLength
def say(port): print(port, flush=True)
serve(Listener(EchoLength(), "127.0.0.1", 0, announce=say, ready_file=Path(sys.argv[1])), grace=1)
print("ended", flush=True)
"""


def test_sigterm_ends_a_program_cleanly(tmp_path: Path) -> None:
    """The ready file names the real port while connections are taken, and SIGTERM ends with 0."""
    ready = tmp_path / "ready"
    ready.write_text("left by a killed process")
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, ready], stdout=subprocess.PIPE, text=True, cwd=_ROOT
    )
    assert process.stdout is not None
    watchdog = threading.Timer(DEADLINE, process.kill)
    watchdog.start()
    with process:
        port = int(process.stdout.readline())
        assert json.loads(ready.read_text()) == {"port": port}
        assert status(port, GOOD) == 200
        os.kill(process.pid, signal.SIGTERM)
        assert process.stdout.read() == "ended\n"
    watchdog.cancel()

    assert process.returncode == 0
    assert not ready.exists()


_ROOT = Path(__file__).parents[2]


def _pieces(count: int, size: int = 65536) -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """Return an application that answers with ``count`` pieces, one after the other."""

    async def answer(scope: Message, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for left in reversed(range(count)):
            body = {"type": "http.response.body", "body": bytes(size), "more_body": left > 0}
            await send(body)

    return answer


@pytest.mark.parametrize("secure", [False, True])
def test_an_answer_that_nobody_reads_ends(tmp_path: Path, secure: bool) -> None:
    """Who asks for 64 MiB and reads none of it is reset; who reads gets all of it."""
    pki = Pki(tmp_path, "public")
    files = pki.server()
    tls = public_server_context(files.certificate, files.key) if secure else None

    def giving_up(seconds: float) -> Listener:
        limits = HttpLimits(answer_seconds=seconds)
        return Listener(_pieces(1024), "127.0.0.1", 0, tls, limits=limits)

    def line(caller: socket.socket) -> socket.socket:
        if not secure:
            return caller
        context = ssl.create_default_context(cafile=str(pki.ca_file))
        return context.wrap_socket(caller, server_hostname="127.0.0.1")

    with all_listening(giving_up(0.5), giving_up(DEADLINE)) as (hasty, patient):
        with connected(hasty) as plain, line(plain) as idle:
            idle.sendall(GOOD)
            plain_bytes = idle.recv(1)
            _until_reset(idle)
            assert plain_bytes == b"H"
        with connected(patient) as plain, line(plain) as reader:
            reader.sendall(closing("X: y"))
            came = 0
            while piece := reader.recv(1 << 20):
                came += len(piece)
            assert came > 64 * 2**20


def _until_reset(line: socket.socket) -> None:
    """Return once the peer has gone, without reading a byte; a deadline makes it an error."""
    poll = select.poll()
    poll.register(line.fileno(), select.POLLRDHUP | select.POLLHUP | select.POLLERR)
    assert poll.poll(DEADLINE * 1000)
