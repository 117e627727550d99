"""The hospital's address card."""

import base64
from dataclasses import replace

import pytest

from passbox_wire import canonical, signing
from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed, ProfileRefusal, ProfileRefused, TooLarge
from passbox_wire.profile import (
    MAX_PROFILE_BYTES,
    SignedProfile,
    check_profile,
    fingerprint,
    parse_profile,
    sign_profile,
)
from tests.builders.wire import (
    NOW,
    YEAR,
    a_destination,
    a_profile,
    a_profile_file,
    a_signed_profile,
    a_signing_key,
    public,
)

KEY = a_signing_key("profile")
FILE = a_profile_file()
MAGIC, SIGNATURE, BODY = FILE.split(b"\n", 2)
PNG = b"\x89PNG\r\n\x1a\nre"


def refusal_of(data: bytes) -> ProfileRefusal:
    """Return why a profile is refused."""
    with pytest.raises(ProfileRefused) as raised:
        parse_profile(data)
    return raised.value.refusal


def signed_anyway(**changes: object) -> bytes:
    """Return a well-signed file with a body that sign_profile would not sign."""
    body = canonical.encode(a_profile().to_json() | changes)
    signature = signing.sign(KEY, signing.profile_statement(body))
    return b"\n".join([MAGIC, f"{public(KEY).hex()} {signature.hex()}".encode(), body])


def test_a_profile_reads_back_with_its_signer() -> None:
    """What was signed is read, and the fingerprint is the one to print in the referral letter."""
    profile = a_profile(roots="-----BEGIN CERTIFICATE-----", logo=PNG)
    signed = parse_profile(sign_profile(profile, KEY))
    assert signed == SignedProfile(profile, public(KEY))
    assert signed.fingerprint == fingerprint(public(KEY))
    assert signed.fingerprint.replace(" ", "").lower() == sha256(public(KEY)).hex()[:40]
    assert [len(group) for group in signed.fingerprint.split()] == [4] * 10


@pytest.mark.parametrize(
    "data",
    [
        b"",
        BODY,
        b"\n".join([MAGIC, BODY]),
        b"\n".join([MAGIC, b"", BODY]),
        b"\n".join([MAGIC, SIGNATURE.upper(), BODY]),
        b"\n".join([MAGIC, SIGNATURE + b" ", BODY]),
        b"\n".join([MAGIC, SIGNATURE[:-2], BODY]),
        b"\n".join([MAGIC.replace(b"1", b"2"), SIGNATURE, BODY]),
        FILE.replace(b"\n", b"\r\n", 2),
        b"\xef\xbb\xbf" + FILE,
    ],
    ids=range(10),
)
def test_a_profile_without_signature_is_unsigned(data: bytes) -> None:
    """Whatever has not exactly the three lines is UNSIGNED."""
    assert refusal_of(data) is ProfileRefusal.UNSIGNED


@pytest.mark.parametrize("at", [0, len(BODY) // 2, len(BODY) - 1])
def test_a_changed_profile_is_altered(at: int) -> None:
    """Any byte of the body changed, added or cut is ALTERED, before a word of it is believed."""
    flipped = bytearray(BODY)
    flipped[at] ^= 1
    for body in (bytes(flipped), BODY[:at] + BODY[at + 1 :], BODY[:at] + b"x" + BODY[at:]):
        assert refusal_of(b"\n".join([MAGIC, SIGNATURE, body])) is ProfileRefusal.ALTERED


def test_another_signers_signature_does_not_fit() -> None:
    """A body under another key's name is ALTERED."""
    other = public(a_signing_key("other")).hex().encode()
    assert refusal_of(FILE.replace(public(KEY).hex().encode(), other)) is ProfileRefusal.ALTERED


@pytest.mark.parametrize("pins", [[], [sha256(b"1")], [sha256(b"1")] * 3])
def test_one_pin_is_too_few(pins: list[bytes]) -> None:
    """Fewer than two different pins are refused, when signing and when reading."""
    with pytest.raises(ProfileRefused):
        sign_profile(a_profile(pins=pins), KEY)
    data = signed_anyway(pins=[pin.hex() for pin in pins])
    assert refusal_of(data) is ProfileRefusal.TOO_FEW_PINS


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://hospital.example"},
        {"url": "https://"},
        {"url": "https://user@hospital.example"},
        {"url": "https://hospital.example/path"},
        {"url": "https://hospital.example?x"},
        {"url": "https://hospital.example:"},
        {"url": "https://hospital.example:8443:1"},
        {"url": "https://h\u00f6spital.example"},
        {"url": "https://hospital.example\n"},
        {"url": "https://[::1"},
        {"destinations": []},
        {"destinations": [a_destination().to_json()] * 2},
        {"destinations": [a_destination(sealing_keys=[]).to_json()]},
        {"destinations": [a_destination(receipt_keys=[]).to_json()]},
        {"destinations": [a_destination().to_json() | {"sealing_keys": ["AAAA"]}]},
        {"logo": "AAAA"},
        {"logo": "AB=="},
        {"logo": "A"},
        {"hospital": "two\nlines"},
        {"version": 2},
    ],
    ids=range(20),
)
def test_a_signed_body_is_still_checked(changes: dict[str, object]) -> None:
    """A signature makes no sense of nonsense: what is no profile is Malformed."""
    with pytest.raises(Malformed):
        parse_profile(signed_anyway(**changes))


