"""What counts as one source on the network, and how many connections it may hold.

Why here: limits, block lists and the listening socket must agree on who is one and the same.

The rule: an IPv4 address is a source; an IPv6 source is its /64, because that is what one
household gets; ::ffff:a.b.c.d is the IPv4 address it carries. Connections are counted where they
are accepted, before TLS, so half-open ones count too.

It does not rate requests and does not know block lists: those answer in words, this one cannot.
"""

import ipaddress
import socket
from collections import Counter
from typing import Any, Final, Self

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


class SourceLimit:
    """Counts open connections by source. Used from one event loop only."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def enter(self, source: str) -> bool:
        """Count a connection in; return False, and count nothing, when the source has enough."""
        if self._open[source] >= self._most:
            return False
        self._open[source] += 1
        return True

    def leave(self, source: str) -> None:
        """Count a connection out."""
        self._open[source] -= 1
        if self._open[source] <= 0:
            del self._open[source]


class LimitedListener(socket.socket):
    """A listening socket that hangs up on a source that holds too many connections already."""

    limit: SourceLimit

    @classmethod
    def of(cls, listener: socket.socket, limit: SourceLimit) -> Self:
        """Take over a bound socket; the original object is spent."""
        taken = cls(listener.family, listener.type, listener.proto, fileno=listener.detach())
        taken.limit = limit
        return taken

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection; raise ConnectionAbortedError, which asyncio passes over."""
        plain, address = super().accept()
        source = source_of(address[0])
        if not self.limit.enter(source):
            plain.close()
            raise ConnectionAbortedError
        return _CountedConnection.of(plain, self.limit, source), address


class _CountedConnection(socket.socket):
    limit: SourceLimit
    source: str | None

    @classmethod
    def of(cls, plain: socket.socket, limit: SourceLimit, source: str) -> Self:
        counted = cls(plain.family, plain.type, plain.proto, fileno=plain.detach())
        counted.limit, counted.source = limit, source
        return counted

    def close(self) -> None:
        source, self.source = self.source, None
        if source is not None:
            self.limit.leave(source)
        super().close()
