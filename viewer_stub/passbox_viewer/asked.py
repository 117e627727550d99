"""What a person is asked on the forward card: two patients side by side, what is there. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from passbox_viewer.existing import Existing, Likeness
from passbox_viewer.identity import LocalIdentity, Mismatch
from passbox_viewer.study import Patient


@dataclass(frozen=True, slots=True)
class Comparison:
    """The sender's patient beside the house's; several only where all of them match."""

    patients: tuple[Patient, ...]
    identity: LocalIdentity
    mismatches: tuple[Mismatch, ...]

    @property
    def same(self) -> tuple[str, ...]:
        """The keys of the sender's patients."""
        return tuple(patient.key for patient in self.patients)

    @property
    def digest(self) -> str:
        """Hash of exactly these two: what a confirmation confirms."""
        return hashlib.sha256(" ".join([self.identity.digest, *self.same]).encode()).hexdigest()

    def settled_by(self, confirmed: str) -> bool:
        """Return whether exactly this was confirmed, with a reason if there is a mismatch."""
        explained = bool(self.identity.reason) or not self.mismatches
        return confirmed == self.digest and explained


@dataclass(frozen=True, slots=True)
class Asking:
    """What a person is asked before sending to ``pacs``: what is there already, else who it is."""

    pacs: str
    existing: Existing | None
    comparison: Comparison | None
    alike: Mapping[Likeness, int] | None = None
    """How many images are how alike to those that are there, once they were compared."""

    @property
    def is_another(self) -> bool:
        """Whether an image that is there is certainly not ours: it cannot be 'already there'."""
        return bool(self.alike and self.alike.get(Likeness.OTHER))
