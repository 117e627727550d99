"""What a scan finds, as values: instances, attachments, what is left out and why, and what is odd.

Everything in here was read from a foreign medium. Paths are for people and for opening on the same
medium again, never a path of this computer. Tables are flat with indexes, as in the inventory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from passbox_dicom.directory import Context
from passbox_dicom.pixels import PixelLayout
from passbox_dicom.text import showable
from passbox_wire.inventory import FileKind

Parts = tuple[str, ...]
"""A path on the medium, part by part; a ZIP's name is followed by the parts of its member."""

MOST_PATH: Final = 2000
"""Characters of a path that people are shown."""


def shown_path(parts: Parts) -> str:
    """Return a path for people: what a terminal or a page would obey is replaced."""
    return showable("/".join(parts), MOST_PATH)


class Listing(StrEnum):
    """How a file stands to the medium's table of contents (DICOMDIR)."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    NO_DIRECTORY = "no directory"


class SkipReason(StrEnum):
    """Why a file of the medium is not sent."""

    DIRECTORY = "directory"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    NOT_DICOM = "not_dicom"
    PROGRAM = "program"
    EMPTY = "empty"
    LINK = "link"
    SPECIAL = "special"
    DAMAGED = "damaged"
    HOSTILE = "hostile"
    ARCHIVE_REFUSED = "archive_refused"
    LOCKED = "locked"
    TOO_DEEP = "too_deep"


class Severity(StrEnum):
    """How loud a finding is said: a note, something to look at, or images are missing."""

    NOTE = "note"
    LOOK = "look"
    LOSS = "loss"


class FindingCode(StrEnum):
    """Stable names of what is odd on a medium."""

    NOTHING_THERE = "nothing_there"
    NO_IMAGES = "no_images"
    MEDIUM_GONE = "medium_gone"
    TOO_MANY_FILES = "too_many_files"
    SEVERAL_PATIENTS = "several_patients"
    PERHAPS_ONE_PATIENT = "perhaps_one_patient"
    ONE_ID_SEVERAL_NAMES = "one_id_several_names"
    SEVERAL_SPELLINGS = "several_spellings"
    NAME_IS_A_GUESS = "name_is_a_guess"
    STUDY_OF_SEVERAL_PATIENTS = "study_of_several_patients"
    FOLDER_MISSING = "folder_missing"
    LISTED_MISSING = "listed_missing"
    LISTED_ELSEWHERE = "listed_elsewhere"
    LISTED_BROKEN = "listed_broken"
    LISTED_OUTSIDE = "listed_outside"
    OTHER_PATIENT_LISTED = "other_patient_listed"
    NOT_LISTED = "not_listed"
    DIRECTORY_DAMAGED = "directory_damaged"
    UNREADABLE = "unreadable"
    CUT_SHORT = "cut_short"
    HOSTILE = "hostile"
    TOO_DEEP = "too_deep"
    ARCHIVE_REFUSED = "archive_refused"
    LOCKED = "locked"
    LINKS = "links"
    DUPLICATES = "duplicates"
    SAME_UID_OTHER_BYTES = "same_uid_other_bytes"
    SERIES_GAP = "series_gap"
    WITHOUT_HEADER = "without_header"
    OLD_FORMAT = "old_format"
    WITHOUT_UIDS = "without_uids"
    VENDOR_OBJECTS = "vendor_objects"
    NAMED_AS_IMAGE = "named_as_image"
    DOCUMENTS = "documents"
    OTHER_FILES = "other_files"


SEVERITIES = {
    FindingCode.NOTHING_THERE: Severity.LOSS,
    FindingCode.NO_IMAGES: Severity.LOSS,
    FindingCode.MEDIUM_GONE: Severity.LOSS,
    FindingCode.TOO_MANY_FILES: Severity.LOSS,
    FindingCode.SEVERAL_PATIENTS: Severity.LOOK,
    FindingCode.PERHAPS_ONE_PATIENT: Severity.LOOK,
    FindingCode.ONE_ID_SEVERAL_NAMES: Severity.LOOK,
    FindingCode.SEVERAL_SPELLINGS: Severity.LOOK,
    FindingCode.NAME_IS_A_GUESS: Severity.LOOK,
    FindingCode.STUDY_OF_SEVERAL_PATIENTS: Severity.LOOK,
    FindingCode.FOLDER_MISSING: Severity.LOOK,
    FindingCode.LISTED_MISSING: Severity.LOSS,
    FindingCode.LISTED_ELSEWHERE: Severity.NOTE,
    FindingCode.LISTED_BROKEN: Severity.LOSS,
    FindingCode.LISTED_OUTSIDE: Severity.LOOK,
    FindingCode.OTHER_PATIENT_LISTED: Severity.LOOK,
    FindingCode.NOT_LISTED: Severity.NOTE,
    FindingCode.DIRECTORY_DAMAGED: Severity.LOOK,
    FindingCode.UNREADABLE: Severity.LOSS,
    FindingCode.CUT_SHORT: Severity.LOSS,
    FindingCode.HOSTILE: Severity.LOSS,
    FindingCode.TOO_DEEP: Severity.LOSS,
    FindingCode.ARCHIVE_REFUSED: Severity.LOSS,
    FindingCode.LOCKED: Severity.LOSS,
    FindingCode.LINKS: Severity.LOOK,
    FindingCode.DUPLICATES: Severity.NOTE,
    FindingCode.SAME_UID_OTHER_BYTES: Severity.LOOK,
    FindingCode.SERIES_GAP: Severity.LOOK,
    FindingCode.WITHOUT_HEADER: Severity.NOTE,
    FindingCode.OLD_FORMAT: Severity.LOOK,
    FindingCode.WITHOUT_UIDS: Severity.LOOK,
    FindingCode.VENDOR_OBJECTS: Severity.NOTE,
    FindingCode.NAMED_AS_IMAGE: Severity.LOOK,
    FindingCode.DOCUMENTS: Severity.NOTE,
    FindingCode.OTHER_FILES: Severity.NOTE,
}


@dataclass(frozen=True, slots=True)
class AffectedStudy:
    """A study that a finding is about, as headers or a table of contents name it."""

    study_instance_uid: str
    patient_name: str
    study_date: str
    description: str
    count: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd; ``paths`` where it is (some of them), ``count`` how often.

    ``detail`` is a word from the medium for the sentence: a name, a range of numbers; ``studies``
    are those it is about, where that is known.
    """

    code: FindingCode
    count: int
    paths: tuple[str, ...] = ()
    detail: str = ""
    studies: tuple[AffectedStudy, ...] = ()

    @property
    def severity(self) -> Severity:
        """How loud it is said."""
        return SEVERITIES[self.code]


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """A patient as the headers claim; ``spellings`` are other ways the name is written."""

    name: str
    patient_id: str
    birth_date: str
    sex: str
    name_is_a_guess: bool = False
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study; ``patient`` is the index into the result's patients."""

    patient: int
    study_instance_uid: str
    study_date: str
    description: str


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """A series; ``study`` is the index into the result's studies."""

    study: int
    series_instance_uid: str
    modality: str
    number: int | None
    description: str


