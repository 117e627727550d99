"""Keys as text."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from passbox_wire import keys
from passbox_wire.errors import Malformed
from passbox_wire.sealing import MLKEM_PUBLIC_BYTES, SealingPrivateKey, SealingPublicKey
from tests.builders.wire import a_sealing_key, a_signing_key, public

SEALING = a_sealing_key()
PRIVATE_PEM = keys.sealing_key_to_pem(SEALING)
PUBLIC_PEM = keys.sealing_public_key_to_pem(SEALING.public_key)


def test_keys_survive_their_files() -> None:
    """Each of the four kinds reads back as it was written."""
    assert keys.sealing_key_from_pem(PRIVATE_PEM).seeds == SEALING.seeds
    assert keys.sealing_public_key_from_pem(PUBLIC_PEM) == SEALING.public_key
    signing = a_signing_key()
    read = keys.signing_key_from_pem(keys.signing_key_to_pem(signing))
    assert public(read) == public(signing)
    assert keys.verifying_key_from_pem(keys.verifying_key_to_pem(public(signing))) == public(
        signing
    )


def test_an_editor_may_have_touched_a_key_file() -> None:
    """Windows line ends, blank lines around and indentation do no harm."""
    touched = b"\r\n\r\n" + PRIVATE_PEM.replace(b"\n", b"\r\n  ") + b"\r\n"
    assert keys.sealing_key_from_pem(touched).seeds == SEALING.seeds


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        PUBLIC_PEM,
        PRIVATE_PEM + PRIVATE_PEM,
        PRIVATE_PEM[:-2],
        b"x" + PRIVATE_PEM,
        PRIVATE_PEM.replace(b"\n", b"\nAAAA\n", 1),
        PRIVATE_PEM.replace(b"\n", b"\n*", 1),
        b"\xff" * 100,
        b"-----BEGIN PASSBOX SEALING KEY-----\n-----END PASSBOX SEALING KEY-----\n",
        PRIVATE_PEM + b" " * 20_000,
        keys.signing_key_to_pem(a_signing_key()),
    ],
    ids=range(11),
)
def test_what_is_no_sealing_key_is_refused(pem: bytes) -> None:
    """The wrong kind, two keys, cut, longer, not base64, empty: all Malformed."""
    with pytest.raises(Malformed):
        keys.sealing_key_from_pem(pem)


def test_a_signing_key_is_an_open_ed25519_key() -> None:
    """Another algorithm, an encrypted key and no key at all are Malformed."""
    x25519 = X25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    locked = a_signing_key().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    )
    for pem in (b"", x25519, locked, keys.verifying_key_to_pem(public(a_signing_key()))):
        with pytest.raises(Malformed):
            keys.signing_key_from_pem(pem)


def test_a_verifying_key_is_an_ed25519_public_key() -> None:
    """A private key, a sealing key and no key at all are Malformed."""
    for pem in (b"", PUBLIC_PEM, keys.signing_key_to_pem(a_signing_key())):
        with pytest.raises(Malformed):
            keys.verifying_key_from_pem(pem)


@pytest.mark.parametrize("size", [0, 95, 97])
def test_seeds_have_their_length(size: int) -> None:
    """A private sealing key is made of exactly 96 bytes."""
    with pytest.raises(Malformed):
        SealingPrivateKey(bytes(size))


def test_a_strangers_key_can_be_sealed_to_or_is_refused() -> None:
    """Wrong length, a lattice key out of range and an X25519 point of low order are Malformed."""
    raw = SEALING.public_key.raw
    low_order = [bytes(32), b"\x01" + bytes(31)]
    for bad in (
        b"",
        raw[:-1],
        raw + b"\0",
        b"\xff" * MLKEM_PUBLIC_BYTES + raw[MLKEM_PUBLIC_BYTES:],
        *(raw[:MLKEM_PUBLIC_BYTES] + point for point in low_order),
    ):
        with pytest.raises(Malformed):
            SealingPublicKey(bad)


def test_a_private_key_keeps_its_secret() -> None:
    """A private sealing key in a traceback or log shows its public name only."""
    assert SEALING.seeds.hex() not in repr(SEALING)
    assert SEALING.public_key.key_id.hex() in repr(SEALING)
