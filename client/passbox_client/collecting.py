"""Gathering what the scan reads into patients, studies, series and files, as it comes.

The rule: two names are one patient only when patient id and name agree (apart from spelling that
programs change by themselves: case, separators, accents) and no birth date contradicts it. When in
doubt there are two, and a person is asked.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final

from passbox_client.found import (
    Attached,
    FoundInstance,
    FoundPatient,
    FoundSeries,
    FoundStudy,
    Listing,
    Parts,
    Skipped,
    SkipReason,
)
from passbox_dicom import classify
from passbox_dicom.form import Form
from passbox_dicom.header import Header
from passbox_dicom.medium import FileState, MediumFile
from passbox_dicom.scan import Problem, ScannedFile
from passbox_wire.inventory import FileKind

_BY_STATE: Final = {
    FileState.LINK: SkipReason.LINK,
    FileState.SPECIAL: SkipReason.SPECIAL,
    FileState.UNREADABLE: SkipReason.UNREADABLE,
    FileState.LOCKED: SkipReason.LOCKED,
    FileState.REFUSED_ARCHIVE: SkipReason.ARCHIVE_REFUSED,
    FileState.TOO_DEEP: SkipReason.TOO_DEEP,
}
_BY_PROBLEM: Final = {
    Problem.NOT_DICOM: SkipReason.NOT_DICOM,
    Problem.TRUNCATED: SkipReason.DAMAGED,
    Problem.MALFORMED: SkipReason.DAMAGED,
    Problem.HOSTILE: SkipReason.HOSTILE,
    Problem.UNREADABLE: SkipReason.UNREADABLE,
}
_DOCUMENTS: Final = {
    classify.FileKind.PDF: FileKind.PDF,
    classify.FileKind.JPEG: FileKind.PICTURE,
    classify.FileKind.PNG: FileKind.PICTURE,
}
_BY_KIND: Final = {
    classify.FileKind.DICOMDIR: SkipReason.DIRECTORY,
    classify.FileKind.PROGRAM: SkipReason.PROGRAM,
}
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_SPELLED_OUT: Final = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "ø": "o", "å": "a"})
_SPELLED_VOWEL: Final = re.compile(r"(?<=[aou])e")


@dataclass(slots=True)
class Collection:
    """The tables while they grow; files in the order of the medium."""

    patients: list[FoundPatient] = field(default_factory=list)
    studies: list[FoundStudy] = field(default_factory=list)
    series: list[FoundSeries] = field(default_factory=list)
    instances: list[FoundInstance] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    directories: list[Parts] = field(default_factory=list)
    headerless: list[Parts] = field(default_factory=list)
    paths: list[Parts] = field(default_factory=list)
    _patient_index: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _study_index: dict[tuple[int, str], int] = field(default_factory=dict)
    _series_index: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def files(self) -> int:
        """Files taken in so far."""
        return len(self.instances) + len(self.attached) + len(self.skipped)

    def leave_out(self, file: MediumFile) -> None:
        """Take in a file that the medium itself says cannot be read."""
        self.paths.append(file.path)
        self._skip(file, _BY_STATE[file.state])

    def add(self, file: MediumFile, scanned: ScannedFile) -> None:
        """Take in a file that was read."""
        self.paths.append(file.path)
        if scanned.header is not None:
            self._add_dicom(file, scanned.header)
        elif scanned.problem is not None:
            self._skip(file, _BY_PROBLEM[scanned.problem])
        elif scanned.kind in _DOCUMENTS:
            kind = _DOCUMENTS[scanned.kind]
            self.attached.append(Attached(file.path, file.size or 0, kind))
        elif not file.size:
            self._skip(file, SkipReason.EMPTY)
        else:
            if scanned.kind is classify.FileKind.DICOMDIR:
                self.directories.append(file.path)
            self._skip(file, _BY_KIND.get(scanned.kind, SkipReason.NOT_DICOM))

    def _skip(self, file: MediumFile, reason: SkipReason) -> None:
        self.skipped.append(Skipped(file.path, file.size or 0, reason))

    def _add_dicom(self, file: MediumFile, header: Header) -> None:
        if header.storable:
            self.instances.append(
                FoundInstance(
                    file.path,
                    file.size or 0,
                    self._series_of(header),
                    header.sop_instance_uid or "",
                    header.instance_number,
                    Listing.NO_DIRECTORY,
                    header.truncated,
                    header.pixel,
                )
            )
            if header.form is Form.HEADERLESS:
                self.headerless.append(file.path)
            return
        kind = FileKind.ACR_NEMA if header.form is Form.ACR_NEMA else FileKind.UNIDENTIFIED
        self.attached.append(Attached(file.path, file.size or 0, kind, self._known_series(header)))

    def _known_series(self, header: Header) -> int | None:
        known = header.study_instance_uid and header.series_instance_uid
        return self._series_of(header) if known else None

    def _series_of(self, header: Header) -> int:
        study = self._study_of(header)
        key = (study, header.series_instance_uid or "")
        if key not in self._series_index:
            self._series_index[key] = len(self.series)
            self.series.append(
                FoundSeries(
                    study, key[1], header.modality, header.series_number, header.series_description
                )
            )
        return self._series_index[key]

    def _study_of(self, header: Header) -> int:
        key = (self._patient_of(header), header.study_instance_uid or "")
        if key not in self._study_index:
            self._study_index[key] = len(self.studies)
            self.studies.append(
                FoundStudy(key[0], key[1], header.study_date, header.study_description)
            )
        return self._study_index[key]

    def _patient_of(self, header: Header) -> int:
        said = header.patient
        alike = self._patient_index.setdefault((said.patient_id, same_name(said.name)), [])
        for index in alike:
            patient = self.patients[index]
            if patient.birth_date == said.birth_date or not (
                patient.birth_date and said.birth_date
            ):
                self.patients[index] = _completed(patient, said.name, said.birth_date, said.sex)
                return index
        alike.append(len(self.patients))
        self.patients.append(
            FoundPatient(
                said.name, said.patient_id, said.birth_date, said.sex, said.charset_is_a_guess
            )
        )
        return alike[-1]


def _completed(patient: FoundPatient, name: str, birth_date: str, sex: str) -> FoundPatient:
    spellings = patient.spellings
    if name not in {patient.name, *spellings} and same_name(name):
        spellings = (*spellings, name)
    if (spellings, birth_date, sex) == (patient.spellings, patient.birth_date, patient.sex):
        return patient
    return replace(
        patient,
        spellings=spellings,
        birth_date=patient.birth_date or birth_date,
        sex=patient.sex or sex,
    )


def same_name(name: str) -> str:
    """Return a form of a person's name in which spellings that programs make of it are equal."""
    plain = unicodedata.normalize("NFC", name).casefold().translate(_SPELLED_OUT)
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = _NOT_LETTERS.sub(" ", plain).split()
    return " ".join(_SPELLED_VOWEL.sub("", word) for word in words)
