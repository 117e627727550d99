"""The hospitals this receiver serves: opaque ids and public keys, read once at start.

It holds public halves only: a receiver that is taken over opens no pack and signs no receipt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from passbox_base.errors import KeyFileUnusable
from passbox_receiver.settings import DestinationSection
from passbox_wire.errors import Malformed
from passbox_wire.ids import DestinationId
from passbox_wire.keys import verifying_key_from_pem


@dataclass(frozen=True, slots=True)
class Destination:
    """Raw Ed25519 public keys; several while one replaces another.

    ``administers``: its commands are obeyed (commands.py).
    """

    id: DestinationId
    destination_keys: tuple[bytes, ...]
    receipt_keys: tuple[bytes, ...]
    administers: bool


Destinations = Mapping[DestinationId, Destination]


def load_destinations(sections: Iterable[DestinationSection]) -> Destinations:
    """Read the key files; raise KeyFileUnusable."""
    return {
        DestinationId(section.id): Destination(
            DestinationId(section.id),
            tuple(map(_read, section.destination_keys)),
            tuple(map(_read, section.receipt_keys)),
            section.administers,
        )
        for section in sections
    }


def _read(path: Path) -> bytes:
    try:
        return verifying_key_from_pem(path.read_bytes())
    except OSError as error:
        raise KeyFileUnusable(path, "cannot be read") from error
    except Malformed as error:
        raise KeyFileUnusable(path, "no Ed25519 public key in PEM") from error
