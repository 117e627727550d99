"""What counts as one source on the network, and how many connections it may hold.

Why here: limits, block lists and the listening socket must agree on who is one and the same.

The rule: an IPv4 address is a source; an IPv6 source is its /64, because that is what one
household gets; ::ffff:a.b.c.d is the IPv4 address it carries. Connections are counted where they
are accepted, before TLS, so half-open ones count too. Who keeps us waiting (a handshake, half a
head, silence between requests) makes room for the next one of the same source, the oldest first:
holding idle sockets shuts nobody out, not even others behind the same address. Who is being
served is never cut off for a newcomer.

It does not rate requests and does not know block lists: those answer in words, this one cannot.
"""

import contextlib
import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self

_IPV6_SOURCE_BITS: Final = 64


def source_of(address: str) -> str:
    """Return the source an IP address belongs to: an IPv4 address, or an IPv6 network with /64.

    Raises ValueError for what is no address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, _IPV6_SOURCE_BITS), strict=False))


Peer = tuple[Any, ...]
"""A peer's socket address, as accept() and asyncio's "peername" give it: one connection's name."""


class HangsUp(Protocol):
    """What the limit needs of a connection: a way to end it from outside."""

    def hang_up(self) -> None: ...


@dataclass(slots=True)
class _Connections:
    """Of one source; dictionaries for their order: the oldest is first."""

    waiting: dict[Peer, HangsUp] = field(default_factory=dict)
    served: dict[Peer, HangsUp] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.waiting) + len(self.served)


class SourceLimit:
    """Counts open connections by source. Used from one event loop only.

    ``most`` connections of a source in all, of which ``most_waiting`` may keep us waiting.
    """

    def __init__(self, most: int, most_waiting: int) -> None:
        self._most = most
        self._most_waiting = most_waiting
        self._sources: dict[str, _Connections] = {}

    def enter(self, peer: Peer, connection: HangsUp) -> bool:
        """Count a connection in, as waiting; the oldest waiting one may have to go for it.

        Returns False, and counts nothing, when all connections of the source are being served.
        """
        ours = self._sources.setdefault(source_of(peer[0]), _Connections())
        if len(ours.waiting) >= self._most_waiting or len(ours) >= self._most:
            if not ours.waiting:
                return False
            ours.waiting.pop(next(iter(ours.waiting))).hang_up()
        ours.waiting[peer] = connection
        return True

    def serves(self, peer: Peer) -> None:
        """Take note that this connection asked something whole and is being answered."""
        ours = self._of(peer)
        if peer in ours.waiting:
            ours.served[peer] = ours.waiting.pop(peer)

    def waits(self, peer: Peer) -> None:
        """Take note that this connection was answered and may be silent now."""
        ours = self._of(peer)
        if peer in ours.served:
            ours.waiting[peer] = ours.served.pop(peer)

    def leave(self, peer: Peer) -> None:
        """Count a connection out; one that had to go already is fine."""
        ours = self._of(peer)
        ours.waiting.pop(peer, None)
        ours.served.pop(peer, None)
        if not len(ours):
            self._sources.pop(source_of(peer[0]), None)

    def _of(self, peer: Peer) -> _Connections:
        return self._sources.get(source_of(peer[0])) or _Connections()


class LimitedListener(socket.socket):
    """A listening socket that holds every source to its number of connections."""

    limit: SourceLimit

    @classmethod
    def of(cls, listener: socket.socket, limit: SourceLimit) -> Self:
        """Take over a bound socket; the original object is spent."""
        taken = cls(listener.family, listener.type, listener.proto, fileno=listener.detach())
        taken.limit = limit
        return taken

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection; raise ConnectionAbortedError, which asyncio passes over."""
        plain, peer = super().accept()
        counted = _CountedConnection.of(plain, self.limit, peer)
        if not self.limit.enter(peer, counted):
            counted.close()
            raise ConnectionAbortedError
        return counted, peer


class _CountedConnection(socket.socket):
    limit: SourceLimit
    peer: Peer

    @classmethod
    def of(cls, plain: socket.socket, limit: SourceLimit, peer: Peer) -> Self:
        counted = cls(plain.family, plain.type, plain.proto, fileno=plain.detach())
        counted.limit, counted.peer = limit, peer
        return counted

    def hang_up(self) -> None:
        """End the connection; the event loop, which owns the socket, sees it end and closes it."""
        with contextlib.suppress(OSError):  # the peer was quicker
            self.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.limit.leave(self.peer)
        super().close()
