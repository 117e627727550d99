"""The plan of a transfer: which file has which index, and the inventory that claims it. Pure.

Indexes follow the order of the medium, so one pass over a slow disc sends everything. On a later
pass the same files get the same indexes, recognised by their marks, though some media (sticks) show
their files in another order each time; so the tables are sorted by what stands in them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from passbox_client.found import Attached, FoundInstance, Parts, ScanResult, Skipped
from passbox_client.review import Chosen
from passbox_dicom.pixels import PixelLayout
from passbox_wire.inventory import (
    MAX_NAME,
    MAX_PATH,
    MAX_UID,
    ClaimedFile,
    ClaimedSeries,
    ClaimedStudy,
    Envelope,
    FileKind,
    Inventory,
)

_MAX_CODE: Final = 32
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file with its index; ``unsendable``: the reason when the scan could not read it."""

    index: int
    parts: Parts
    size: int
    kind: FileKind
    series: int | None
    sop_instance_uid: str
    pixel: PixelLayout | None
    unsendable: str = ""

    @property
    def path(self) -> str:
        """Where it is on the medium, for people."""
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Plan:
    """Files in the order they are read, and the tables they point into: the scan's, cut.

    ``part`` is the medium's number within the transfer.
    """

    medium: str
    studies: tuple[ClaimedStudy, ...]
    series: tuple[ClaimedSeries, ...]
    files: tuple[PlannedFile, ...]
    part: int = 0

    def numbered(self, part: int, indexes: Sequence[int]) -> "Plan":
        """Return the same as medium ``part``, the files with these indexes, in this order."""
        files = tuple(
            replace(file, index=index) for file, index in zip(self.files, indexes, strict=True)
        )
        return replace(self, part=part, files=files)

    @property
    def total_bytes(self) -> int:
        """Bytes to be read."""
        return sum(file.size for file in self.files if not file.unsendable)

    def inventory(self, envelope: Envelope | None) -> Inventory:
        """Return the medium's part of the inventory; ``envelope`` for part 0 and only there."""
        claimed = tuple(
            ClaimedFile(
                file.index,
                sayable(file.path, MAX_PATH),
                file.size,
                file.kind,
                file.series,
                file.sop_instance_uid[:MAX_UID],
            )
            for file in sorted(self.files, key=lambda file: file.index)
        )
        return Inventory(
            self.part,
            sayable(self.medium, MAX_NAME),
            envelope,
            self.studies,
            self.series,
            claimed,
        )


def make_plan(scan: ScanResult, chosen: Chosen) -> Plan:
    """Return the plan for what was chosen."""
    used = {file.series for file in chosen.instances} | {file.series for file in chosen.attached}
    old_studies = sorted({scan.series[i].study for i in used if i is not None}, key=_of_study(scan))
    old_series = sorted((i for i in used if i is not None), key=_of_series(scan, old_studies))
    new_study = {old: new for new, old in enumerate(old_studies)}
    new_series = {old: new for new, old in enumerate(old_series)}
    everything: tuple[FoundInstance | Attached | Skipped, ...] = (
        *chosen.instances,
        *chosen.attached,
        *chosen.lost,
    )
    return Plan(
        scan.medium,
        tuple(_claimed_study(scan, old) for old in old_studies),
        tuple(_claimed_series(scan, old, new_study) for old in old_series),
        tuple(_planned(index, file, new_series) for index, file in enumerate(everything)),
    )


def _of_study(scan: ScanResult) -> Callable[[int], tuple[str, ...]]:
    """Return what studies are sorted by: whose they are, when, which."""

    def key(index: int) -> tuple[str, ...]:
        study = scan.studies[index]
        patient = scan.patients[study.patient]
        return (patient.patient_id, patient.name, study.study_date, study.study_instance_uid)

    return key


def _of_series(scan: ScanResult, studies: Sequence[int]) -> Callable[[int], tuple[int, int, str]]:
    place = {study: number for number, study in enumerate(studies)}

    def key(index: int) -> tuple[int, int, str]:
        series = scan.series[index]
        return (place[series.study], series.number or 0, series.series_instance_uid)

    return key


def _planned(
    index: int, file: FoundInstance | Attached | Skipped, new_series: dict[int, int]
) -> PlannedFile:
    if isinstance(file, Skipped):
        return PlannedFile(
            index, file.parts, file.size, FileKind.UNIDENTIFIED, None, "", None, file.reason.value
        )
    series = None if file.series is None else new_series[file.series]
    if isinstance(file, Attached):
        return PlannedFile(index, file.parts, file.size, file.kind, series, "", None)
    return PlannedFile(
        index, file.parts, file.size, file.kind, series, file.sop_instance_uid, file.pixel
    )


def _claimed_study(scan: ScanResult, index: int) -> ClaimedStudy:
    study = scan.studies[index]
    patient = scan.patients[study.patient]
    return ClaimedStudy(
        study.study_instance_uid[:MAX_UID],
        sayable(patient.name, MAX_NAME),
        sayable(patient.patient_id, MAX_NAME),
        patient.birth_date[:_MAX_CODE],
        patient.sex[:_MAX_CODE],
        study.study_date[:_MAX_CODE],
        sayable(study.description, MAX_NAME),
    )


def _claimed_series(scan: ScanResult, index: int, new_study: dict[int, int]) -> ClaimedSeries:
    series = scan.series[index]
    return ClaimedSeries(
        new_study[series.study],
        series.series_instance_uid[:MAX_UID],
        series.modality[:_MAX_CODE],
        "" if series.number is None else str(series.number)[:_MAX_CODE],
        sayable(series.description, MAX_NAME),
    )


def sayable(text: str, most: int) -> str:
    """Return a text from outside as the contract takes it: one line, bounded, valid Unicode."""
    whole = text.encode("utf-8", "replace").decode()
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", whole)[:most]
