"""SHA-256, the one hash of the contract (FIPS 180-4), and the short names made from it."""

import hashlib
import re
import struct
from collections.abc import Iterable, Mapping
from typing import Final

from passbox_wire.errors import Malformed

DIGEST_BYTES: Final = 32
KEY_ID_BYTES: Final = 8

_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")


def sha256(data: bytes | memoryview) -> bytes:
    """Return the 32-byte SHA-256 of ``data``."""
    return hashlib.sha256(data).digest()


def parse_digest(untrusted_header: str) -> bytes:
    """Return the 32 bytes of a digest header; raise Malformed otherwise."""
    if not _DIGEST.match(untrusted_header):
        raise Malformed("digest", "not 64 lower-case hexadecimal digits")
    return bytes.fromhex(untrusted_header)


def key_id(public_key: bytes) -> bytes:
    """Return the 8 bytes by which headers and signed documents name a public key."""
    return sha256(public_key)[:KEY_ID_BYTES]


def packs_digest(packs: Mapping[int, bytes]) -> bytes:
    """Return the digest of sealed packs, {number: SHA-256}, in whatever order they came.

    SHA-256 over (number as 4 bytes big-endian, its SHA-256) of each pack in order of number.
    """
    return sha256(b"".join(struct.pack(">I", number) + packs[number] for number in sorted(packs)))


def root_digest(files: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the root hash of (file index, whole-file SHA-256) pairs.

    SHA-256 over (index as 4 bytes big-endian, SHA-256) of each file in order of index, so two
    passes over equal files give equal roots.
    """
    return sha256(b"".join(struct.pack(">I", index) + digest for index, digest in sorted(files)))
