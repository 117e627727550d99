"""Which requests a listener takes, from whom it believes they come, and what it says of itself."""

import contextlib
from collections.abc import Iterator

import pytest

from passbox_base.serving import Listener
from tests.builders.applications import EchoLength
from tests.builders.calling import GOOD, POST, closing, connected, ends, read_status, status
from tests.builders.listening import listening


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A plain listener with the product's own limits."""
    with listening(Listener(EchoLength(), "127.0.0.1", 0)) as port:
        yield port


@pytest.mark.parametrize(
    "request_bytes",
    [
        GOOD,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 60_000 + b"\r\n\r\n",
    ],
)
def test_honest_requests_are_answered(port: int, request_bytes: bytes) -> None:
    """What the standard allows within the limits gets through."""
    assert status(port, request_bytes) == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        POST + b"Content-Length: +3\r\n\r\nabc",
        POST + b"Content-Length: 3, 3\r\n\r\nabc",
        POST + b"Content-Length: 0x3\r\n\r\nabc",
        POST + b"Content-Length: -1\r\n\r\nabc",
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n3;x=\n\r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\nabc",
        POST + b"Content-Length: 3\0\r\n\r\nabc",
        POST + b"Content-Length:\r\n\r\nabc",
        POST + b"Content-Length : 3\r\n\r\nabc",
        POST + b"Content_Length: 3\r\nContent-Length: a\r\n\r\nabc",
        b"GET / HTTP/1.1\rHost: a\r\r",
        b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        b"GET /\x7f\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 1_000_000,
    ],
)
def test_ambiguous_or_oversized_requests_are_refused(port: int, request_bytes: bytes) -> None:
    """What two parsers could read in two ways, or what is too large, is a 400 and a closed line."""
    with connected(port) as caller:
        with contextlib.suppress(ConnectionError):
            caller.sendall(request_bytes)
        assert read_status(caller) in {400, 0}
        assert ends(caller)


def test_a_smuggled_request_is_never_run() -> None:
    """Of a request with two lengths neither the first nor the hidden one is run."""
    application = EchoLength()
    smuggled = (
        POST
        + b"Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    with listening(Listener(application, "127.0.0.1", 0)) as port:
        status(port, smuggled)

    assert "/hidden" not in application.requests


@pytest.mark.parametrize("header", ["X-Forwarded-For: 6.6.6.6", "Forwarded: for=6.6.6.6"])
def test_a_forged_source_changes_nothing(port: int, header: str) -> None:
    """Nobody is believed about where they come from, unless a proxy was named."""
    with connected(port) as caller:
        caller.sendall(closing(header))
        assert b"\r\n0 127.0.0.1\r\n" in caller.makefile("rb").read()


def test_the_named_proxy_is_believed() -> None:
    """Behind a proxy that was named, its word for the source counts."""
    listener = Listener(EchoLength(), "127.0.0.1", 0, trusted_proxy="127.0.0.1")
    with listening(listener) as port, connected(port) as caller:
        caller.sendall(closing("X-Forwarded-For: 192.0.2.9"))
        assert b"\r\n0 192.0.2.9\r\n" in caller.makefile("rb").read()


def test_behind_a_proxy_connections_are_the_proxys_to_count() -> None:
    """All connections come from the proxy: they are not one greedy source."""
    listener = Listener(
        EchoLength(), "127.0.0.1", 0, trusted_proxy="127.0.0.1", connections_per_source=1
    )
    with listening(listener) as port, connected(port) as held:
        held.sendall(GOOD)
        assert read_status(held) == 200
        assert status(port, GOOD) == 200


def test_the_answer_does_not_say_what_we_run(port: int) -> None:
    """There is no server header."""
    with connected(port) as caller:
        caller.sendall(closing("X: y"))
        assert b"server:" not in caller.makefile("rb").read().lower()
