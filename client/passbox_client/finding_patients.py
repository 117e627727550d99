"""Who is on a medium: several patients, several spellings, the wrong one. Pure.

The rule: nothing is merged or renamed; a person is told what looks alike and decides.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from passbox_client.findings import Seen, finding
from passbox_client.found import Finding, FindingCode, FoundPatient
from passbox_client.spelling import same_name, shown_name
from passbox_dicom.header import Patient

_DATE_CHARACTERS: Final = len("YYYYMMDD")


def about_patients(seen: Seen) -> Iterator[Finding | None]:
    """Yield what is odd about who is on the medium."""
    patients = seen.patients
    if len(patients) > 1:
        names = "; ".join(f"{shown_name(p.name) or '-'} ({p.patient_id or '-'})" for p in patients)
        yield Finding(FindingCode.SEVERAL_PATIENTS, len(patients), detail=names)
    for patient in patients:
        if patient.spellings:
            spelled = " / ".join(map(shown_name, (patient.name, *patient.spellings)))
            count = len(patient.spellings) + 1
            yield Finding(FindingCode.SEVERAL_SPELLINGS, count, detail=spelled)
        if patient.name_is_a_guess:
            yield Finding(FindingCode.NAME_IS_A_GUESS, 1, detail=shown_name(patient.name))
    yield from _perhaps_one(patients)
    yield from _one_id(patients)
    yield from _shared_studies(seen)
    yield _other_patient_listed(seen)


def _perhaps_one(patients: Sequence[FoundPatient]) -> Iterator[Finding]:
    """Yield people of one name and birth date under several ids."""
    alike: dict[tuple[str, str], dict[str, FoundPatient]] = defaultdict(dict)
    for patient in patients:
        if patient.name and patient.birth_date:
            key = (same_name(patient.name), patient.birth_date)
            alike[key].setdefault(patient.patient_id, patient)
    for same in alike.values():
        if len(same) > 1:
            name = shown_name(next(iter(same.values())).name)
            ids = ", ".join(patient_id or "-" for patient_id in same)
            yield Finding(FindingCode.PERHAPS_ONE_PATIENT, len(same), detail=f"{name}: {ids}")


def _one_id(patients: Sequence[FoundPatient]) -> Iterator[Finding]:
    """Yield ids that stand for different people."""
    by_id: dict[str, list[FoundPatient]] = defaultdict(list)
    for patient in patients:
        if patient.patient_id:
            by_id[patient.patient_id].append(patient)
    for patient_id, same in by_id.items():
        if len(same) > 1:
            names = " / ".join(_name_and_birth(patient) for patient in same)
            yield Finding(
                FindingCode.ONE_ID_SEVERAL_NAMES, len(same), detail=f"{patient_id}: {names}"
            )


def _name_and_birth(patient: FoundPatient) -> str:
    name = shown_name(patient.name) or "-"
    born = patient.birth_date
    if len(born) == _DATE_CHARACTERS and born.isdigit():
        born = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    return f"{name} (* {born})" if born else name


def _shared_studies(seen: Seen) -> Iterator[Finding]:
    """Yield studies whose images carry more than one patient."""
    by_uid: dict[str, list[int]] = defaultdict(list)
    for study in seen.studies:
        by_uid[study.study_instance_uid].append(study.patient)
    for patients in by_uid.values():
        if len(patients) > 1:
            names = " / ".join(shown_name(seen.patients[index].name) or "-" for index in patients)
            yield Finding(FindingCode.STUDY_OF_SEVERAL_PATIENTS, len(patients), detail=names)


def _other_patient_listed(seen: Seen) -> Finding | None:
    """Return the images that belong to another patient than the table of contents says."""
    agreed: dict[tuple[int, Patient], bool] = {}
    odd: list[str] = []
    said: dict[str, None] = {}
    for file in seen.found:
        claimed = seen.claims.found.get(file.parts)
        if claimed is None:
            continue
        patient = seen.studies[seen.series[file.series].study].patient
        key = (patient, claimed.patient)
        if key not in agreed:
            agreed[key] = _is_called(seen.patients[patient], claimed.patient)
        if not agreed[key]:
            odd.append(file.path)
            said[shown_name(claimed.patient.name) or claimed.patient.patient_id] = None
    return finding(FindingCode.OTHER_PATIENT_LISTED, odd, ", ".join(said))


def _is_called(patient: FoundPatient, claimed: Patient) -> bool:
    """Return whether a table of contents may mean this patient; what it leaves out is no claim."""
    names = {same_name(name) for name in (patient.name, *patient.spellings)}
    right_name = not claimed.name or not patient.name or same_name(claimed.name) in names
    right_id = not claimed.patient_id or claimed.patient_id == patient.patient_id
    return right_name and right_id
