"""`profile make`: a hospital's own TOML and logo become an unsigned profile, to be signed offline.

What it reads is what the admin wrote, so faults are told by key. The form of a profile is wire's.
"""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from passbox.errors import ProfileSourceWrong
from passbox_base.certificates import spki_sha256
from passbox_wire.errors import WireError
from passbox_wire.keys import sealing_public_key_from_pem, verifying_key_from_pem
from passbox_wire.messages import coarse_bytes
from passbox_wire.profile import LEAST_PINS, Destination, Profile, Texts, parse_unsigned

_MAX_FILE: Final = 1024 * 1024
_KEYS: Final = frozenset(
    {"hospital", "address", "phone", "email", "url", "pins", "roots", "logo", "texts"}
    | {"destinations", "transfer_bytes", "serial", "expires"}
)
_TEXT_KEYS: Final = frozenset({"welcome", "privacy_version", "privacy"})
_DESTINATION_KEYS: Final = frozenset(
    {"id", "name", "departments", "recipient_domains", "sealing_keys", "receipt_keys"}
)


def read_profile_source(path: Path) -> Profile:
    """Return the profile a TOML file describes; file names in it are relative to it.

    Raises ProfileSourceWrong naming the key that is missing or wrong.
    """
    try:
        source = tomllib.loads(_read(path).decode())
        return _profile(source, path.parent)
    except KeyError as error:
        raise ProfileSourceWrong(f"{path.name}: the key {error.args[0]} is missing.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileSourceWrong(f"{path.name} is not TOML: {error}") from error
    except (ValueError, TypeError, AttributeError, WireError) as error:
        raise ProfileSourceWrong(f"{path.name}: {error}") from error
    except OSError as error:
        raise ProfileSourceWrong(f"{path.name}: {error.filename}: {error.strerror}") from error


def read_unsigned(path: Path) -> Profile:
    """Return the profile that `profile make` wrote. Raises ProfileSourceWrong."""
    try:
        return parse_unsigned(_read(path))
    except WireError as error:
        raise ProfileSourceWrong(
            f"{path.name} is no unsigned profile, make it with `passbox profile make`: {error}."
        ) from error


def refuse_useless(profile: Profile, now: datetime) -> None:
    """Raise ProfileSourceWrong for a profile that every client would refuse, before it is signed.

    That is fewer than two different pins, or an expiry that has come.
    """
    if len(set(profile.pins)) < LEAST_PINS:
        raise ProfileSourceWrong(
            "pins: name two different keys at least, the server's and one that lies in a safe; "
            "with one alone its loss would lock all senders out."
        )
    if profile.expires <= now.timestamp():
        raise ProfileSourceWrong("expires: this day has passed, no client would take the profile.")


def _profile(source: dict[str, Any], folder: Path) -> Profile:
    _refuse_unknown(source, _KEYS, "")
    for language, texts in source["texts"].items():
        _refuse_unknown(texts, _TEXT_KEYS, f"texts.{language}.")
    return Profile(
        hospital=source["hospital"],
        address=source.get("address", ""),
        phone=source.get("phone", ""),
        email=source.get("email", ""),
        url=source["url"],
        pins=tuple(_pin(item, folder) for item in source["pins"]),
        roots=_read(folder / source["roots"]).decode() if "roots" in source else None,
        texts=tuple(
            Texts(language, texts["welcome"], texts["privacy_version"], texts["privacy"])
            for language, texts in sorted(source["texts"].items())
        ),
        destinations=tuple(_destination(item, folder) for item in source["destinations"]),
        transfer_bytes=coarse_bytes(int(source["transfer_bytes"])),
        serial=int(source["serial"]),
        expires=_seconds(source["expires"]),
        logo=_read(folder / source["logo"]) if "logo" in source else b"",
    )


def _refuse_unknown(source: dict[str, Any], known: frozenset[str], where: str) -> None:
    """A mistyped key would otherwise be a telephone number that no sender ever sees."""
    if unknown := sorted(source.keys() - known):
        raise ValueError(f"the key {where}{unknown[0]} is unknown")


def _destination(source: dict[str, Any], folder: Path) -> Destination:
    _refuse_unknown(source, _DESTINATION_KEYS, "destinations.")
    return Destination(
        source["id"],
        source["name"],
        tuple(source.get("departments", ())),
        tuple(source.get("recipient_domains", ())),
        tuple(sealing_public_key_from_pem(_read(folder / name)) for name in source["sealing_keys"]),
        tuple(verifying_key_from_pem(_read(folder / name)) for name in source["receipt_keys"]),
    )


def _pin(item: str, folder: Path) -> bytes:
    """A pin is 64 hexadecimal digits, or the file name of a certificate or public key in PEM."""
    if len(item) == 64:  # noqa: PLR2004  # hexadecimal digits of a SHA-256
        return bytes.fromhex(item)
    pem = _read(folder / item)
    try:
        if b"BEGIN PUBLIC KEY" not in pem:
            return spki_sha256(x509.load_pem_x509_certificate(pem))
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"pins: {item}: neither certificate nor public key in PEM") from error
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        raise ValueError(f"pins: {item}: not a key that a server can have")  # noqa: TRY004 - theirs
    return spki_sha256(key)


def _seconds(value: date) -> int:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001  # a day in TOML has no zone; UTC is said in the next line
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MAX_FILE + 1)
    if len(content) > _MAX_FILE:
        raise ProfileSourceWrong(f"{path.name} is larger than 1 MiB.")
    return content
