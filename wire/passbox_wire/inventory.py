"""The inventory: what the sender says is on one medium, who sends it and for whom.

Sealed, sent first, all of it claims. One part per medium, numbered from 0; part 0 carries the
envelope (sender, recipient, consent, report key). File indexes run on over the parts, so an index
means one file of the transfer. docs/formats/inventory.md is the same in words.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.digests import KEY_ID_BYTES
from passbox_wire.errors import Malformed
from passbox_wire.pack import MAX_END
from passbox_wire.parsing import Fields, require_rising
from passbox_wire.sealing import PUBLIC_BYTES, SealingPublicKey

MAX_INVENTORY_BYTES: Final = 48 * 1024 * 1024
MAX_FILES: Final = 1_000_000
MAX_STUDIES: Final = 10_000
MAX_SERIES: Final = 100_000
MAX_PARTS: Final = 1000
MAX_FILE_BYTES: Final = MAX_END
MAX_UID: Final = 64
MAX_NAME: Final = 400
MAX_TEXT: Final = 2000
MAX_PATH: Final = 2000
MAX_LANGUAGE: Final = 35
"""Characters of a BCP 47 language tag."""


class FileKind(StrEnum):
    """What the client took a file for; only INSTANCE can be stored in a PACS."""

    INSTANCE = "instance"
    ACR_NEMA = "acr-nema"
    UNIDENTIFIED = "dicom without uids"
    PDF = "pdf"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who says to be sending; unverified wherever it is shown. ``message`` is free text."""

    name: str
    email: str
    phone: str = ""
    message: str = ""

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Consent:
    """Which privacy statement was accepted, in which language, when (Unix seconds)."""

    version: str
    language: str
    time: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {"version": self.version, "language": self.language, "time": self.time}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What concerns the whole transfer.

    ``report_key`` is the public sealing key of the receipt code: the report is sealed to it.
    ``profile_key_id`` names the key that signed the profile (digests.key_id).
    """

    sender: Sender
    recipient: str
    department: str
    language: str
    consent: Consent | None
    report_key: bytes
    profile_key_id: bytes
    profile_serial: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "sender": self.sender.to_json(),
            "recipient": self.recipient,
            "department": self.department,
            "language": self.language,
            "consent": self.consent.to_json() if self.consent else None,
            "report_key": self.report_key.hex(),
            "profile_key_id": self.profile_key_id.hex(),
            "profile_serial": self.profile_serial,
        }


@dataclass(frozen=True, slots=True)
class ClaimedStudy:
    """A study as the headers claim it. Dates as in DICOM, YYYYMMDD or empty."""

    study_instance_uid: str
    patient_name: str
    patient_id: str
    birth_date: str
    sex: str
    study_date: str
    description: str

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ClaimedSeries:
    """A series; ``study`` is the index into the part's studies."""

    study: int
    series_instance_uid: str
    modality: str
    number: str
    description: str

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file; ``series`` is the index into the part's series or None.

    ``path`` is as on the medium, for people to read, never to open; ``size`` in bytes.
    """

    index: int
    path: str
    size: int
    kind: FileKind
    series: int | None
    sop_instance_uid: str

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Inventory:
    """One part of the inventory, ``files`` in rising order of index.

    ``medium`` is a label for people; ``envelope`` stands in part 0 and only there.
    """

    part: int
    medium: str
    envelope: Envelope | None
    studies: tuple[ClaimedStudy, ...]
    series: tuple[ClaimedSeries, ...]
    files: tuple[ClaimedFile, ...]

    def encode(self) -> bytes:
        """Return the canonical bytes."""
        return canonical.encode(
            {
                "version": 1,
                "part": self.part,
                "medium": self.medium,
                "envelope": self.envelope.to_json() if self.envelope else None,
                "studies": [study.to_json() for study in self.studies],
                "series": [series.to_json() for series in self.series],
                "files": [file.to_json() for file in self.files],
            }
        )


def parse_inventory(untrusted: bytes) -> Inventory:
    """Raise Malformed unless this is one part of an inventory whose indexes point inside it.

    The report key is one that can be sealed to. Whether indexes of two parts overlap shows only to
    who holds all parts.
    """
    fields = Fields(
        canonical.decode(untrusted, max_bytes=MAX_INVENTORY_BYTES, where="inventory"), "inventory"
    )
    fields.integer("version", least=1, most=1)
    part = fields.integer("part", most=MAX_PARTS - 1)
    medium = fields.line("medium", most=MAX_NAME)
    envelope = None if fields.is_null("envelope") else fields.part("envelope", _parse_envelope)
    studies = fields.items("studies", _parse_study, most=MAX_STUDIES)
    series = fields.items("series", lambda item: _parse_series(item, len(studies)), most=MAX_SERIES)
    files = fields.items("files", lambda item: _parse_file(item, len(series)), most=MAX_FILES)
    fields.finish()
    if (envelope is None) == (part == 0):
        raise Malformed("inventory.envelope", "stands in part 0 and only there")
    require_rising((file.index for file in files), "inventory.files")
    return Inventory(part, medium, envelope, studies, series, files)


def _parse_envelope(untrusted: Json) -> Envelope:
    fields = Fields(untrusted, "envelope")
    envelope = Envelope(
        fields.part("sender", parse_sender),
        fields.line("recipient", most=MAX_NAME),
        fields.line("department", most=MAX_NAME),
        fields.line("language", most=MAX_LANGUAGE),
        None if fields.is_null("consent") else fields.part("consent", _parse_consent),
        SealingPublicKey(fields.binary("report_key", size=PUBLIC_BYTES)).raw,
        fields.binary("profile_key_id", size=KEY_ID_BYTES),
        fields.integer("profile_serial"),
    )
    fields.finish()
    return envelope


def parse_sender(untrusted: Json) -> Sender:
    """Raise Malformed unless this is a Sender; only the message may have more than one line."""
    fields = Fields(untrusted, "sender")
    sender = Sender(
        fields.line("name", most=MAX_NAME),
        fields.line("email", most=MAX_NAME),
        fields.line("phone", most=MAX_NAME),
        fields.text("message", most=MAX_TEXT),
    )
    fields.finish()
    return sender


def _parse_consent(untrusted: Json) -> Consent:
    fields = Fields(untrusted, "consent")
    consent = Consent(
        fields.line("version", most=100),
        fields.line("language", most=MAX_LANGUAGE),
        fields.integer("time"),
    )
    fields.finish()
    return consent


def _parse_study(untrusted: Json) -> ClaimedStudy:
    fields = Fields(untrusted, "study")
    study = ClaimedStudy(
        fields.text("study_instance_uid", most=MAX_UID),
        fields.text("patient_name", most=MAX_NAME),
        fields.text("patient_id", most=MAX_NAME),
        fields.text("birth_date", most=32),
        fields.text("sex", most=32),
        fields.text("study_date", most=32),
        fields.text("description", most=MAX_NAME),
    )
    fields.finish()
    return study


def _parse_series(untrusted: Json, studies: int) -> ClaimedSeries:
    fields = Fields(untrusted, "series")
    series = ClaimedSeries(
        fields.integer("study", most=studies - 1),
        fields.text("series_instance_uid", most=MAX_UID),
        fields.text("modality", most=32),
        fields.text("number", most=32),
        fields.text("description", most=MAX_NAME),
    )
    fields.finish()
    return series


def _parse_file(untrusted: Json, series: int) -> ClaimedFile:
    fields = Fields(untrusted, "file")
    file = ClaimedFile(
        fields.integer("index", most=MAX_FILES - 1),
        fields.text("path", most=MAX_PATH),
        fields.integer("size", most=MAX_FILE_BYTES),
        fields.choice("kind", FileKind),
        None if fields.is_null("series") else fields.integer("series", most=series - 1),
        fields.text("sop_instance_uid", most=MAX_UID),
    )
    fields.finish()
    return file
