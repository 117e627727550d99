"""What of a medium is sent: the patients somebody chose. Pure.

The rule: more than one patient on a medium is a question to a person, never answered by default.
What belongs to no known patient (a PDF, a file that cannot be read) goes along only when nobody is
left out, because it may be about the one who was not chosen.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from passbox_client.errors import MediumRefused, Trouble, UsageRefused
from passbox_client.found import LOST, Attached, FoundInstance, ScanResult, Skipped


@dataclass(frozen=True, slots=True)
class Selection:
    """What to send: all, the patients with these ids, or else the only one there is.

    ``studies`` are indexes of the scan's studies that somebody ticked, and nothing else counts
    then: two patients may carry one id. ``documents`` takes a medium that has documents and
    pictures alone, as somebody who ticked has seen for himself.
    """

    patient_ids: frozenset[str] = frozenset()
    all_patients: bool = False
    studies: frozenset[int] | None = None
    documents: bool = False


THE_ONLY_PATIENT: Final = Selection()


@dataclass(frozen=True, slots=True)
class NextMedium:
    """A further medium of a transfer; ``selection`` None is the first one's."""

    medium: Path | ScanResult
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes into the inventory, in the order of the medium.

    ``lost`` is named there but cannot be sent; ``left_out`` counts files of other patients.
    """

    instances: tuple[FoundInstance, ...]
    attached: tuple[Attached, ...]
    lost: tuple[Skipped, ...]
    left_out: int


def choose(scan: ScanResult, selection: Selection) -> Chosen:
    """Return what is to be sent.

    Raises UsageRefused when there are several patients and no choice, or the chosen one is not
    there; MediumRefused when nothing is there to choose from.
    """
    documents = selection.documents or selection.studies is not None
    if not scan.has_images and not (documents and scan.attached):
        refuse_nothing(scan)
    studies = _studies(scan, selection)
    everybody = len(studies) == len(scan.studies)

    def wanted(file: FoundInstance | Attached) -> bool:
        return everybody if file.series is None else scan.series[file.series].study in studies

    instances = tuple(file for file in scan.found if wanted(file))
    attached = tuple(file for file in scan.attached if wanted(file))
    lost = tuple(file for file in scan.skipped if everybody and file.reason in LOST)
    left_out = len(scan.found) + len(scan.attached) - len(instances) - len(attached)
    return Chosen(instances, attached, lost, left_out)


def _studies(scan: ScanResult, selection: Selection) -> frozenset[int]:
    if selection.studies is not None:
        return selection.studies & frozenset(range(len(scan.studies)))
    patients = _patients(scan, selection)
    return frozenset(i for i, study in enumerate(scan.studies) if study.patient in patients)


def _patients(scan: ScanResult, selection: Selection) -> frozenset[int]:
    everybody = frozenset(range(len(scan.patients)))
    if selection.all_patients:
        return everybody
    if not selection.patient_ids:
        if len(everybody) > 1:
            names = "; ".join(f"{p.name} ({p.patient_id})" for p in scan.patients)
            raise UsageRefused(Trouble.SEVERAL_PATIENTS, count=len(everybody), patients=names)
        return everybody
    chosen = frozenset(
        index for index in everybody if scan.patients[index].patient_id in selection.patient_ids
    )
    missing = selection.patient_ids - {scan.patients[index].patient_id for index in chosen}
    if missing:
        raise UsageRefused(Trouble.UNKNOWN_PATIENT, patient=", ".join(sorted(missing)))
    return chosen


def refuse_nothing(scan: ScanResult) -> NoReturn:
    """Raise MediumRefused that says why there is nothing to send."""
    if not scan.files:
        raise MediumRefused(Trouble.MEDIUM_EMPTY)
    if scan.attached:
        raise MediumRefused(Trouble.ONLY_DOCUMENTS, count=len(scan.attached))
    if scan.skipped and all(file.reason in LOST for file in scan.skipped):
        raise MediumRefused(Trouble.MEDIUM_UNREADABLE, count=len(scan.skipped))
    raise MediumRefused(Trouble.MEDIUM_WITHOUT_IMAGES, count=scan.files)
