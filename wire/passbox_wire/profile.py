"""The profile: a hospital's signed address card, ``name.passbox``.

A file of three lines: magic, signer's public key with signature, canonical JSON. Trust is the
signer's fingerprint, printed in the referral letter; a successor has a higher serial under the same
key. docs/formats/profile.md is the same in words.
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_wire import canonical, signing
from passbox_wire.canonical import Json
from passbox_wire.digests import DIGEST_BYTES, sha256
from passbox_wire.errors import (
    Malformed,
    ProfileRefusal,
    ProfileRefused,
    SignatureWrong,
    TooLarge,
)
from passbox_wire.ids import DestinationId, parse_destination_id
from passbox_wire.inventory import MAX_LANGUAGE
from passbox_wire.parsing import Fields
from passbox_wire.sealing import PUBLIC_BYTES, SealingPublicKey

MAGIC: Final = b"PASSBOX PROFILE 1"
MAX_PROFILE_BYTES: Final = 1024 * 1024
LEAST_PINS: Final = 2
LANGUAGES: Final = ("de", "en")
_MAX_TEXT: Final = 20_000
_MAX_SHORT: Final = 300
_MAX_LOGO: Final = 256 * 1024
_FINGERPRINT_DIGITS: Final = 40
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SIGNATURE_LINE: Final = re.compile(rb"([0-9a-f]{64}) ([0-9a-f]{128})\Z")
_ORIGIN: Final = re.compile(
    r"https://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?\Z", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Texts:
    """What a sender reads, in one language."""

    language: str
    welcome: str
    privacy_version: str
    privacy: str

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Destination:
    """One inbox of the hospital.

    Keys overlap while they are rotated: the first sealing key is used for sending, any of the raw
    Ed25519 receipt keys may sign.
    """

    id: DestinationId
    name: str
    departments: tuple[str, ...]
    recipient_domains: tuple[str, ...]
    sealing_keys: tuple[SealingPublicKey, ...]
    receipt_keys: tuple[bytes, ...]

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "id": self.id,
            "name": self.name,
            "departments": list(self.departments),
            "recipient_domains": list(self.recipient_domains),
            "sealing_keys": [base64.b64encode(key.raw).decode() for key in self.sealing_keys],
            "receipt_keys": [key.hex() for key in self.receipt_keys],
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """A hospital's address card.

    ``url`` is the receiver's origin, https only. ``pins`` are SHA-256 of SubjectPublicKeyInfo (RFC
    7469). ``roots`` are PEM certificates, or None for the system's. ``transfer_bytes`` is a hint
    for the review. ``expires`` in Unix seconds. ``logo`` is a PNG or empty.
    """

    hospital: str
    address: str
    phone: str
    email: str
    url: str
    pins: tuple[bytes, ...]
    roots: str | None
    texts: tuple[Texts, ...]
    destinations: tuple[Destination, ...]
    transfer_bytes: int
    serial: int
    expires: int
    logo: bytes = b""

    def to_json(self) -> Json:
        """Return the JSON object that is signed."""
        return {
            "version": 1,
            "hospital": self.hospital,
            "address": self.address,
            "phone": self.phone,
            "email": self.email,
            "url": self.url,
            "pins": [pin.hex() for pin in self.pins],
            "roots": self.roots,
            "texts": [texts.to_json() for texts in self.texts],
            "destinations": [destination.to_json() for destination in self.destinations],
            "transfer_bytes": self.transfer_bytes,
            "serial": self.serial,
            "expires": self.expires,
            "logo": base64.b64encode(self.logo).decode(),
        }


@dataclass(frozen=True, slots=True)
class SignedProfile:
    """A profile whose signature holds, and the raw Ed25519 key that signed it."""

    profile: Profile
    signer: bytes

    @property
    def fingerprint(self) -> str:
        """The signer's fingerprint as printed: ten groups of four hexadecimal digits (160 bits)."""
        return fingerprint(self.signer)


def fingerprint(public_key: bytes) -> str:
    """Return ten groups of four hexadecimal digits of the key's SHA-256."""
    digits = sha256(public_key).hex()[:_FINGERPRINT_DIGITS].upper()
    return " ".join(digits[at : at + 4] for at in range(0, _FINGERPRINT_DIGITS, 4))


def sign_profile(profile: Profile, key: Ed25519PrivateKey) -> bytes:
    """Return the bytes of a ``.passbox`` file.

    Raises what parse_profile raises: nothing is signed that no client would take.
    """
    body = canonical.encode(profile.to_json())
    signature = signing.sign(key, signing.profile_statement(body))
    signer = key.public_key().public_bytes_raw()
    signed = b"\n".join([MAGIC, f"{signer.hex()} {signature.hex()}".encode(), body])
    parse_profile(signed)
    return signed


def parse_profile(untrusted: bytes) -> SignedProfile:
    """Return the profile of a ``.passbox`` file, whatever its expiry.

    Raises ProfileRefused (UNSIGNED, ALTERED, TOO_FEW_PINS), TooLarge, Malformed for a signed body
    that is no profile.
    """
    if len(untrusted) > MAX_PROFILE_BYTES:
        raise TooLarge("profile", f"longer than {MAX_PROFILE_BYTES} bytes")
    lines = untrusted.split(b"\n", 2)
    if len(lines) != 3 or lines[0] != MAGIC:  # noqa: PLR2004 - magic, signature, body
        raise ProfileRefused(ProfileRefusal.UNSIGNED)
    signer, signature = _parse_signature(lines[1])
    try:
        signing.verify(signer, signature, signing.profile_statement(lines[2]))
    except SignatureWrong as error:
        raise ProfileRefused(ProfileRefusal.ALTERED) from error
    profile = parse_unsigned(lines[2])
    _refuse_pins(profile)
    return SignedProfile(profile, signer)


