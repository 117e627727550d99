"""Who knocks: one source for every way of writing its address.

The rule: an IPv4 address, or an IPv6 /64 (base/sources.py), is a source; its /48 is watched too,
because whoever rents a /48 has 65,536 of them. The address is what the socket says; a forwarded
header counts only when uvicorn was told to trust that one proxy. The inside never learns it: work
items carry a keyed hash.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from typing import Final

from passbox_base.sources import source_of
from passbox_wire.errors import Malformed

_WIDE_BITS: Final = 48
_HIDDEN_BYTES: Final = 16

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Source:
    """``key`` is what limits count by, ``wide`` the /48 around IPv6, ``address`` for lists."""

    key: str
    wide: str | None
    address: Address


def parse_source(untrusted_host: str | None) -> Source:
    """Return the source of a peer's address as the socket or a trusted proxy gave it.

    Raises Malformed for what is no address.
    """
    try:
        key = source_of(untrusted_host or "")
        address = ipaddress.ip_address((untrusted_host or "").partition("%")[0])
    except ValueError as error:
        raise Malformed("address", "not an IP address") from error
    if isinstance(address, ipaddress.IPv4Address):
        return Source(key, None, address)
    if address.ipv4_mapped is not None:
        return Source(key, None, address.ipv4_mapped)
    wide = ipaddress.ip_network((address, _WIDE_BITS), strict=False)
    return Source(key, str(wide), address)


def hidden(key: str, secret: bytes) -> bytes:
    """Return 16 bytes by which the inside can tell sources apart and learn nothing else."""
    return hmac.new(secret, key.encode(), hashlib.sha256).digest()[:_HIDDEN_BYTES]
