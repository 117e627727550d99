"""Peers for TLS tests: a server that counts what it is told, and proxies: plain, opening TLS."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

DEADLINE = 60.0  # seconds
_ESTABLISHED = b"HTTP/1.1 200 OK\r\n\r\n"


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
def connect_proxy(
    *, leads_to: int | None = None, answer: bytes = _ESTABLISHED
) -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of a CONNECT proxy and the targets it was asked for.

    ``leads_to`` is the port here to which it connects whatever was asked for; with another
    ``answer`` it connects nobody.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    targets: list[str] = []
    clients: list[socket.socket] = []
    workers: list[threading.Thread] = []

    def run() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            clients.append(client)
            workers.append(
                threading.Thread(target=_tunnel, args=[client, targets, leads_to, answer])
            )
            workers[-1].start()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", targets
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for client in clients:
            with contextlib.suppress(OSError):  # most have gone
                client.shutdown(socket.SHUT_RDWR)
        for worker in [thread, *workers]:
            worker.join(DEADLINE)


@dataclass
class Overheard:
    """What a box that opens connections read: plain bytes of requests; whom it was asked for."""

    application_bytes: int = 0
    handshakes: int = 0
    targets: list[str] = field(default_factory=list)


@contextlib.contextmanager
def opening_proxy(box: ssl.SSLContext, hospital: ssl.SSLContext) -> Iterator[tuple[str, Overheard]]:
    """Yield the URL of a proxy that opens TLS, as some practices have one, and what it overheard.

    It answers a CONNECT, speaks TLS as ``box`` with its certificate for the hospital's name, and
    passes everything on over a TLS of its own, trusting as ``hospital`` says.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    overheard = Overheard()
    workers: list[threading.Thread] = []

    def run() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            workers.append(threading.Thread(target=_open, args=[client, box, hospital, overheard]))
            workers[-1].start()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", overheard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for worker in [thread, *workers]:
            worker.join(DEADLINE)


def _open(
    client: socket.socket, box: ssl.SSLContext, hospital: ssl.SSLContext, overheard: Overheard
) -> None:
    with client, contextlib.suppress(OSError):
        client.settimeout(DEADLINE)
        host, port = _asked_for(client, overheard.targets)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with (
            box.wrap_socket(client, server_side=True) as near,
            socket.create_connection((host, port), timeout=DEADLINE) as plain,
            hospital.wrap_socket(plain, server_hostname=host) as far,
        ):
            overheard.handshakes += 1
            back = threading.Thread(target=_copy, args=[far, near])
            back.start()
            while data := near.recv(65536):
                overheard.application_bytes += len(data)
                far.sendall(data)
            far.shutdown(socket.SHUT_RDWR)
            back.join(DEADLINE)


def _asked_for(client: socket.socket, targets: list[str]) -> tuple[str, int]:
    """Read a CONNECT request; return host and port."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    target = head.split()[1].decode()
    targets.append(target)
    host, _, port = target.rpartition(":")
    return host, int(port)


def _tunnel(client: socket.socket, targets: list[str], leads_to: int | None, answer: bytes) -> None:
    with client:
        client.settimeout(DEADLINE)
        target = _asked_for(client, targets)
        if answer != _ESTABLISHED:
            client.sendall(answer)
            return
        where = target if leads_to is None else ("127.0.0.1", leads_to)
        with socket.create_connection(where, timeout=DEADLINE) as server:
            client.sendall(answer)
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