def check_profile(signed: SignedProfile, now: int, known: SignedProfile | None = None) -> None:
    """Raise ProfileRefused when expired at ``now`` (Unix seconds) or no successor of ``known``.

    ``known`` is the profile used before. A successor has the same signer and a higher serial; the
    same profile again is fine, another one under the same serial is not.
    """
    if signed.profile.expires <= now:
        raise ProfileRefused(ProfileRefusal.EXPIRED)
    if known is not None and known.signer != signed.signer:
        raise ProfileRefused(ProfileRefusal.OTHER_SIGNER)
    if known is not None and known != signed and known.profile.serial >= signed.profile.serial:
        raise ProfileRefused(ProfileRefusal.OLDER_SERIAL)


def _refuse_pins(profile: Profile) -> None:
    if len(set(profile.pins)) < LEAST_PINS:
        raise ProfileRefused(ProfileRefusal.TOO_FEW_PINS)


def _parse_signature(untrusted: bytes) -> tuple[bytes, bytes]:
    found = _SIGNATURE_LINE.match(untrusted)
    if found is None:
        raise ProfileRefused(ProfileRefusal.UNSIGNED)
    return bytes.fromhex(found[1].decode()), bytes.fromhex(found[2].decode())


def parse_unsigned(untrusted: bytes) -> Profile:
    """Return the profile in the canonical JSON that is yet to be signed; raise Malformed."""
    fields = Fields(
        canonical.decode(untrusted, max_bytes=MAX_PROFILE_BYTES, where="profile"), "profile"
    )
    fields.integer("version", least=1, most=1)
    profile = Profile(
        hospital=fields.line("hospital", most=_MAX_SHORT),
        address=fields.text("address", most=_MAX_SHORT),
        phone=fields.line("phone", most=_MAX_SHORT),
        email=fields.line("email", most=_MAX_SHORT),
        url=_parse_url(fields.text("url", most=_MAX_SHORT)),
        pins=fields.items("pins", lambda item: _hex(item, DIGEST_BYTES), most=16),
        roots=None if fields.is_null("roots") else fields.text("roots", most=_MAX_TEXT * 4),
        texts=fields.items("texts", _parse_texts, most=16),
        destinations=fields.items("destinations", _parse_destination, most=64),
        transfer_bytes=fields.integer("transfer_bytes", least=1),
        serial=fields.integer("serial"),
        expires=fields.integer("expires"),
        logo=_parse_logo(fields.text("logo", most=2 * _MAX_LOGO)),
    )
    fields.finish()
    ids = {destination.id for destination in profile.destinations}
    if not ids or len(ids) != len(profile.destinations):
        raise Malformed("profile.destinations", "empty, or one id twice")
    return profile


def _parse_logo(untrusted: str) -> bytes:
    logo = _base64(untrusted, "logo")
    if len(logo) > _MAX_LOGO:
        raise TooLarge("profile.logo", f"longer than {_MAX_LOGO} bytes")
    if logo and not logo.startswith(_PNG):
        raise Malformed("profile.logo", "not a PNG")
    return logo


def _parse_url(untrusted: str) -> str:
    if not _ORIGIN.match(untrusted):
        raise Malformed("profile.url", "not an https origin without path")
    return untrusted


def _parse_texts(untrusted: Json) -> Texts:
    fields = Fields(untrusted, "texts")
    texts = Texts(
        fields.line("language", most=MAX_LANGUAGE),
        fields.text("welcome", most=_MAX_TEXT),
        fields.line("privacy_version", most=100),
        fields.text("privacy", most=_MAX_TEXT),
    )
    fields.finish()
    return texts


def _parse_destination(untrusted: Json) -> Destination:
    fields = Fields(untrusted, "destination")
    destination = Destination(
        parse_destination_id(fields.text("id", most=32)),
        fields.line("name", most=_MAX_SHORT),
        fields.items("departments", _short, most=500),
        fields.items("recipient_domains", _short, most=100),
        fields.items(
            "sealing_keys", lambda item: SealingPublicKey(_base64(item, "sealing key")), most=8
        ),
        fields.items("receipt_keys", lambda item: _hex(item, signing.PUBLIC_KEY_BYTES), most=8),
    )
    fields.finish()
    if not destination.sealing_keys or not destination.receipt_keys:
        raise Malformed("destination", "without keys")
    return destination


def _short(untrusted: Json) -> str:
    return Fields({"item": untrusted}, "profile").line("item", most=_MAX_SHORT)


def _hex(untrusted: Json, size: int) -> bytes:
    return Fields({"item": untrusted}, "profile").binary("item", size=size)


def _base64(untrusted: Json, where: str) -> bytes:
    if not isinstance(untrusted, str) or len(untrusted) > 2 * max(_MAX_LOGO, PUBLIC_BYTES):
        raise Malformed(where, "not base64")
    try:
        data = base64.b64decode(untrusted, validate=True)
    except ValueError as error:
        raise Malformed(where, "not base64") from error
    if base64.b64encode(data).decode() != untrusted:
        raise Malformed(where, "not the one base64 form of its bytes")
    return data
