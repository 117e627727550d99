"""Somebody who dials a listener of ours and writes bytes, right or wrong ones."""

import contextlib
import socket
from collections.abc import Iterator

from tests.builders.listening import DEADLINE

GOOD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
"""The beginning of a request: headers and body are still to come."""


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """Dial a listener; whatever it keeps us waiting for has a deadline."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as caller:
        yield caller


def status(port: int, request: bytes) -> int:
    """Return the status of the first answer, 0 for a connection that was closed without one."""
    with connected(port) as caller:
        with contextlib.suppress(ConnectionError):  # refused before it was read whole
            caller.sendall(request)
        return read_status(caller)


def closing(header: str) -> bytes:
    """Return a request with a header that ends its connection."""
    return f"GET / HTTP/1.1\r\nHost: a\r\n{header}\r\nConnection: close\r\n\r\n".encode()


def read_status(caller: socket.socket) -> int:
    """Return the status of the next answer, 0 for none."""
    try:
        line = caller.makefile("rb").readline()
    except ConnectionError:
        return 0
    return int(line.split()[1]) if line else 0


def ends(caller: socket.socket) -> bool:
    """Return once the other side has hung up; a deadline makes it an error."""
    with contextlib.suppress(ConnectionError):
        while caller.recv(65536):
            pass
    return True
