"""`passbox profile make|sign|check|show`: a hospital's address card, made by itself."""

import json
import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from passbox.speaking import PROFILE, JsonOption, results, say, say_json
from passbox_wire.profile import Profile, SignedProfile

app = typer.Typer(
    help="Make, sign, check and show a hospital's address card (name.passbox).",
    no_args_is_help=True,
)


class Kind(StrEnum):
    """What a new pair of keys is for."""

    SEALING = "sealing"
    RECEIPT = "receipt"
    PIN = "pin"


_File = Annotated[Path, typer.Argument(help="A .passbox file.", exists=True, dir_okay=False)]


@app.command()
def make(
    source: Annotated[Path, typer.Argument(help="profile.toml", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option(help="Where the unsigned profile goes.")] = Path(
        "profile.unsigned.json"
    ),
) -> None:
    """Turn a TOML file and a logo into an unsigned profile, to be carried to the signing key."""
    from passbox.profile_source import read_profile_source, refuse_useless
    from passbox_base.durable import write_replacing
    from passbox_wire import canonical

    profile = read_profile_source(source)
    refuse_useless(profile, datetime.now(UTC))
    write_replacing(out, canonical.encode(profile.to_json()), mode=0o644)
    results.print(
        f"{out}: unsigned profile of {profile.hospital}, serial {profile.serial}.\n"
        f"Next, where the key is kept: passbox profile sign {out.name} --key profile-signing.key",
        markup=False,
        soft_wrap=True,
    )


@app.command()
def sign(
    unsigned: Annotated[Path, typer.Argument(help="From `profile make`.", exists=True)],
    key: Annotated[Path, typer.Option(help="profile-signing.key, kept offline.")],
    out: Annotated[Path, typer.Option(help="The profile for senders.")] = Path("hospital.passbox"),
) -> None:
    """Sign a profile with the offline key; its fingerprint is what letters print."""
    from passbox.profile_source import read_unsigned, refuse_useless
    from passbox_base.durable import write_replacing
    from passbox_base.keys import load_signing_key
    from passbox_wire.profile import parse_profile, sign_profile

    profile = read_unsigned(unsigned)
    refuse_useless(profile, datetime.now(UTC))
    card = sign_profile(profile, load_signing_key(key))
    write_replacing(out, card, mode=0o644)
    results.print(f"{out}: signed. Print this in your letters:", markup=False, soft_wrap=True)
    results.print(parse_profile(card).fingerprint, markup=False, soft_wrap=True)


@app.command()
def check(
    file: _File,
    known: Annotated[
        Path | None, typer.Option(help="The profile used before; this one must follow it.")
    ] = None,
) -> None:
    """Say whether a client would use this profile today, and if not, why (exit code 6)."""
    signed = usable(file, known)
    days = (signed.profile.expires - datetime.now(UTC).timestamp()) / 86400
    results.print(
        f"Good: {signed.profile.hospital}, serial {signed.profile.serial}, "
        f"{len(signed.profile.pins)} pins, valid {days:.0f} more days.",
        markup=False,
    )


@app.command()
def show(file: _File, *, as_json: JsonOption = False) -> None:
    """Show hospital, address and fingerprint: what to compare with the letter."""
    signed = usable(file)
    if as_json:
        say_json({"fingerprint": signed.fingerprint, **_summary(signed.profile)})
        return
    results.print(f"Fingerprint   {signed.fingerprint}", markup=False)
    for name, value in _summary(signed.profile).items():
        shown = value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
        results.print(f"{name:13} {shown}", markup=False, soft_wrap=True)


@app.command("new-key")
def new_key(
    kind: Annotated[Kind, typer.Argument(help="What the pair is for.")],
    name: Annotated[Path, typer.Argument(help="Writes NAME.key (secret) and NAME.pub.")],
) -> None:
    """Make a pair of keys for a rotation, or the next pin for the safe.

    The .pub goes into profile.toml beside the old one, the .key to the poller (a pin's to the
    safe). docs/profile.md says in which order.
    """
    from passbox_base.durable import write_exclusive
    from passbox_base.keys import save_private_file

    secret, public = _pair(kind)
    paths = name.with_name(f"{name.name}.key"), name.with_name(f"{name.name}.pub")
    save_private_file(paths[0], secret)
    write_exclusive(paths[1], [public], mode=0o644)
    results.print(f"{paths[0]}: secret. {paths[1]}: for profile.toml.", markup=False)


def _pair(kind: Kind) -> tuple[bytes, bytes]:
    """Return a new key, private and public half in PEM."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from passbox_base import certificates
    from passbox_wire import keys
    from passbox_wire.sealing import SEED_BYTES, SealingPrivateKey

    if kind is Kind.SEALING:
        sealing = SealingPrivateKey(os.urandom(SEED_BYTES))
        public = keys.sealing_public_key_to_pem(sealing.public_key)
        return keys.sealing_key_to_pem(sealing), public
    if kind is Kind.RECEIPT:
        receipt = Ed25519PrivateKey.generate()
        public = keys.verifying_key_to_pem(receipt.public_key().public_bytes_raw())
        return keys.signing_key_to_pem(receipt), public
    pin = certificates.make_key()
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return certificates.key_to_pem(pin), pin.public_key().public_bytes(*form)


def usable(file: Path, known: Path | None = None) -> SignedProfile:
    """Return the profile when a client would use it today, else say why not and leave."""
    from passbox_base.clocks import SystemClock
    from passbox_client.errors import ProfileUnusable
    from passbox_client.profiles import load_profile, read_profile

    try:
        before = read_profile(known) if known else None  # it may have expired: that is why
        return load_profile(file, SystemClock(), before)
    except ProfileUnusable as error:
        from passbox.client_commands import sentences_for

        say(sentences_for(error, None))
        raise typer.Exit(PROFILE) from error


def _summary(profile: Profile) -> dict[str, object]:
    return {
        "hospital": profile.hospital,
        "address": profile.address,
        "phone": profile.phone,
        "email": profile.email,
        "url": profile.url,
        "pins": [pin.hex() for pin in profile.pins],
        "destinations": [destination.name for destination in profile.destinations],
        "departments": [name for d in profile.destinations for name in d.departments],
        "languages": [texts.language for texts in profile.texts],
        "serial": profile.serial,
        "expires": datetime.fromtimestamp(profile.expires, UTC).isoformat(),
    }
