"""What the study page shows, as values: patients, their studies, series and pictures. Pure.

Everything here is the sender's word. Nothing merges beyond one transfer, and two patients are two
even if they share a Patient ID: a patient is the whole of name, id, birth date and sex.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from passbox_viewer.instances import Forwarding, Instance, InstanceFacts

ValueT = TypeVar("ValueT")

MOST_FRAMES: Final = 2000
"""Frames of one instance that can be scrolled through; a header may claim any number."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One thing to draw: a frame (from 0) of an instance, by the instance's number in the index."""

    instance: int
    frame: int


@dataclass(frozen=True, slots=True)
class Series:
    """One series; ``position`` counts over the transfer from 0: its address on the page."""

    position: int
    modality: str
    number: int | None
    description: str
    pictures: tuple[Picture, ...]
    pixels: int
    """Of all its pictures together, as claimed."""

    @property
    def middle(self) -> Picture:
        """The picture that stands for the series: the first slices of a volume are often air."""
        return self.pictures[len(self.pictures) // 2]

    @property
    def counted_as(self) -> str:
        """The text for how many there are: pictures, or objects of which there is none."""
        one = len(self.pictures) == 1
        if self.pixels:
            return "picture_one" if one else "pictures"
        return "object_one" if one else "objects"


@dataclass(frozen=True, slots=True)
class Study:
    """One study. ``date`` as in DICOM."""

    date: str
    description: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient as claimed. ``name`` as in DICOM, with carets; see shown_name()."""

    name: str
    patient_id: str
    birth_date: str
    sex: str
    name_is_a_guess: bool
    studies: tuple[Study, ...]

    @property
    def key(self) -> str:
        """Hash of whom the sender says it is."""
        return _key(self.name, self.patient_id, self.birth_date, self.sex)


@dataclass(frozen=True, slots=True)
class Overview:
    """A transfer's images in order, and how many of them are not as they should be."""

    patients: tuple[Patient, ...]
    instances: int
    unreadable: int
    beside: int

    @property
    def series(self) -> tuple[Series, ...]:
        """All series, by position."""
        return tuple(
            series
            for patient in self.patients
            for study in patient.studies
            for series in study.series
        )

    @property
    def most_worth_looking_at(self) -> Series | None:
        """The series with the most to see, the first of equals: never a localizer before a scan."""
        return max(self.series, key=lambda series: series.pixels, default=None)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the images are on their way.

    ``cannot`` can neither be sent nor proved; ``decoded`` went as decoded copies.
    """

    total: int
    sent: int
    refused: int
    in_pacs: int
    cannot: int
    decoded: int


def overview(instances: Sequence[Instance]) -> Overview:
    """Return the instances sorted into patients, studies and series, each in a stable order."""
    readable = [(row, row.facts) for row in instances if row.facts is not None]
    patients: list[Patient] = []
    position = 0
    for key in _distinct(_patient_key(facts) for _, facts in readable):
        theirs = [(row, facts) for row, facts in readable if _patient_key(facts) == key]
        studies: list[Study] = []
        for study_uid in _distinct(facts.study_instance_uid for _, facts in theirs):
            members = [pair for pair in theirs if pair[1].study_instance_uid == study_uid]
            series = _series(members, position)
            position += len(series)
            first = members[0][1]
            studies.append(Study(first.study_date, first.study_description, series))
        first = theirs[0][1]
        guess = any(facts.charset_is_a_guess for _, facts in theirs)
        patients.append(
            Patient(
                first.patient_name, first.patient_id, first.birth_date, first.sex, guess,
                tuple(studies),
            )
        )  # fmt: skip
    return Overview(
        tuple(patients),
        len(instances),
        len(instances) - len(readable),
        sum(row.beside for row in instances),
    )


def patient_key(facts: InstanceFacts) -> str:
    """Return the key of the patient an instance is of."""
    return _key(*_patient_key(facts))


def progress(instances: Sequence[Instance]) -> Progress:
    """Return the counts the forward card shows."""
    possible = [row.forwarding for row in instances if row.forwardable]
    return Progress(
        total=len(instances),
        sent=sum(how in {Forwarding.SENT, Forwarding.IN_PACS} for how in possible),
        refused=possible.count(Forwarding.REFUSED),
        in_pacs=possible.count(Forwarding.IN_PACS),
        cannot=len(instances) - len(possible),
        decoded=sum(
            row.sent_decoded and row.forwarding in {Forwarding.SENT, Forwarding.IN_PACS}
            for row in instances
        ),
    )


def shown_name(name: str) -> str:
    """Return a person name (PS3.5 6.2.1) as people write it: Family, Given (other script)."""
    groups = [_one_script(group) for group in name.split("=")]
    shown = [group for group in groups if group]
    return shown[0] + "".join(f" ({other})" for other in shown[1:]) if shown else ""


def _one_script(group: str) -> str:
    family, given, middle, prefix, suffix = (*(p.strip() for p in group.split("^")), *[""] * 5)[:5]
    first = " ".join(part for part in (prefix, given, middle) if part)
    return ", ".join(part for part in (family, first, suffix) if part)


def _series(members: Sequence[tuple[Instance, InstanceFacts]], start: int) -> tuple[Series, ...]:
    groups = [
        [pair for pair in members if pair[1].series_instance_uid == uid]
        for uid in _distinct(facts.series_instance_uid for _, facts in members)
    ]
    groups.sort(key=lambda group: _or_last(group[0][1].series_number))
    return tuple(
        Series(
            start + offset,
            group[0][1].modality,
            group[0][1].series_number,
            group[0][1].series_description,
            _pictures(group),
            sum(_pixels(facts) for _, facts in group),
        )
        for offset, group in enumerate(groups)
    )


def _pictures(group: Iterable[tuple[Instance, InstanceFacts]]) -> tuple[Picture, ...]:
    ordered = sorted(group, key=lambda pair: (_or_last(pair[1].instance_number), pair[0].number))
    return tuple(
        Picture(row.number, frame)
        for row, facts in ordered
        for frame in range(min(facts.frames, MOST_FRAMES))
    )


def _pixels(facts: InstanceFacts) -> int:
    return (facts.rows or 0) * (facts.columns or 0) * min(facts.frames, MOST_FRAMES)


def _patient_key(facts: InstanceFacts) -> tuple[str, str, str, str]:
    return (facts.patient_name, facts.patient_id, facts.birth_date, facts.sex)


@lru_cache(maxsize=1024)
def _key(*words: str) -> str:
    return hashlib.sha256("\0".join(f"{len(word)} {word}" for word in words).encode()).hexdigest()


def _or_last(number: int | None) -> int:
    return 2**32 if number is None else number


def _distinct(values: Iterable[ValueT]) -> list[ValueT]:
    return list(dict.fromkeys(values))
