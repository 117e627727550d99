"""`profile make`: a hospital's own TOML and logo become an unsigned profile, to be signed offline.

What it reads is what the admin wrote, so faults are told by key. The form of a profile is wire's.
"""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from passbox.errors import ProfileSourceWrong
from passbox_base.certificates import spki_sha256
from passbox_wire.errors import WireError
from passbox_wire.keys import sealing_public_key_from_pem, verifying_key_from_pem
from passbox_wire.messages import coarse_bytes
from passbox_wire.profile import Destination, Profile, Texts

_MAX_FILE: Final = 1024 * 1024


def read_profile_source(path: Path) -> Profile:
    """Return the profile a TOML file describes; file names in it are relative to it.

    Raises ProfileSourceWrong naming the key that is missing or wrong.
    """
    try:
        source = tomllib.loads(_read(path).decode())
        return _profile(source, path.parent)
    except KeyError as error:
        raise ProfileSourceWrong(f"{path.name}: the key {error.args[0]!r} is missing.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileSourceWrong(f"{path.name} is not TOML: {error}") from error
    except (ValueError, TypeError, AttributeError, WireError) as error:
        raise ProfileSourceWrong(f"{path.name}: {error}") from error
    except OSError as error:
        raise ProfileSourceWrong(f"{path.name}: {error.filename}: {error.strerror}") from error


def _profile(source: dict[str, Any], folder: Path) -> Profile:
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


def _destination(source: dict[str, Any], folder: Path) -> Destination:
    return Destination(
        source["id"],
        source["name"],
        tuple(source.get("departments", ())),
        tuple(source.get("recipient_domains", ())),
        tuple(sealing_public_key_from_pem(_read(folder / name)) for name in source["sealing_keys"]),
        tuple(verifying_key_from_pem(_read(folder / name)) for name in source["receipt_keys"]),
    )


def _pin(item: str, folder: Path) -> bytes:
    """A pin is 64 hexadecimal digits, or the file name of a certificate."""
    if len(item) == 64:  # noqa: PLR2004  # hexadecimal digits of a SHA-256
        return bytes.fromhex(item)
    return spki_sha256(x509.load_pem_x509_certificate(_read(folder / item)))


def _seconds(value: date) -> int:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001  # a day in TOML has no zone; UTC is said in the next line
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MAX_FILE + 1)
    if len(content) > _MAX_FILE:
        raise ProfileSourceWrong(f"{path.name} is larger than 1 MiB.")
    return content
