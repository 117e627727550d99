"""Keys as text: our own PEM for the hybrid sealing key, which no standard names yet.

    PASSBOX SEALING KEY           96 bytes: ML-KEM-768 seed (64), X25519 private key (32)
    PASSBOX SEALING PUBLIC KEY    1216 bytes: ML-KEM-768 key (1184), X25519 public key (32)

The X25519 private key stands before clamping, as in RFC 7748. Ed25519 keys use the library's PKCS
#8 and SubjectPublicKeyInfo. Reading and writing files is base's part.
"""

import base64
import binascii
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from passbox_wire.errors import Malformed
from passbox_wire.sealing import SealingPrivateKey, SealingPublicKey

_PRIVATE: Final = "PASSBOX SEALING KEY"
_PUBLIC: Final = "PASSBOX SEALING PUBLIC KEY"
_MAX_PEM: Final = 16_384


def sealing_key_to_pem(key: SealingPrivateKey) -> bytes:
    """Return the private key as PEM. Secret."""
    return _to_pem(_PRIVATE, key.seeds)


def sealing_key_from_pem(pem: bytes) -> SealingPrivateKey:
    """Raise Malformed unless this is one sealing key."""
    return SealingPrivateKey(_from_pem(_PRIVATE, pem))


def sealing_public_key_to_pem(key: SealingPublicKey) -> bytes:
    """Return the public key as PEM."""
    return _to_pem(_PUBLIC, key.raw)


def sealing_public_key_from_pem(pem: bytes) -> SealingPublicKey:
    """Raise Malformed unless this is one public sealing key."""
    return SealingPublicKey(_from_pem(_PUBLIC, pem))


def signing_key_to_pem(key: Ed25519PrivateKey) -> bytes:
    """Return an Ed25519 private key as unencrypted PKCS #8 PEM (RFC 8410). Secret."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signing_key_from_pem(pem: bytes) -> Ed25519PrivateKey:
    """Raise Malformed unless this is one unencrypted Ed25519 private key."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Malformed("signing key", "not an unencrypted private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Malformed("signing key", "not Ed25519")
    return key


def verifying_key_to_pem(raw: bytes) -> bytes:
    """Return a raw 32-byte Ed25519 public key as PEM (RFC 8410)."""
    key = Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def verifying_key_from_pem(pem: bytes) -> bytes:
    """Return the raw 32 bytes of an Ed25519 public key in PEM; raise Malformed otherwise."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed("verifying key", "not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Malformed("verifying key", "not Ed25519")
    return key.public_bytes_raw()


def _to_pem(label: str, raw: bytes) -> bytes:
    text = base64.b64encode(raw).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def _from_pem(label: str, pem: bytes) -> bytes:
    lines = pem.decode("ascii", "replace").split() if len(pem) <= _MAX_PEM else []
    text = " ".join(lines)
    begin, end = f"-----BEGIN {label}----- ", f" -----END {label}-----"
    if not (text.startswith(begin) and text.endswith(end)):
        raise Malformed("sealing key", f"not one PEM block of the kind {label}")
    try:
        return base64.b64decode(text[len(begin) : -len(end)].replace(" ", ""), validate=True)
    except binascii.Error as error:
        raise Malformed("sealing key", "not base64") from error
