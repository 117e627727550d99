"""Sealing: one HPKE message per pack or report (RFC 9180, base mode, single shot).

Suite 1: KEM MLKEM768-X25519 / KDF HKDF-SHA256 / AEAD AES-256-GCM, as `cryptography` implements it.
No construction of our own: the clear header is bound whole through HPKE's ``info``, the rest is
the library's; docs/formats/pack.md writes it out for a second implementation. HPKE base mode
proves nothing about the sender; signatures and the manifest do. The library's hybrid private key
cannot be serialised, so a key is kept as its two seeds.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from passbox_wire.digests import key_id
from passbox_wire.errors import Malformed, SealBroken

MLKEM_SEED_BYTES: Final = 64
X25519_BYTES: Final = 32
SEED_BYTES: Final = MLKEM_SEED_BYTES + X25519_BYTES
MLKEM_PUBLIC_BYTES: Final = 1184
PUBLIC_BYTES: Final = MLKEM_PUBLIC_BYTES + X25519_BYTES
OVERHEAD_BYTES: Final = 1088 + X25519_BYTES + 16
"""ML-KEM ciphertext, X25519 share and AES-GCM tag: what sealing adds to a plaintext."""

REPORT_INFO: Final = b"passbox/v1/report\n"
PACK_INFO: Final = b"passbox/v1/pack\n"

_ANY_X25519: Final = X25519PrivateKey.from_private_bytes(b"\x40" * 32)
"""Not a secret: any scalar finds a point of low order, for it gives the shared secret zero."""

_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class Suite(IntEnum):
    """Suite numbers of the pack header."""

    MLKEM768_X25519_HKDF_SHA256_AES256GCM = 1


class Sealer(Protocol):
    """What seals: the one seam at which a test hands in a sealer that does not."""

    @property
    def key_id(self) -> bytes:
        """The 8 bytes that name the key it seals to."""

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Return the sealed message, bound to ``info``."""


@dataclass(frozen=True, slots=True)
class SealingPublicKey:
    """The public half, raw: ML-KEM-768 encapsulation key (1184 bytes), then X25519 key (32)."""

    raw: bytes

    def __post_init__(self) -> None:
        """Raise Malformed unless both halves are keys that can be sealed to.

        A stranger's key comes in an inventory: an X25519 point of low order would fail in seal().
        """
        if len(self.raw) != PUBLIC_BYTES:
            raise Malformed("sealing key", f"not {PUBLIC_BYTES} bytes")
        try:
            self._library_key()
            share = X25519PublicKey.from_public_bytes(self.raw[MLKEM_PUBLIC_BYTES:])
            _ANY_X25519.exchange(share)
        except ValueError as error:
            raise Malformed("sealing key", "not a key") from error

    def _library_key(self) -> hpke.MLKEM768X25519PublicKey:
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.raw[:MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(self.raw[MLKEM_PUBLIC_BYTES:]),
        )

    @property
    def key_id(self) -> bytes:
        """The 8 bytes that name this key in a pack header."""
        return key_id(self.raw)

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Return the HPKE message, OVERHEAD_BYTES longer than ``plaintext``."""
        return _SUITE.encrypt(plaintext, self._library_key(), info)


class SealingPrivateKey:
    """The private half, kept as ML-KEM seed (64 bytes) then X25519 private key (32 bytes)."""

    def __init__(self, seeds: bytes) -> None:
        """Raise Malformed unless ``seeds`` has 96 bytes."""
        if len(seeds) != SEED_BYTES:
            raise Malformed("sealing key", f"not {SEED_BYTES} bytes")
        mlkem = MLKEM768PrivateKey.from_seed_bytes(seeds[:MLKEM_SEED_BYTES])
        x25519 = X25519PrivateKey.from_private_bytes(seeds[MLKEM_SEED_BYTES:])
        self.seeds: Final = seeds
        self._key = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public_key: Final = SealingPublicKey(
            mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        )

    def __repr__(self) -> str:
        """Show the public name only: private keys end up in tracebacks."""
        return f"SealingPrivateKey({self.public_key.key_id.hex()})"

    def open(self, message: bytes | memoryview, info: bytes) -> bytes:
        """Return the plaintext; raise SealBroken when altered, cut or bound to other ``info``."""
        if len(message) < OVERHEAD_BYTES:
            raise SealBroken("shorter than a sealed message can be")
        try:
            return _SUITE.decrypt(bytes(message), self._key, info)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("does not open") from error
