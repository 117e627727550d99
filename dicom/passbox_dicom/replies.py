"""Typed values across the worker's border: how they are written as JSON, and parsed as untrusted.

A worker that read hostile bytes is itself not trusted, so the parent reads each field with a bound.
"""

from typing import Final

from passbox_dicom.elements import Encoding
from passbox_dicom.form import Form
from passbox_dicom.header import Header, Patient
from passbox_dicom.pixels import PixelLayout
from passbox_dicom.text import MAX_TEXT_CHARACTERS
from passbox_wire.canonical import Json
from passbox_wire.parsing import Fields

MAX_FILE_BYTES: Final = 2**40
_MAX_SHORT: Final = 2**16
_MAX_FRAMES: Final = 2**31
_MAX_NUMBER: Final = 2**31


def header_json(header: Header) -> dict[str, Json]:
    """Return the header as JSON; parse_header() is its reverse."""
    return {
        "form": header.form.value,
        "encoding": header.encoding.value,
        "transfer_syntax_uid": header.transfer_syntax_uid,
        "sop_class_uid": header.sop_class_uid,
        "sop_instance_uid": header.sop_instance_uid,
        "study_instance_uid": header.study_instance_uid,
        "series_instance_uid": header.series_instance_uid,
        "patient": patient_json(header.patient),
        "study_date": header.study_date,
        "study_description": header.study_description,
        "modality": header.modality,
        "series_description": header.series_description,
        "series_number": header.series_number,
        "instance_number": header.instance_number,
        "rows": header.rows,
        "columns": header.columns,
        "frames": header.frames,
        "data_set_offset": header.data_set_offset,
        "truncated": header.truncated,
        "pixel": None if header.pixel is None else _pixel_json(header.pixel),
    }


def patient_json(patient: Patient) -> dict[str, Json]:
    """Return a patient as JSON; parse_patient() is its reverse."""
    return {
        "name": patient.name,
        "patient_id": patient.patient_id,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "charset_is_a_guess": patient.charset_is_a_guess,
    }


def _pixel_json(pixel: PixelLayout) -> dict[str, Json]:
    return {
        "offset": pixel.offset,
        "length": pixel.length,
        "rows": pixel.rows,
        "columns": pixel.columns,
        "samples": pixel.samples,
        "bits_allocated": pixel.bits_allocated,
        "bits_stored": pixel.bits_stored,
        "signed": pixel.signed,
        "frames": pixel.frames,
        "planar": pixel.planar,
        "big_endian": pixel.big_endian,
    }


def parse_header(untrusted: Json) -> Header:
    """Return the header a worker told; raises passbox_wire.errors.Malformed."""
    fields = Fields(untrusted, "header")
    header = Header(
        form=fields.choice("form", Form),
        encoding=fields.choice("encoding", Encoding),
        transfer_syntax_uid=text(fields, "transfer_syntax_uid"),
        sop_class_uid=optional_text(fields, "sop_class_uid"),
        sop_instance_uid=optional_text(fields, "sop_instance_uid"),
        study_instance_uid=optional_text(fields, "study_instance_uid"),
        series_instance_uid=optional_text(fields, "series_instance_uid"),
        patient=fields.part("patient", parse_patient),
        study_date=text(fields, "study_date"),
        study_description=text(fields, "study_description"),
        modality=text(fields, "modality"),
        series_description=text(fields, "series_description"),
        series_number=_optional_number(fields, "series_number", -_MAX_NUMBER),
        instance_number=_optional_number(fields, "instance_number", -_MAX_NUMBER),
        rows=_optional_number(fields, "rows", 0),
        columns=_optional_number(fields, "columns", 0),
        frames=fields.integer("frames", least=1, most=_MAX_FRAMES),
        data_set_offset=fields.integer("data_set_offset", most=MAX_FILE_BYTES),
        truncated=fields.boolean("truncated"),
        pixel=None if fields.is_null("pixel") else fields.part("pixel", _parse_pixel),
    )
    fields.finish()
    return header


def parse_patient(untrusted: Json) -> Patient:
    """Return the patient a worker told; raises passbox_wire.errors.Malformed."""
    fields = Fields(untrusted, "patient")
    patient = Patient(
        name=text(fields, "name"),
        patient_id=text(fields, "patient_id"),
        birth_date=text(fields, "birth_date"),
        sex=text(fields, "sex"),
        charset_is_a_guess=fields.boolean("charset_is_a_guess"),
    )
    fields.finish()
    return patient


def _parse_pixel(untrusted: Json) -> PixelLayout:
    fields = Fields(untrusted, "pixel")
    pixel = PixelLayout(
        offset=fields.integer("offset", most=MAX_FILE_BYTES),
        length=fields.integer("length", most=MAX_FILE_BYTES),
        rows=fields.integer("rows", least=1, most=_MAX_SHORT),
        columns=fields.integer("columns", least=1, most=_MAX_SHORT),
        samples=fields.integer("samples", least=1, most=_MAX_SHORT),
        bits_allocated=fields.integer("bits_allocated", least=8, most=_MAX_SHORT),
        bits_stored=fields.integer("bits_stored", least=1, most=_MAX_SHORT),
        signed=fields.boolean("signed"),
        frames=fields.integer("frames", least=1, most=_MAX_FRAMES),
        planar=fields.boolean("planar"),
        big_endian=fields.boolean("big_endian"),
    )
    fields.finish()
    return pixel


def text(fields: Fields, name: str) -> str:
    """Return a text of at most what a worker may show."""
    return fields.text(name, most=MAX_TEXT_CHARACTERS)


def optional_text(fields: Fields, name: str) -> str | None:
    """Return a text, None where the worker found none."""
    return None if fields.is_null(name) else text(fields, name)


def _optional_number(fields: Fields, name: str, least: int) -> int | None:
    return None if fields.is_null(name) else fields.integer(name, least=least, most=_MAX_NUMBER)
