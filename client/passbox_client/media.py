"""The media of one sending, one after the other: the first, then whatever is handed in next.

The rule: a further medium of somebody else is a question, as several patients on one medium are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from passbox_client.errors import MediumRefused, Trouble, UsageRefused
from passbox_client.found import ScanResult
from passbox_client.plan import Plan, make_plan
from passbox_client.recognition import is_still
from passbox_client.review import NextMedium, Selection, choose
from passbox_client.scan import medium_errors
from passbox_client.spelling import same_name
from passbox_client.transmission import Source


@dataclass(frozen=True, slots=True)
class Loaded:
    """A medium that was looked at and chosen from."""

    source: Source
    plan: Plan
    seconds: float = 0.0


def expect_the_same(loaded: Loaded) -> None:
    """Raise MediumRefused when the medium was taken out since, or another one is in its place."""
    images = (file for file in loaded.plan.files if file.sop_instance_uid and not file.unsendable)
    with medium_errors(), loaded.source.open() as medium:
        if not is_still(medium, images):
            raise MediumRefused(Trouble.MEDIUM_GONE)


class Media:
    """Hands out the first medium, and asks for more."""

    def __init__(
        self,
        first: Loaded,
        asking: Callable[[], NextMedium | None] | None,
        selection: Selection,
        scanning: Callable[[Path], ScanResult],
    ) -> None:
        """``asking`` returns None when there is no further medium."""
        self.first = first
        self._asking = asking
        self._selection = selection
        self._scanning = scanning
        self._patients = _patients(first.plan)

    def next(self) -> Loaded | None:
        """Return the next medium. Raises MediumRefused, UsageRefused."""
        given = None if self._asking is None else self._asking()
        if given is None:
            return None
        selection = given.selection or self._selection
        medium = given.medium
        scanned = medium if isinstance(medium, ScanResult) else self._scanning(medium)
        plan = make_plan(scanned, choose(scanned, selection))
        self._check_patients(plan, selection)
        return Loaded(Source(scanned.root, scanned.password), plan, scanned.seconds)

    def _check_patients(self, plan: Plan, selection: Selection) -> None:
        asked = selection.patient_ids or selection.all_patients or selection.studies is not None
        others = _patients(plan) - self._patients
        if self._patients and others and not asked:
            names = {
                f"{study.patient_name} ({study.patient_id})"
                for study in plan.studies
                if _patient(study.patient_id, study.patient_name) in others
            }
            raise UsageRefused(Trouble.OTHER_PATIENT, patients="; ".join(sorted(names)))
        self._patients |= others


def _patients(plan: Plan) -> frozenset[tuple[str, str]]:
    return frozenset(_patient(study.patient_id, study.patient_name) for study in plan.studies)


def _patient(patient_id: str, name: str) -> tuple[str, str]:
    return patient_id.strip(), same_name(name)
