"""Runs in the killable worker: the facts of one stored instance. Draws and judges nothing."""

import os

from passbox_dicom.errors import DicomError
from passbox_dicom.handed import opened
from passbox_dicom.header import Header, read_header
from passbox_wire.canonical import Json

if hasattr(os, "nice"):
    os.nice(5)  # receiving goes first: nobody waits for a header while images still come


def read_facts(request: dict[str, Json]) -> dict[str, Json]:
    """Answer {"facts": …} for the file handed over, or {"unreadable": reason}."""
    try:
        with opened(request) as file:
            header = read_header(file, os.fstat(file.fileno()).st_size)
    except DicomError as error:
        return {"unreadable": type(error).__name__}
    return {"facts": _facts(header), "sop_instance_uid": header.sop_instance_uid or ""}


def _facts(header: Header) -> dict[str, Json]:
    return {
        "study_instance_uid": header.study_instance_uid or "",
        "series_instance_uid": header.series_instance_uid or "",
        "patient_name": header.patient.name,
        "patient_id": header.patient.patient_id,
        "birth_date": header.patient.birth_date,
        "sex": header.patient.sex,
        "charset_is_a_guess": header.patient.charset_is_a_guess,
        "study_date": header.study_date,
        "study_description": header.study_description,
        "modality": header.modality,
        "series_description": header.series_description,
        "series_number": header.series_number,
        "instance_number": header.instance_number,
        "rows": header.rows,
        "columns": header.columns,
        "frames": header.frames,
    }
