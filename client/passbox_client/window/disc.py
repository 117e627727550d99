"""A medium as the review shows it: patients, examinations, series; while the scan still runs. Pure.

The rule: with several patients only the one with the most images is ticked and comes first: a stray
file of somebody else shall not be what is sent. The question whose images go is answered by a
person before anything goes on. What a header says is text, never markup.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from passbox_client.found import Finding, FoundInstance, FoundPatient, FoundSeries, ScanResult
from passbox_client.progress import ScanProgress
from passbox_client.spelling import same_name, shown_name
from passbox_client.unfinished import Unfinished

Person = tuple[str, str]
"""Patient ID, and the name as same_name() has it."""


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series; ``images`` is None while the scan counts."""

    index: int
    modality: str
    description: str
    images: int | None


@dataclass(frozen=True, slots=True)
class StudyRow:
    """An examination, dates as in DICOM; ``index`` as in the scan's result."""

    index: int
    date: str
    description: str
    series: tuple[SeriesRow, ...]
    images: int | None


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A person as the images name one."""

    name: str
    birth_date: str
    patient_id: str
    studies: tuple[StudyRow, ...]

    @property
    def person(self) -> Person:
        """Who it is, whatever way programs spell the name."""
        return self.patient_id.strip(), same_name(self.name)

    @property
    def images(self) -> int:
        """How many there are, 0 while the scan counts."""
        return sum(study.images or 0 for study in self.studies)

    @property
    def study_indexes(self) -> frozenset[int]:
        """The examinations of this person."""
        return frozenset(study.index for study in self.studies)


@dataclass(frozen=True, slots=True)
class Disc:
    """A medium that is being looked at, or was.

    ``fraction`` from 0 to 1, None where nobody knows. ``ticked`` are indexes of studies.
    ``answered``: somebody said that the ticked people are the right ones. ``gone``: the medium was
    taken out and is asked for. ``unfinished`` is the transfer that was begun over this medium.
    ``known`` are the people of the media before it in the same transfer, none for the first one.
    """

    path: Path
    files: int = 0
    images: int = 0
    fraction: float | None = None
    patients: tuple[PatientRow, ...] = ()
    ticked: frozenset[int] = frozenset()
    answered: bool = False
    gone: bool = False
    result: ScanResult | None = None
    pictures: Mapping[int, bytes | None] = field(default_factory=dict)
    unfinished: Unfinished | None = None
    known: frozenset[Person] = frozenset()

    @property
    def label(self) -> str:
        """What people call it."""
        return self.path.name or str(self.path)

    @property
    def strangers(self) -> tuple[PatientRow, ...]:
        """Who is on it and on none of the media before."""
        return tuple(row for row in self.patients if self.known and row.person not in self.known)

    @property
    def is_question(self) -> bool:
        """Whether there are several people on it, or somebody else than on the one before."""
        return len(self.patients) > 1 or bool(self.strangers)

    @property
    def sent_people(self) -> frozenset[Person]:
        """Whose images go, with those of the media before."""
        return self.known | {row.person for row in self.ticked_patients}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is odd, the loudest first."""
        return self.result.findings if self.result else ()

    @property
    def ticked_patients(self) -> tuple[PatientRow, ...]:
        """Whose images go."""
        return tuple(row for row in self.patients if row.study_indexes & self.ticked)

    @property
    def ticked_images(self) -> int:
        """Images that go."""
        return sum(
            study.images or 0
            for patient in self.patients
            for study in patient.studies
            if study.index in self.ticked
        )

    @property
    def may_go_on(self) -> bool:
        """Whether there is something to send and nothing to be answered."""
        if self.result is None or not (self.ticked or self.has_only_documents):
            return False
        return self.answered or not self.is_question

    @property
    def has_only_documents(self) -> bool:
        """Whether there is nothing to tick and yet something to send."""
        return bool(self.result and not self.result.studies and self.result.attached)


