"""Which of a transfer's patients go to the PACS, and who is the house's: a person's word on each.

The rule: under the house's Patient ID goes only whom a person has taken for the house's patient, by
name; images of anybody else who turns up stop the sending until somebody decides. Who is left out
stays here and is never sent. A patient is what the sender says (study.py). Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from passbox_viewer.identity import LocalIdentity, Mismatch, mismatches
from passbox_viewer.instances import Forwarding, Instance
from passbox_viewer.refusal import MAX_NOTE, Refusal, RefusalReason
from passbox_viewer.study import Patient, overview, patient_key
from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.parsing import Fields

_MAX_RECORD: Final = 1024 * 1024
_MAX_AUTHOR: Final = 400
_FAR: Final = 2**40
_MOST: Final = 10_000
"""Patients of one transfer that anybody decides about."""


class Verdict(StrEnum):
    """What a person says of a patient."""

    SAME = "same"
    """The one whose Patient ID the house gave."""
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's word about one patient, by its key; ``time`` in Unix seconds.

    ``reason`` is one of RefusalReason for who is left out, else empty; ``note`` is the house's own.
    """

    key: str
    verdict: Verdict
    reason: str
    note: str
    author: str
    time: int

    @property
    def refusal(self) -> Refusal | None:
        """Why the patient is left out."""
        return Refusal(RefusalReason(self.reason), self.note) if self.reason else None


@dataclass(frozen=True, slots=True)
class Patients:
    """What was decided of a transfer's patients, at most once of each."""

    decided: tuple[Decided, ...] = ()

    def of(self, key: str) -> Decided | None:
        """Return what was decided of a patient, None while it is open."""
        return next((one for one in self.decided if one.key == key), None)

    def leaves_out(self, row: Instance) -> bool:
        """Return whether an instance is of a patient who is left out."""
        found = self.of(patient_key(row.facts)) if self.decided and row.facts else None
        return found is not None and found.verdict is Verdict.LEFT_OUT

    def sendable(self, rows: Iterable[Instance]) -> list[Instance]:
        """Return what can go to a PACS and is not left out."""
        return [row for row in rows if row.forwardable and not self.leaves_out(row)]

    def strangers(self, rows: Iterable[Instance]) -> list[Patient]:
        """Return those of the sendable rows whom nobody took for the house's patient.

        Where it was never written who that is, one alone was the one who was looked at.
        """
        found = overview(self.sendable(rows)).patients
        if len(found) == 1 and not any(one.verdict is Verdict.SAME for one in self.decided):
            return []
        return [one for one in found if self.of(one.key) is None]

    def with_word(self, decided: Iterable[Decided]) -> "Patients":
        """Return them with these words in the place of former ones about the same."""
        new = tuple(decided)
        keys = {one.key for one in new}
        return Patients((*(one for one in self.decided if one.key not in keys), *new))

    def without_word(self, key: str) -> "Patients":
        """Return them with one patient open again."""
        return Patients(tuple(one for one in self.decided if one.key != key))

    def encode(self) -> str:
        """Return the canonical JSON, empty for nothing."""
        told: list[Json] = [
            {
                "key": one.key, "verdict": one.verdict, "reason": one.reason, "note": one.note,
                "author": one.author, "time": one.time,
            }
            for one in self.decided
        ]  # fmt: skip
        return canonical.encode({"decided": told}).decode() if told else ""

    @classmethod
    def parse(cls, untrusted: str) -> Self:
        """Raise Malformed unless this is such a record."""
        if not untrusted:
            return cls()
        fields = Fields(canonical.decode(untrusted.encode(), max_bytes=_MAX_RECORD), "patients")
        found = cls(fields.items("decided", _parse_decided, most=_MOST))
        fields.finish()
        return found


NOBODY_DECIDED: Final = Patients()


@dataclass(frozen=True, slots=True)
class Question:
    """One patient on the forward card, with what was or may be decided.

    ``open``: nothing is sent until somebody decides. ``begun``: some of the images are in the PACS
    or on the way, so they cannot be left out. ``mismatches``: with the house's patient.
    """

    patient: Patient
    images: int
    decided: Decided | None
    open: bool
    begun: bool
    mismatches: tuple[Mismatch, ...]

    @property
    def left_out(self) -> bool:
        """Whether a person left it out."""
        return self.decided is not None and self.decided.verdict is Verdict.LEFT_OUT


def questions(
    instances: Sequence[Instance], patients: Patients, identity: LocalIdentity | None
) -> tuple[Question, ...]:
    """Return one for each patient; ``identity`` is the house's, None while none was given."""
    strangers = {one.key for one in patients.strangers(instances)} if identity else set()
    found = []
    for patient in overview(instances).patients:
        rows = [r for r in instances if r.facts and patient_key(r.facts) == patient.key]
        found.append(
            Question(
                patient,
                len(rows),
                patients.of(patient.key),
                patient.key in strangers,
                any(r.forwarding in {Forwarding.SENT, Forwarding.IN_PACS} for r in rows),
                mismatches(identity, patient) if identity else (),
            )
        )
    return tuple(found)


def _parse_decided(untrusted: Json) -> Decided:
    fields = Fields(untrusted, "decided")
    decided = Decided(
        fields.text("key", most=64),
        Verdict(fields.text("verdict", most=16)),
        fields.text("reason", most=32),
        fields.text("note", most=MAX_NOTE),
        fields.text("author", most=_MAX_AUTHOR),
        fields.integer("time", most=_FAR),
    )
    fields.finish()
    return decided
