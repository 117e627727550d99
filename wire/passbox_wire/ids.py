"""Names that programs give to things: transfers, destinations, packs.

Ids are end to end, through any number of boxes.
"""

import hashlib
import re
from typing import Final, NewType

from passbox_wire.errors import Malformed

TransferId = NewType("TransferId", str)
"""32 lower-case hexadecimal digits: the first 16 bytes of SHA-256 of the transfer's public key."""

DestinationId = NewType("DestinationId", str)
"""32 lower-case hexadecimal digits, opaque, chosen at random by the hospital."""

ID_BYTES: Final = 16
MAX_PACK_NUMBER: Final = 2**32 - 1

_ID: Final = re.compile(r"[0-9a-f]{32}\Z")


def transfer_id(public_key: bytes) -> TransferId:
    """Return the id of the transfer whose raw 32-byte Ed25519 public key this is."""
    return TransferId(hashlib.sha256(public_key).digest()[:ID_BYTES].hex())


def parse_transfer_id(untrusted: str) -> TransferId:
    """Raise Malformed unless this is a transfer id."""
    return TransferId(_parse(untrusted, "transfer id"))


def parse_destination_id(untrusted: str) -> DestinationId:
    """Raise Malformed unless this is a destination id."""
    return DestinationId(_parse(untrusted, "destination id"))


def parse_pack_number(untrusted: str) -> int:
    """Raise Malformed unless this is a pack number in decimal digits without leading zeros."""
    if (
        not re.match(r"(0|[1-9][0-9]{0,9})\Z", untrusted, re.ASCII)
        or int(untrusted) > MAX_PACK_NUMBER
    ):
        raise Malformed("pack number", "not a number from 0 to 4294967295")
    return int(untrusted)


def _parse(untrusted: str, where: str) -> str:
    if not _ID.match(untrusted):
        raise Malformed(where, "not 32 lower-case hexadecimal digits")
    return untrusted
