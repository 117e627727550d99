"""A TLS server with our certificate that answers with scripted bytes and counts who asks."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self

DEADLINE = 60.0  # seconds

Script = Callable[[ssl.SSLSocket], None]


def says(answer: bytes) -> Script:
    """Send ``answer`` and close."""

    def script(connection: ssl.SSLSocket) -> None:
        connection.sendall(answer)

    return script


def endless(head: bytes, piece: bytes) -> Script:
    """Send ``head``, then ``piece`` until the other side has had enough."""

    def script(connection: ssl.SSLSocket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return script


def drips(head: bytes, gap: threading.Event) -> Script:
    """Send ``head``, then a byte every tenth of a second for ever: never silent, never done."""

    def script(connection: ssl.SSLSocket) -> None:
        connection.sendall(head)
        while not gap.wait(0.1):
            connection.sendall(b"x")

    return script


class HostileServer:
    """Runs ``script`` for every request; ``requests`` counts them."""

    def __init__(self, context: ssl.SSLContext, script: Script, port: int = 0) -> None:
        self._context = context
        self.script = script
        self.requests = 0
        self.reads = read_request
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._serving: list[threading.Thread] = []

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self._serving.append(threading.Thread(target=self._serve, args=[plain]))
            self._serving[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        with plain, contextlib.suppress(OSError):
            plain.settimeout(DEADLINE)
            with self._context.wrap_socket(plain, server_side=True) as secure:
                if self.reads(secure):
                    self.requests += 1
                    self.script(secure)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in [self._thread, *self._serving]:
            thread.join(DEADLINE)


def read_request(connection: ssl.SSLSocket) -> bool:
    """Read one request to its end, else closing would reset what was answered.

    Return whether it came.
    """
    request = b""
    while True:
        head, blank, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if blank and len(body) >= (int(length[1]) if length else 0):
            return True
        piece = connection.recv(65536)
        if not piece:
            return False
        request += piece
