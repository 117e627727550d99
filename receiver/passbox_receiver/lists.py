"""Block and allow lists: networks with a comment, an author and an end.

The rule: an entry that ran out does not count; an allow entry is an exception from every block
entry, whatever their sizes. A mapped address is judged as the IPv4 address it is (sources.py).
"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from passbox_receiver.errors import RuleRefused
from passbox_receiver.sources import Address
from passbox_receiver.tables import list_entries

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ListKind(StrEnum):
    """Which list an entry is on."""

    BLOCK = "block"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry; ``expires`` in Unix seconds, None for never."""

    id: int
    kind: ListKind
    network: Network
    comment: str
    author: str
    added: int
    expires: int | None

    def holds(self, address: Address, now: int) -> bool:
        """Return whether it speaks of this address now."""
        return (self.expires is None or now < self.expires) and address in self.network


def parse_network(text: str) -> Network:
    """Return a network or single address an administrator typed; raise RuleRefused."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise RuleRefused("not an address or network in CIDR notation") from error
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
        raise RuleRefused("write a mapped address as the IPv4 address it is")
    return network


def blocking(entries: tuple[ListEntry, ...], address: Address, now: int) -> ListEntry | None:
    """Return the entry that turns this address away, of several the one that lasts longest."""
    met = [entry for entry in entries if entry.holds(address, now)]
    blocks = [entry for entry in met if entry.kind is ListKind.BLOCK]
    if len(blocks) < len(met):
        return None
    return max(blocks, key=lambda entry: (entry.expires is None, entry.expires or 0), default=None)


def load_entries(connection: sa.Connection) -> tuple[ListEntry, ...]:
    """Return all entries, oldest first."""
    rows = connection.execute(sa.select(list_entries).order_by(list_entries.c.id))
    return tuple(
        ListEntry(
            row.id,
            ListKind(row.kind),
            ipaddress.ip_network(row.network),
            row.comment,
            row.author,
            row.added,
            row.expires,
        )
        for row in rows
    )