@dataclass(frozen=True, slots=True)
class FoundInstance:
    """A file that C-STORE can carry. ``size`` in bytes; ``pixel`` for native pixels only."""

    parts: Parts
    size: int
    series: int
    sop_instance_uid: str
    instance_number: int | None
    listing: Listing
    truncated: bool
    pixel: PixelLayout | None
    sop_class_uid: str = ""

    @property
    def path(self) -> str:
        """Where it is on the medium, for people."""
        return shown_path(self.parts)

    @property
    def kind(self) -> FileKind:
        """Always an instance."""
        return FileKind.INSTANCE


DOCUMENTS: Final = frozenset({FileKind.PDF, FileKind.PICTURE})
"""Kinds that go along with images and are none."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along though a PACS cannot hold it; ``series`` where that is known."""

    parts: Parts
    size: int
    kind: FileKind
    series: int | None = None

    @property
    def path(self) -> str:
        """Where it is on the medium, for people."""
        return shown_path(self.parts)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not sent; ``claimed`` is what a table of contents says of it, if anything."""

    parts: Parts
    size: int
    reason: SkipReason
    claimed: Context | None = None

    @property
    def path(self) -> str:
        """Where it is on the medium, for people."""
        return shown_path(self.parts)


LOST = frozenset(
    {
        SkipReason.UNREADABLE,
        SkipReason.DAMAGED,
        SkipReason.HOSTILE,
        SkipReason.ARCHIVE_REFUSED,
        SkipReason.LOCKED,
        SkipReason.TOO_DEEP,
    }
)
"""What may have been an image: the inventory names it, so the hospital knows it did not come."""


def is_unreadable(file: Skipped) -> bool:
    """Return whether a skipped file may have been an image, or is listed as one."""
    if file.reason in LOST:
        return True
    return file.claimed is not None and file.reason in {SkipReason.NOT_DICOM, SkipReason.EMPTY}


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that a table of contents names and that is not there.

    ``elsewhere`` is where the same image was found on the medium under another name.
    """

    path: str
    claimed: Context
    elsewhere: Parts | None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """A whole medium; each file on it is in exactly one of found, attached, skipped.

    ``root`` is the folder, drive or ZIP on this computer. ``listed`` counts files that tables of
    contents name, ``missing`` are those of them that are not there. ``finished`` is False when the
    medium was taken out before its end.
    """

    root: Path
    patients: tuple[FoundPatient, ...]
    studies: tuple[FoundStudy, ...]
    series: tuple[FoundSeries, ...]
    found: tuple[FoundInstance, ...]
    attached: tuple[Attached, ...]
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]
    listed: int
    missing: tuple[Missing, ...]
    seconds: float
    finished: bool = True
    password: str | None = field(default=None, repr=False)
    """What opened the ZIP files on it; sending has to open them again."""

    @property
    def has_images(self) -> bool:
        """Whether anything is a medical image, if only one that no PACS can store."""
        return bool(self.found) or any(file.kind not in DOCUMENTS for file in self.attached)

    @property
    def listed_missing(self) -> tuple[str, ...]:
        """The claimed names of what is not there."""
        return tuple(file.path for file in self.missing)

    @property
    def unlisted(self) -> int:
        """Images that are there while a table of contents does not name them."""
        return sum(file.listing is Listing.UNLISTED for file in self.found)

    @property
    def unreadable(self) -> tuple[Skipped, ...]:
        """Files that are or may be images and cannot be read as such."""
        return tuple(file for file in self.skipped if is_unreadable(file))

    @property
    def medium(self) -> str:
        """A label of the medium for people."""
        return self.root.name or str(self.root)

    @property
    def files(self) -> int:
        """Files on the medium, members of a ZIP for the ZIP."""
        return len(self.found) + len(self.attached) + len(self.skipped)

    @property
    def found_bytes(self) -> int:
        """Bytes of all instances."""
        return sum(instance.size for instance in self.found)

    def studies_of(self, patient: int) -> Iterator[tuple[int, FoundStudy]]:
        """Yield index and study of one patient."""
        return ((i, study) for i, study in enumerate(self.studies) if study.patient == patient)

    def series_of(self, study: int) -> Iterator[tuple[int, FoundSeries]]:
        """Yield index and series of one study."""
        return ((i, series) for i, series in enumerate(self.series) if series.study == study)
