"""The hospitals' address cards that were used on this computer, the newest of each.

The rule: a card of a hospital that is known must follow the one before: same signer, higher serial.
A hospital is the same by its signer or by its server's address; somebody else's card for a known
address is used only after a person has compared the fingerprint.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_base.durable import make_folder, remove, write_replacing
from passbox_base.errors import BaseError
from passbox_client.errors import ProfileUnusable
from passbox_client.profiles import read_profile
from passbox_wire.digests import sha256
from passbox_wire.profile import SignedProfile

_FOLDER: Final = "hospitals"
_SUFFIX: Final = ".passbox"
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Cards:
    """Below a folder of this person's settings."""

    settings: Path

    def known(self, card: SignedProfile) -> SignedProfile | None:
        """Return the card of the same hospital that was used before, None for a new hospital."""
        alike = [each for _, each in self._all() if _is_same_hospital(each, card)]
        own = [each for each in alike if each.signer == card.signer]
        return max(own, key=lambda each: each.profile.serial) if own else next(iter(alike), None)

    def keep(self, card: SignedProfile, content: bytes) -> None:
        """Remember a card in the place of those it follows; failing is no matter."""
        with contextlib.suppress(BaseError, OSError):
            folder = self.settings / _FOLDER
            kept = folder / f"{sha256(card.signer).hex()[:32]}{_SUFFIX}"
            if not _holds(kept, content):
                make_folder(folder)
                write_replacing(kept, content)
            for path, each in self._all():
                if path != kept and _is_same_hospital(each, card):
                    remove(path)

    def _all(self) -> list[tuple[Path, SignedProfile]]:
        found = []
        for path in sorted((self.settings / _FOLDER).glob(f"*{_SUFFIX}"))[:_MOST]:
            with contextlib.suppress(ProfileUnusable):
                found.append((path, read_profile(path)))
        return found


def _holds(path: Path, content: bytes) -> bool:
    """Return whether there is nothing to write: a disk may take its time for that."""
    return path.is_file() and path.read_bytes() == content


def _is_same_hospital(one: SignedProfile, other: SignedProfile) -> bool:
    return one.signer == other.signer or one.profile.url == other.profile.url
