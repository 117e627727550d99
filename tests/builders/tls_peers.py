"""Peers for TLS tests: a server that counts what it is told, and a CONNECT proxy."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Self

DEADLINE = 10.0  # seconds


class CountingServer:
    """Speaks TLS by ``context`` and notes every application byte it gets; never answers."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.application_bytes = 0
        self.handshakes = 0
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with plain, contextlib.suppress(OSError):
                plain.settimeout(DEADLINE)
                self._read(plain)

    def _read(self, plain: socket.socket) -> None:
        with self._context.wrap_socket(plain, server_side=True) as secure:
            self.handshakes += 1
            while data := secure.recv(65536):
                self.application_bytes += len(data)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(DEADLINE)


@contextlib.contextmanager
def connect_proxy() -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of a CONNECT proxy and the targets it was asked for."""
    listener = socket.create_server(("127.0.0.1", 0))
    targets: list[str] = []
    workers: list[threading.Thread] = []

    def run() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            workers.append(threading.Thread(target=_tunnel, args=[client, targets]))
            workers[-1].start()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", targets
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for worker in [thread, *workers]:
            worker.join(DEADLINE)


def _tunnel(client: socket.socket, targets: list[str]) -> None:
    with client:
        client.settimeout(DEADLINE)
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        target = head.split()[1].decode()
        targets.append(target)
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=DEADLINE) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_copy, args=[server, client])
            back.start()
            _copy(client, server)
            back.join(DEADLINE)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