def are_the_same(one: ScanResult, other: ScanResult) -> bool:
    """Return whether two looks saw one medium."""
    return _files(one) == _files(other)


def _files(result: ScanResult) -> frozenset[tuple[str, int, str]]:
    return frozenset((file.path, file.size, file.sop_instance_uid) for file in result.found)


@dataclass(slots=True)
class Growing:
    """The tables while the scan runs; values of Disc are made from it."""

    patients: list[FoundPatient] = field(default_factory=list)
    studies: list[tuple[int, str, str]] = field(default_factory=list)
    series: list[FoundSeries] = field(default_factory=list)
    samples: dict[int, FoundInstance] = field(default_factory=dict)

    def take(self, progress: ScanProgress) -> None:
        """Take in what came up; a patient is known again by being the same value, or by id."""
        for patient, study in progress.new_studies:
            while len(self.patients) <= study.patient:
                self.patients.append(patient)
            self.patients[study.patient] = patient
            self.studies.append((study.patient, study.study_date, study.description))
        for series, sample in progress.new_series:
            if sample is not None:
                self.samples[len(self.series)] = sample
            self.series.append(series)

    def rows(self) -> tuple[PatientRow, ...]:
        """Return what is known so far."""
        return _rows(self.patients, self.studies, self.series, None)


def rows_of(result: ScanResult) -> tuple[PatientRow, ...]:
    """Return the patients of a finished scan."""
    studies = [(study.patient, study.study_date, study.description) for study in result.studies]
    counts = Counter(file.series for file in result.found)
    return _rows(result.patients, studies, result.series, counts)


def _rows(
    patients: tuple[FoundPatient, ...] | list[FoundPatient],
    studies: list[tuple[int, str, str]],
    series: tuple[FoundSeries, ...] | list[FoundSeries],
    counts: Counter[int] | None,
) -> tuple[PatientRow, ...]:
    by_study: dict[int, list[SeriesRow]] = {}
    for index, item in enumerate(series):
        images = None if counts is None else counts[index]
        row = SeriesRow(index, item.modality, item.description, images)
        by_study.setdefault(item.study, []).append(row)
    by_patient: dict[int, list[StudyRow]] = {}
    for index, (patient, date, description) in enumerate(studies):
        rows = tuple(by_study.get(index, ()))
        total = None if counts is None else sum(row.images or 0 for row in rows)
        by_patient.setdefault(patient, []).append(StudyRow(index, date, description, rows, total))
    return tuple(
        PatientRow(
            shown_name(patient.name),
            patient.birth_date,
            patient.patient_id,
            tuple(by_patient.get(index, ())),
        )
        for index, patient in enumerate(patients)
    )


def progressed(disc: Disc, growing: Growing, progress: ScanProgress) -> Disc:
    """Return the disc after a step of the scan; ``growing`` took the step in already."""
    grown = bool(progress.new_studies or progress.new_series)
    return replace(
        disc,
        files=progress.files,
        images=progress.instances,
        fraction=_fraction(progress),
        patients=growing.rows() if grown else disc.patients,
        gone=False,
    )


def scanned(disc: Disc, result: ScanResult) -> Disc:
    """Return the disc after the scan: who has the most images is first and ticked, nobody else.

    Behind another disc it is whoever was on that one, and nobody else.
    """
    rows = tuple(sorted(rows_of(result), key=lambda row: -row.images))
    mine = [row for row in rows if row.person in disc.known] if disc.known else rows[:1]
    first = frozenset(index for row in mine for index in row.study_indexes)
    return replace(
        disc,
        files=result.files,
        images=len(result.found),
        fraction=1.0,
        patients=rows,
        ticked=first,
        gone=False,
        result=result,
    )


def _fraction(progress: ScanProgress) -> float | None:
    if not progress.bytes_total:
        return None
    return min(1.0, progress.bytes / progress.bytes_total)
