"""The hospital's address card as a file: read, checked, and refused with the reason.

Trust in the signer is a person's: the fingerprint is compared with the referral letter. This module
says what holds by itself: signature, expiry, pins, and that a card follows the one known before.
"""

from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock
from passbox_client.errors import ProfileUnusable, Trouble, UsageRefused
from passbox_wire.errors import Malformed, ProfileRefused
from passbox_wire.profile import (
    MAX_PROFILE_BYTES,
    Destination,
    SignedProfile,
    Texts,
    check_profile,
    parse_profile,
)

DEFAULT_LANGUAGE: Final = "en"


def load_profile(path: Path, clock: Clock, known: SignedProfile | None = None) -> SignedProfile:
    """Return the profile in a ``.passbox`` file. Raises ProfileUnusable with the reason."""
    signed = read_profile(path)
    refuse_expired(signed, clock, known)
    return signed


def read_profile(path: Path) -> SignedProfile:
    """Return a signed profile whatever its expiry, as one that was used before may be.

    Raises ProfileUnusable when it is none, was altered or has too few pins.
    """
    try:
        with path.open("rb") as file:
            untrusted = file.read(MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise ProfileUnusable(Trouble.PROFILE_MISSING) from error
    try:
        return parse_profile(untrusted)
    except ProfileRefused as error:
        raise ProfileUnusable.because(error.refusal) from error
    except Malformed as error:
        raise ProfileUnusable(Trouble.PROFILE_DAMAGED) from error


def refuse_expired(signed: SignedProfile, clock: Clock, known: SignedProfile | None = None) -> None:
    """Raise ProfileUnusable when the profile is too old now, or no successor of the known one."""
    try:
        check_profile(signed, int(clock.now().timestamp()), known)
    except ProfileRefused as error:
        raise ProfileUnusable.because(error.refusal) from error


def destination_of(signed: SignedProfile, name: str | None) -> Destination:
    """Return the destination of this id or name, the first without one. Raises UsageRefused."""
    destinations = signed.profile.destinations
    if name is None:
        return destinations[0]
    for destination in destinations:
        if name in {destination.id, destination.name}:
            return destination
    names = ", ".join(destination.name for destination in destinations)
    raise UsageRefused(Trouble.UNKNOWN_DESTINATION_NAME, known=names)


def texts_of(signed: SignedProfile, language: str) -> Texts | None:
    """Return the hospital's texts in this language, else English, else the first there are."""
    texts = {text.language: text for text in signed.profile.texts}
    first = next(iter(texts.values()), None)
    return texts.get(language) or texts.get(DEFAULT_LANGUAGE) or first


def check_addressee(destination: Destination, recipient: str, department: str) -> None:
    """Raise UsageRefused for a department or mail address this hospital does not take.

    Both may be empty. A wrong address is told now, not after an hour of sending.
    """
    if department and department not in destination.departments:
        known = ", ".join(destination.departments)
        raise UsageRefused(Trouble.WRONG_DEPARTMENT, department=department, known=known)
    if recipient and not _is_allowed(recipient, destination.recipient_domains):
        known = ", ".join(destination.recipient_domains)
        raise UsageRefused(Trouble.WRONG_RECIPIENT, recipient=recipient, known=known)


def _is_allowed(recipient: str, domains: tuple[str, ...]) -> bool:
    name, at, domain = recipient.rpartition("@")
    if not (name and at and domain) or any(letter.isspace() for letter in recipient):
        return False
    return not domains or domain.casefold() in {known.casefold() for known in domains}
