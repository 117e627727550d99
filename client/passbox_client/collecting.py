"""Gathering what the scan reads into patients, studies, series and files, as it comes.

The rule: two names are one patient only when patient id and name agree (apart from spelling that
programs change by themselves: case, separators, accents) and no birth date contradicts it. When in
doubt there are two, and a person is asked.
"""

import sys
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
from passbox_client.spelling import same_name
from passbox_dicom import classify
from passbox_dicom.form import Form
from passbox_dicom.header import Header
from passbox_dicom.medium import FileState, MediumFile
from passbox_dicom.pixels import PixelLayout
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
    Problem.GONE: SkipReason.UNREADABLE,
    Problem.LOCKED: SkipReason.LOCKED,
}
_DOCUMENTS: Final = {
    classify.FileKind.PDF: FileKind.PDF,
    classify.FileKind.JPEG: FileKind.PICTURE,
    classify.FileKind.PNG: FileKind.PICTURE,
}
_BY_KIND: Final = {
    classify.FileKind.DICOMDIR: SkipReason.DIRECTORY,
    classify.FileKind.PROGRAM: SkipReason.PROGRAM,
    classify.FileKind.ARCHIVE: SkipReason.ARCHIVE_REFUSED,
}


@dataclass(slots=True)
class Collection:
    """The tables while they grow; files in the order of the medium.

    ``sizes`` are the files taken in so far and their sizes as the medium said.
    """

    patients: list[FoundPatient] = field(default_factory=list)
    studies: list[FoundStudy] = field(default_factory=list)
    series: list[FoundSeries] = field(default_factory=list)
    instances: list[FoundInstance] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    directories: list[Parts] = field(default_factory=list)
    headerless: list[Parts] = field(default_factory=list)
    sizes: dict[Parts, int | None] = field(default_factory=dict)
    _program_folders: set[Parts] = field(default_factory=set)
    _layouts: dict[PixelLayout, PixelLayout] = field(default_factory=dict)
    _patient_index: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _study_index: dict[tuple[int, str], int] = field(default_factory=dict)
    _series_index: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def files(self) -> int:
        """Files taken in so far."""
        return len(self.instances) + len(self.attached) + len(self.skipped)

    def leave_out(self, file: MediumFile) -> None:
        """Take in a file that is empty, or of which the medium itself says it cannot be read."""
        self.sizes[file.path] = file.size
        self._skip(file, _BY_STATE.get(file.state, SkipReason.EMPTY))

    def add(self, file: MediumFile, scanned: ScannedFile) -> None:
        """Take in a file that was read."""
        self.sizes[file.path] = file.size
        if scanned.header is not None:
            self._add_dicom(file, scanned.header)
        elif scanned.problem is not None:
            self._skip(file, _BY_PROBLEM[scanned.problem])
        elif scanned.kind in _DOCUMENTS:
            kind = _DOCUMENTS[scanned.kind]
            self.attached.append(Attached(file.path, file.size or 0, kind))
        else:
            if scanned.kind is classify.FileKind.DICOMDIR:
                self.directories.append(file.path)
            self._skip(file, _BY_KIND.get(scanned.kind, SkipReason.NOT_DICOM))
            if scanned.kind is classify.FileKind.PROGRAM and classify.is_program_file(
                file.path[-1]
            ):
                self._program_folders.add(file.path[:-1])

    def settle(self) -> None:
        """Let the pictures of viewer programs go, once all is seen.

        A picture belongs to a program that is in its folder or in one above it, but not in the
        medium's top folder, where a practice puts its own things. PDFs are never let go.
        """
        kept: list[Attached] = []
        for file in self.attached:
            if file.kind is FileKind.PICTURE and self._with_program(file.parts[:-1]):
                self.skipped.append(Skipped(file.parts, file.size, SkipReason.PROGRAM))
            else:
                kept.append(file)
        self.attached = kept

    def _with_program(self, folder: Parts) -> bool:
        return any(folder[:end] in self._program_folders for end in range(1, len(folder) + 1))

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
                    self._layout(header.pixel),
                    sys.intern(header.sop_class_uid or ""),
                )
            )
            if header.form is Form.HEADERLESS:
                self.headerless.append(file.path)
            return
        kind = FileKind.ACR_NEMA if header.form is Form.ACR_NEMA else FileKind.UNIDENTIFIED
        self.attached.append(Attached(file.path, file.size or 0, kind, self._known_series(header)))

    def _layout(self, layout: PixelLayout | None) -> PixelLayout | None:
        """Return one value for all equal ones: a disc has thousands."""
        return None if layout is None else self._layouts.setdefault(layout, layout)

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