@pytest.mark.parametrize(
    "url",
    [
        "https://hospital.example",
        "https://10.0.0.1:8443",
        "https://[2001:db8::1]:8443",
        "https://127.0.0.1:1",
    ],
)
def test_an_origin_may_be_a_name_or_an_address(url: str) -> None:
    """Names, IPv4 and IPv6 addresses are taken, with and without a port."""
    assert parse_profile(a_profile_file(a_profile(url=url))).profile.url == url


def test_nothing_is_signed_that_no_client_takes() -> None:
    """sign_profile refuses what parse_profile would."""
    with pytest.raises(Malformed):
        sign_profile(a_profile(url="http://hospital.example"), KEY)


def test_base64_has_one_spelling() -> None:
    """Bits left over at the end of a logo or key must be zero, so one file has one reading."""
    logo = base64.b64encode(PNG).decode()
    assert logo.endswith("==")
    last = logo[-3]
    other = logo[:-3] + chr(ord(last) + 1) + "=="
    assert base64.b64decode(other) == PNG
    with pytest.raises(Malformed):
        parse_profile(signed_anyway(logo=other))


def test_a_profile_has_a_size() -> None:
    """More than 1 MiB is TooLarge, and so is a logo of more than 256 KiB."""
    with pytest.raises(TooLarge):
        parse_profile(FILE + b" " * MAX_PROFILE_BYTES)
    with pytest.raises(TooLarge):
        sign_profile(a_profile(logo=PNG + bytes(256 * 1024)), KEY)


def refusal_at(
    now: int, signed: SignedProfile, known: SignedProfile | None = None
) -> ProfileRefusal | None:
    """Return why a profile is not to be used at ``now``, None when it is."""
    try:
        check_profile(signed, now, known)
    except ProfileRefused as refused:
        return refused.refusal
    return None


def test_a_profile_ends() -> None:
    """It is good until the second before it expires."""
    signed = a_signed_profile(a_profile(expires=NOW + YEAR))
    assert refusal_at(NOW + YEAR - 1, signed) is None
    assert refusal_at(NOW + YEAR, signed) is ProfileRefusal.EXPIRED


def test_a_successor_has_the_same_signer_and_a_higher_serial() -> None:
    """The same profile and a successor are taken; another signer and an older serial are not."""
    known = a_signed_profile(a_profile(serial=5))
    assert refusal_at(NOW, known, known) is None
    assert refusal_at(NOW, a_signed_profile(a_profile(serial=6)), known) is None
    older = a_signed_profile(a_profile(serial=4))
    assert refusal_at(NOW, older, known) is ProfileRefusal.OLDER_SERIAL
    other = a_signed_profile(a_profile(serial=6), a_signing_key("other"))
    assert refusal_at(NOW, other, known) is ProfileRefusal.OTHER_SIGNER
    twin = replace(known, profile=a_profile(serial=5, url="https://elsewhere.example"))
    assert refusal_at(NOW, twin, known) is ProfileRefusal.OLDER_SERIAL
