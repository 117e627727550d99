"""Statements and signatures."""

import itertools
from dataclasses import dataclass

import pytest

from passbox_wire import signing
from passbox_wire.digests import packs_digest, parse_digest, root_digest, sha256
from passbox_wire.errors import Malformed, SignatureWrong
from passbox_wire.ids import (
    parse_destination_id,
    parse_pack_number,
    parse_transfer_id,
    transfer_id,
)
from passbox_wire.inner.requests import WINDOW_SECONDS, signed_headers, verify_request
from tests.builders.wire import NOW, a_signing_key, a_transfer_id, public

TRANSFER = a_transfer_id()
BODY = b"{}"
DIGEST = sha256(BODY)
STATEMENTS = {
    "open": signing.open_statement(TRANSFER, BODY),
    "pack": signing.pack_statement(TRANSFER, 0, 2, DIGEST),
    "held": signing.held_statement(TRANSFER),
    "close": signing.close_statement(TRANSFER, BODY),
    "cancel": signing.cancel_statement(TRANSFER),
    "acknowledge": signing.acknowledge_statement(TRANSFER, 0, DIGEST),
    "request": signing.request_statement("POST", "/inner/v1/work", NOW, DIGEST),
    "receipt": signing.receipt_statement(BODY),
    "profile": signing.profile_statement(BODY),
}


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(STATEMENTS, 2)))
def test_a_signature_serves_one_purpose(one: str, other: str) -> None:
    """A signature for one purpose never verifies for another over the same content."""
    key = a_signing_key()
    signature = signing.sign(key, STATEMENTS[one])
    signing.verify(public(key), signature, STATEMENTS[one])
    with pytest.raises(SignatureWrong):
        signing.verify(public(key), signature, STATEMENTS[other])
    assert not STATEMENTS[other].startswith(STATEMENTS[one].split(b"\n")[0] + b"\n")


def test_a_pack_signature_covers_all_of_it() -> None:
    """Another transfer, number, length or digest makes another pack statement."""
    other = a_transfer_id(a_signing_key("another transfer"))
    variants = {
        signing.pack_statement(TRANSFER, 1, 2, DIGEST),
        signing.pack_statement(other, 1, 2, DIGEST),
        signing.pack_statement(TRANSFER, 2, 2, DIGEST),
        signing.pack_statement(TRANSFER, 1, 3, DIGEST),
        signing.pack_statement(TRANSFER, 1, 2, sha256(b"other")),
    }
    assert len(variants) == 5


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), b"\xff" * 64, bytes(65)], ids=len)
def test_what_is_no_signature_does_not_verify(signature: bytes) -> None:
    """Signatures of wrong length or content are SignatureWrong, never another error."""
    with pytest.raises(SignatureWrong):
        signing.verify(public(a_signing_key()), signature, b"statement")


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)], ids=len)
def test_what_is_no_key_does_not_verify(key: bytes) -> None:
    """A public key of wrong length verifies nothing."""
    signature = signing.sign(a_signing_key(), b"statement")
    with pytest.raises(SignatureWrong):
        signing.verify(key, signature, b"statement")


@pytest.mark.parametrize(
    "text",
    ["", "0" * 127, "0" * 129, "G" * 128, "A" * 128, " " * 128, "0" * 128 + "\n", "\u0660" * 128],
)
def test_a_signature_header_has_one_form(text: str) -> None:
    """128 lower-case hexadecimal digits, nothing else."""
    assert signing.parse_signature("0f" * 64) == b"\x0f" * 64
    with pytest.raises(Malformed):
        signing.parse_signature(text)


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", " " * 64])
def test_a_digest_header_has_one_form(text: str) -> None:
    """64 lower-case hexadecimal digits, nothing else."""
    assert parse_digest(DIGEST.hex()) == DIGEST
    with pytest.raises(Malformed):
        parse_digest(text)


