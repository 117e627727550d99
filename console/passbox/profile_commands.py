"""`passbox profile make|sign|check|show`: a hospital's address card, made by itself."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from passbox.speaking import PROFILE, JsonOption, results, say, say_json
from passbox_wire.profile import Profile, SignedProfile

app = typer.Typer(
    help="Make, sign, check and show a hospital's address card (name.passbox).",
    no_args_is_help=True,
)

_File = Annotated[Path, typer.Argument(help="A .passbox file.", exists=True, dir_okay=False)]


@app.command()
def make(
    source: Annotated[Path, typer.Argument(help="profile.toml", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option(help="Where the unsigned profile goes.")] = Path(
        "profile.unsigned.json"
    ),
) -> None:
    """Turn a TOML file and a logo into an unsigned profile, to be carried to the signing key."""
    from passbox.profile_source import read_profile_source
    from passbox_base.durable import write_replacing
    from passbox_wire import canonical

    profile = read_profile_source(source)
    write_replacing(out, canonical.encode(profile.to_json()), mode=0o644)
    results.print(f"{out}: unsigned profile of {profile.hospital}. Next: passbox profile sign")


@app.command()
def sign(
    unsigned: Annotated[Path, typer.Argument(help="From `profile make`.", exists=True)],
    key: Annotated[Path, typer.Option(help="profile-signing.key, kept offline.")],
    out: Annotated[Path, typer.Option(help="The profile for senders.")] = Path("hospital.passbox"),
) -> None:
    """Sign a profile with the offline key; its fingerprint is what letters print."""
    from passbox_base.durable import write_replacing
    from passbox_base.keys import load_signing_key
    from passbox_wire.profile import MAX_PROFILE_BYTES, parse_profile, parse_unsigned, sign_profile

    with unsigned.open("rb") as file:
        profile = parse_unsigned(file.read(MAX_PROFILE_BYTES + 1))
    card = sign_profile(profile, load_signing_key(key))
    write_replacing(out, card, mode=0o644)
    results.print(f"{out}: signed. Fingerprint: {parse_profile(card).fingerprint}", markup=False)


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


def usable(file: Path, known: Path | None = None) -> SignedProfile:
    """Return the profile when a client would use it today, else say why not and leave."""
    from passbox_base.clocks import SystemClock
    from passbox_client.errors import ProfileUnusable
    from passbox_client.profiles import load_profile

    clock = SystemClock()
    try:
        before = load_profile(known, clock) if known else None
        return load_profile(file, clock, before)
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
