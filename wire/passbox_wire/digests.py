"""SHA-256, the one hash of the contract (FIPS 180-4), and the short names made from it."""

import hashlib
import struct
from collections.abc import Iterable, Mapping
from typing import Final

DIGEST_BYTES: Final = 32
KEY_ID_BYTES: Final = 8


def sha256(data: bytes | memoryview) -> bytes:
    """Return the 32-byte SHA-256 of ``data``."""
    return hashlib.sha256(data).digest()


def key_id(public_key: bytes) -> bytes:
    """Return the 8 bytes by which headers and signed documents name a public key."""
    return sha256(public_key)[:KEY_ID_BYTES]


def packs_digest(packs: Mapping[int, bytes]) -> bytes:
    """Return the digest of a set of sealed packs, {number: SHA-256}, whatever order they came in."""
    return sha256(b"".join(struct.pack(">I", number) + packs[number] for number in sorted(packs)))


def root_digest(files: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the root hash of (file index, whole-file SHA-256) pairs; two passes with equal files give equal roots."""
    return sha256(b"".join(struct.pack(">I", index) + digest for index, digest in sorted(files)))
