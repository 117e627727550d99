"""`passbox init`: a hospital's keys, certificates, settings and profile, made on the spot.

The rule: each machine's folder holds only what that machine may have, private keys are 0600 and
written once, and nothing is overwritten. Two CAs: the public side's own root (a hospital may put a
bought certificate in its place, the pins stay) and the inner one for mutual TLS.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passbox import settings_files
from passbox.errors import FolderInUse
from passbox.house import House, Rooms
from passbox.profile_toml import profile_toml
from passbox_base import certificates
from passbox_base.certificates import Issued, Usage
from passbox_base.durable import make_folder, write_exclusive
from passbox_base.keys import save_private_file, save_sealing_key, save_signing_key
from passbox_wire.ids import ID_BYTES, DestinationId
from passbox_wire.keys import sealing_public_key_to_pem, verifying_key_to_pem
from passbox_wire.messages import coarse_bytes
from passbox_wire.profile import Destination, Profile, Texts, parse_profile, sign_profile
from passbox_wire.sealing import SEED_BYTES, SealingPrivateKey

PUBLIC_FILE = 0o644
_TRANSFER_BYTES = 100 * 10**9


@dataclass(frozen=True, slots=True)
class _Keys:
    destination_id: DestinationId
    sealing: SealingPrivateKey
    destination: Ed25519PrivateKey
    receipt: Ed25519PrivateKey
    profile: Ed25519PrivateKey


def initialise(rooms: Rooms, house: House, now: datetime) -> str:
    """Make everything below ``rooms.root`` and return the fingerprint to print in letters.

    Raises FolderInUse when there is something in it already.
    """
    if rooms.root.exists() and any(rooms.root.iterdir()):
        raise FolderInUse(f"{rooms.root} is not empty: init never writes over keys that exist.")
    for folder in (rooms.root, rooms.public, rooms.dmz, rooms.poller, rooms.viewer, rooms.offline):
        make_folder(folder)
    keys = _make_keys()
    _save_keys(rooms, keys)
    pins, root = _certify_public_side(rooms, house, now)
    _certify_inner_side(rooms, house, now)
    settings_files.write_all(rooms, house, keys.destination_id)
    profile = _profile(house, keys, pins, root, now)
    card = sign_profile(profile, keys.profile)
    write_exclusive(rooms.profile, [card], mode=PUBLIC_FILE)
    fingerprint = parse_profile(card).fingerprint
    for name, text in (
        ("fingerprint.txt", f"{fingerprint}\n"),
        ("profile.toml", profile_toml(profile)),
    ):
        write_exclusive(rooms.public / name, [text.encode()], mode=PUBLIC_FILE)
    return fingerprint


def _make_keys() -> _Keys:
    return _Keys(
        DestinationId(os.urandom(ID_BYTES).hex()),
        SealingPrivateKey(os.urandom(SEED_BYTES)),
        *(Ed25519PrivateKey.generate() for _ in range(3)),
    )


def _save_keys(rooms: Rooms, keys: _Keys) -> None:
    save_sealing_key(rooms.poller / "sealing.key", keys.sealing)
    save_signing_key(rooms.poller / "destination.key", keys.destination)
    save_signing_key(rooms.poller / "receipt.key", keys.receipt)
    save_signing_key(rooms.offline / "profile-signing.key", keys.profile)
    destination = verifying_key_to_pem(keys.destination.public_key().public_bytes_raw())
    receipt = verifying_key_to_pem(keys.receipt.public_key().public_bytes_raw())
    for path, pem in (
        (rooms.public / "sealing.pub", sealing_public_key_to_pem(keys.sealing.public_key)),
        (rooms.public / "receipt.pub", receipt),
        (rooms.dmz / "destination.pub", destination),
        (rooms.dmz / "receipt.pub", receipt),
        (rooms.viewer / "destination.pub", destination),
    ):
        write_exclusive(path, [pem], mode=PUBLIC_FILE)


def _certify_public_side(
    rooms: Rooms, house: House, now: datetime
) -> tuple[tuple[bytes, ...], str]:
    authority = certificates.make_authority(f"{house.hospital} Passbox public CA", now=now)
    server = certificates.issue(
        authority, house.dmz_host, usage=Usage.SERVER, hosts=[house.dmz_host], now=now
    )
    backup = certificates.make_key()
    _save_issued(rooms, "dmz", "public", server)
    save_private_file(rooms.offline / "public-ca.key", authority.key_pem)
    save_private_file(rooms.offline / "backup-pin.key", certificates.key_to_pem(backup))
    root = authority.certificate_pem
    backup_public = backup.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    for name, pem in (
        ("root.pem", root),
        ("server.pem", server.certificate_pem),
        ("backup-pin.pub", backup_public),
    ):
        write_exclusive(rooms.public / name, [pem], mode=PUBLIC_FILE)
    return (server.spki_sha256, certificates.spki_sha256(backup.public_key())), root.decode()


def _certify_inner_side(rooms: Rooms, house: House, now: datetime) -> None:
    authority = certificates.make_authority(f"{house.hospital} Passbox inner CA", now=now)
    save_private_file(rooms.offline / "inner-ca.key", authority.key_pem)
    for folder in (rooms.dmz, rooms.poller, rooms.viewer):
        write_exclusive(folder / "inner-ca.pem", [authority.certificate_pem], mode=PUBLIC_FILE)
    for room, host in (("dmz", house.receiver_inner_host), ("viewer", house.viewer_host)):
        leaf = certificates.issue(authority, host, usage=Usage.SERVER, hosts=[host], now=now)
        _save_issued(rooms, room, "inner", leaf)
    poller = certificates.issue(authority, "Passbox poller", usage=Usage.CLIENT, now=now)
    _save_issued(rooms, "poller", "inner", poller)


def _save_issued(rooms: Rooms, room: str, name: str, issued: Issued) -> None:
    folder = rooms.root / room
    write_exclusive(folder / f"{name}.pem", [issued.certificate_pem], mode=PUBLIC_FILE)
    save_private_file(folder / f"{name}.key", issued.key_pem)


def _profile(
    house: House, keys: _Keys, pins: tuple[bytes, ...], root: str, now: datetime
) -> Profile:
    destination = Destination(
        keys.destination_id,
        house.hospital,
        tuple(house.departments),
        house.domains,
        (keys.sealing.public_key,),
        (keys.receipt.public_key().public_bytes_raw(),),
    )
    return Profile(
        hospital=house.hospital,
        address=house.address,
        phone=house.phone,
        email=house.email,
        url=house.url,
        pins=pins,
        roots=root,
        texts=tuple(_texts(house, language) for language in ("de", "en")),
        destinations=(destination,),
        transfer_bytes=coarse_bytes(_TRANSFER_BYTES),
        serial=1,
        expires=int((now + timedelta(days=house.profile_days)).timestamp()),
    )


_PRIVACY = {
    "de": (
        "Ihre Bilder werden auf Ihrem Rechner verschlüsselt und gehen nur an: {hospital}. "
        "Sie dienen Ihrer Behandlung oder einer zweiten Meinung. Hier kann niemand Bilder "
        "abrufen. Senden Sie nur Bilder, die Ihre eigenen sind oder die Sie senden dürfen."
    ),
    "en": (
        "Your images are encrypted on your computer and go to nobody but {hospital}. They serve "
        "your treatment or a second opinion. Nobody can fetch images here. Send only images that "
        "are your own or that you may send."
    ),
}
_WELCOME = {
    "de": "Bilder an {hospital} senden, ohne Anmeldung",
    "en": "Send images to {hospital}, without registration",
}


def _texts(house: House, language: str) -> Texts:
    hospital = house.hospital
    return Texts(
        language,
        _WELCOME[language].format(hospital=hospital),
        "1",
        _PRIVACY[language].format(hospital=hospital),
    )
