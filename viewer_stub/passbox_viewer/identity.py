"""Whom the house takes the patient for: typed or scanned, compared with what the sender says. Pure.

The rule: a local Patient ID comes with name and birth date as the house has them, and where these
differ from the sender's, with a written reason. Name and birth date serve the comparison alone:
only Patient ID, Issuer of Patient ID and Accession Number are ever put into an image.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self

from passbox_viewer.study import Patient
from passbox_wire import canonical
from passbox_wire.parsing import Fields

INCOMPLETE: Final = "identity incomplete"
UNWRITABLE: Final = "identity unwritable"
SEVERAL_PATIENTS: Final = "several patients"
MAX_REASON: Final = 300
_MAX_ID: Final = 64
_MAX_ACCESSION: Final = 16
_MAX_NAME: Final = 200
_MAX_RECORD: Final = 8192
_LETTERS: Final = re.compile(r"[ -\[\]-~]*\Z")
"""What every Specific Character Set can write, but the backslash (PS3.5 table 6.2-1)."""


class Mismatch(StrEnum):
    """In what the house's patient differs from the sender's."""

    NAME = "name"
    BIRTH_DATE = "birth date"


@dataclass(frozen=True, slots=True)
class LocalIdentity:
    """The house's patient. ``birth_date`` as YYYYMMDD; ``issuer``, ``accession`` may be empty.

    ``reason`` is why it is the same patient in spite of a mismatch.
    """

    patient_id: str
    issuer: str
    accession: str
    name: str
    birth_date: str
    reason: str

    @property
    def digest(self) -> str:
        """Hash of exactly this identity but for the reason: what a confirmation confirms."""
        record = asdict(self) | {"reason": ""}
        return hashlib.sha256(canonical.encode(record)).hexdigest()

    def encode(self) -> str:
        """Return the canonical JSON."""
        return canonical.encode(asdict(self)).decode()

    @classmethod
    def parse(cls, untrusted: str) -> Self:
        """Raise Malformed unless this is one."""
        fields = Fields(canonical.decode(untrusted.encode(), max_bytes=_MAX_RECORD), "identity")
        identity = cls(
            fields.text("patient_id", most=_MAX_ID),
            fields.text("issuer", most=_MAX_ID),
            fields.text("accession", most=_MAX_ACCESSION),
            fields.text("name", most=_MAX_NAME),
            fields.text("birth_date", most=8),
            fields.text("reason", most=MAX_REASON),
        )
        fields.finish()
        return identity


def parse_identity(untrusted_form: Mapping[str, str]) -> LocalIdentity | str | None:
    """Return the identity of a form, a word for what is wrong with it, or None for an empty one."""
    given = {name: " ".join(value.split()) for name, value in untrusted_form.items()}
    reason = given.pop("reason", "")[:MAX_REASON]
    if not any(given.values()):
        return None
    written = (given["patient_id"], given["issuer"], given["accession"])
    too_long = any(
        len(value) > most
        for value, most in zip(written, (_MAX_ID, _MAX_ID, _MAX_ACCESSION), strict=True)
    )
    if too_long or not all(map(_LETTERS.match, written)):
        return UNWRITABLE
    try:
        born = date.fromisoformat(given["birth_date"]).strftime("%Y%m%d")
    except ValueError:
        return INCOMPLETE
    if not given["patient_id"] or not given["name"] or len(given["name"]) > _MAX_NAME:
        return INCOMPLETE
    return LocalIdentity(*written, given["name"], born, reason)


def mismatches(identity: LocalIdentity, patient: Patient) -> tuple[Mismatch, ...]:
    """Return in what the two differ; order, case and punctuation of a name do not count."""
    found = []
    if _parts(identity.name) not in [_parts(group) for group in patient.name.split("=")]:
        found.append(Mismatch.NAME)
    if identity.birth_date != patient.birth_date.strip():
        found.append(Mismatch.BIRTH_DATE)
    return tuple(found)


def _parts(name: str) -> list[str]:
    plain = unicodedata.normalize("NFC", name).casefold()
    return sorted(part for part in re.split(r"[\s,^.]+", plain) if part)
