"""Listening: uvicorn with the settings that are safe in front of strangers, and nothing else.

Why here: three listeners (public, poller, pages) must not differ by an oversight.

The rule: X-Forwarded-For counts only from one proxy that was named; no server header, no access
log (it would hold addresses and paths), no websockets; the TLS context comes ready from tls.py; a
handshake has a deadline, a source a number of connections. SIGTERM or SIGINT stops taking
connections, lets requests in flight finish for ``grace`` seconds, then cancels them.

Several listeners of one program live and die together, in one event loop. It does not restart,
fork or drop privileges: that is the service manager's.
"""

import asyncio
import contextlib
import json
import signal
import socket
import ssl
from asyncio import sslproto
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvicorn

from passbox_base.durable import remove, write_replacing
from passbox_base.errors import CannotListen
from passbox_base.http_guard import GuardedHttp, HttpLimits, guarded
from passbox_base.sources import LimitedListener, SourceLimit

HANDSHAKE_SECONDS: Final = 4.0
GOODBYE_SECONDS: Final = 1.0
"""How long a peer's close_notify is awaited: an idle one sends none and would hold up a stop."""
KEEP_ALIVE_SECONDS: Final = 75
GRACE_SECONDS: Final = 20
_BACKLOG: Final = 512
_TLS_BUFFER_BYTES: Final = 32 * 1024
_PROXY_CONNECTIONS: Final = 4096
_WAITING_CONNECTIONS: Final = 20
"""How many connections of one source may keep us waiting at once; see sources.py."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One address with one ASGI application behind it.

    ``port`` 0 takes a free one. Once connections are taken, ``announce`` is called with the port,
    and ``ready_file`` holds {"port": N}; it is absent before and after. ``trusted_proxy`` is the
    one address (or network) whose X-Forwarded-For is believed; behind it all connections look like
    one source, so counting them is then the proxy's. Host "::" listens for IPv4 as well.
    ``connections_per_source`` counts all; of those ``waiting_per_source`` may be idle or slow.
    """

    app: Any
    host: str
    port: int
    tls: ssl.SSLContext | None = None
    announce: Callable[[int], None] | None = None
    ready_file: Path | None = None
    trusted_proxy: str | None = None
    connections_per_source: int = 64
    waiting_per_source: int = _WAITING_CONNECTIONS
    limits: HttpLimits = field(default_factory=HttpLimits)


def serve(*listeners: Listener, grace: int = GRACE_SECONDS) -> None:
    """Serve until SIGTERM or SIGINT; raise CannotListen when an address cannot be had."""
    asyncio.run(_serve_until_signal(listeners, grace))


async def serve_until(
    stop: asyncio.Event, *listeners: Listener, grace: int = GRACE_SECONDS
) -> None:
    """Serve until ``stop`` is set, or until one listener ends by itself: then all end."""
    sockets = _bind_all(listeners)
    servers = [
        _Server(listener, sock.limit, grace)
        for listener, sock in zip(listeners, sockets, strict=True)
    ]
    tasks = [
        asyncio.create_task(server.serve(sockets=[sock]))
        for server, sock in zip(servers, sockets, strict=True)
    ]
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for server in servers:
            server.should_exit = True
    await asyncio.gather(*tasks)


async def _serve_until_signal(listeners: Sequence[Listener], grace: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve_until(stop, *listeners, grace=grace)


class _Server(uvicorn.Server):
    def __init__(self, listener: Listener, sources: SourceLimit, grace: int) -> None:
        self._listener = listener
        self._protocol = guarded(listener.limits, sources)
        super().__init__(_config(listener, grace))

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to serve(): several servers share them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the doors. As uvicorn's, with a deadline for handshakes and without sys.exit."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise CannotListen("the application did not start")
        loop = asyncio.get_running_loop()
        tls = self._listener.tls
        # asyncio keeps a buffer of this size for every TLS connection, idle ones too: with its own
        # 256 KiB, two hundred connections cost 40 MB more (measured). A TLS record is 16 KiB.
        sslproto.SSLProtocol.max_size = _TLS_BUFFER_BYTES
        self.servers = [
            await loop.create_server(
                self._make_protocol,
                sock=sock,
                ssl=tls,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if tls else None,
                ssl_shutdown_timeout=GOODBYE_SECONDS if tls else None,
                backlog=_BACKLOG,
            )
            for sock in sockets or ()
        ]
        self.started = True
        self._tell(self.servers[0].sockets[0].getsockname()[1])

    def _tell(self, port: int) -> None:
        if self._listener.ready_file is not None:
            write_replacing(self._listener.ready_file, json.dumps({"port": port}).encode())
        if self._listener.announce is not None:
            self._listener.announce(port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._listener.ready_file is not None:
            remove(self._listener.ready_file)
        await super().shutdown(sockets)

    def _make_protocol(self) -> asyncio.Protocol:
        return self._protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def _config(listener: Listener, grace: int) -> uvicorn.Config:
    return uvicorn.Config(
        listener.app,
        host=listener.host,
        port=listener.port,
        http=GuardedHttp,
        ws="none",
        lifespan="auto",
        log_config=None,
        access_log=False,
        proxy_headers=listener.trusted_proxy is not None,
        forwarded_allow_ips=listener.trusted_proxy or "",
        server_header=False,
        date_header=True,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=grace,
        backlog=_BACKLOG,
    )


def _bind_all(listeners: Sequence[Listener]) -> list[LimitedListener]:
    bound: list[LimitedListener] = []
    try:
        for listener in listeners:
            bound.append(_bind(listener))  # noqa: PERF401  # what was bound must be closed on failure
    except CannotListen:
        for sock in bound:
            sock.close()
        raise
    return bound


def _bind(listener: Listener) -> LimitedListener:
    if listener.ready_file is not None:
        remove(listener.ready_file)  # one that a killed process left would name a wrong port
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    try:
        sock = socket.create_server(
            (listener.host, listener.port),
            family=family,
            backlog=_BACKLOG,
            dualstack_ipv6=listener.host == "::",
        )
    except OSError as error:
        raise CannotListen(f"cannot listen on {listener.host} port {listener.port}") from error
    sock.settimeout(0)
    # asyncio does so only for sockets of its own; without it an answer waits for a delayed ACK.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return LimitedListener.of(sock, _source_limit(listener))


def _source_limit(listener: Listener) -> SourceLimit:
    if listener.trusted_proxy is not None:
        return SourceLimit(_PROXY_CONNECTIONS, _PROXY_CONNECTIONS)
    return SourceLimit(listener.connections_per_source, listener.waiting_per_source)