def test_a_transfer_is_named_after_its_key() -> None:
    """The id is the first 16 bytes of SHA-256 of the raw public key."""
    key = public(a_signing_key())
    assert transfer_id(key) == sha256(key)[:16].hex()
    assert parse_transfer_id(transfer_id(key)) == transfer_id(key)


@pytest.mark.parametrize(
    "text", ["", "0" * 31, "0" * 33, "A" * 32, "../" + "0" * 29, "0" * 32 + "\n", "\u0660" * 32]
)
def test_an_id_is_nothing_but_an_id(text: str) -> None:
    """What is not 32 lower-case hexadecimal digits is no id, so none is ever a path."""
    for parse in (parse_transfer_id, parse_destination_id):
        with pytest.raises(Malformed):
            parse(text)


def test_a_pack_number_has_one_form() -> None:
    """Decimal digits without leading zeros up to 2^32-1."""
    assert [parse_pack_number(text) for text in ("0", "7", "4294967295")] == [0, 7, 4294967295]
    for text in (
        "",
        "-1",
        "+1",
        "00",
        "01",
        "1.0",
        "4294967296",
        "9" * 5000,
        "1\n",
        "\u0663",
        " 1",
    ):
        with pytest.raises(Malformed):
            parse_pack_number(text)


def test_a_set_of_packs_has_one_digest() -> None:
    """packs_digest and root_digest do not depend on order, but on every number and hash."""
    one, two = sha256(b"one"), sha256(b"two")
    assert packs_digest({0: one, 1: two}) == packs_digest({1: two, 0: one})
    assert root_digest([(1, two), (0, one)]) == root_digest([(0, one), (1, two)])
    assert len({packs_digest({0: one, 1: two}), packs_digest({0: two, 1: one})}) == 2
    assert len({packs_digest({0: one}), packs_digest({1: one}), packs_digest({})}) == 3


KEY = a_signing_key("destination")
TARGET = "/inner/v1/work?a=1"
HEADERS = signed_headers(KEY, "POST", TARGET, BODY, NOW)


@dataclass(frozen=True)
class Request:
    """A request as it arrives."""

    method: str = "POST"
    target: str = TARGET
    body: bytes = BODY
    time: str = HEADERS["Passbox-Time"]
    signature: str = HEADERS["Passbox-Signature"]

    def verify(self, now: int = NOW) -> None:
        keys = (public(a_signing_key("old destination")), public(KEY))
        digest = sha256(self.body)
        verify_request(keys, self.method, self.target, digest, self.time, self.signature, now)


def test_an_inner_request_verifies_with_any_key_of_the_destination() -> None:
    """While keys are rotated both are taken, and clocks may differ by five minutes."""
    for now in (NOW, NOW + WINDOW_SECONDS, NOW - WINDOW_SECONDS):
        Request().verify(now)


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="PUT"),
        Request(target="/inner/v1/work?a=2"),
        Request(time=str(NOW + 1)),
        Request(body=b"[]"),
        Request(signature="0" * 128),
        Request(
            signature=signed_headers(a_signing_key("stranger"), "POST", TARGET, BODY, NOW)[
                "Passbox-Signature"
            ]
        ),
    ],
    ids=["method", "target", "time", "body", "signature", "stranger"],
)
def test_an_inner_request_is_signed_whole(request_: Request) -> None:
    """Another method, target, time, body, signature or signer is SignatureWrong."""
    with pytest.raises(SignatureWrong):
        request_.verify()


@pytest.mark.parametrize("now", [NOW + WINDOW_SECONDS + 1, NOW - WINDOW_SECONDS - 1])
def test_an_old_inner_request_is_refused(now: int) -> None:
    """A request outside the window is SignatureWrong, however well signed."""
    with pytest.raises(SignatureWrong):
        Request().verify(now)


@pytest.mark.parametrize("time", ["", "-1", "1e9", "1 ", "\u0663", "1" * 13, "1\n"])
def test_a_time_header_is_unix_seconds(time: str) -> None:
    """What is not a plain decimal number of seconds is Malformed."""
    with pytest.raises(Malformed):
        Request(time=time).verify()
