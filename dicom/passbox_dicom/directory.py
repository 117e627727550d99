"""A DICOMDIR, read flat: its records in the order they are written, never by their offsets.

A DICOMDIR is a claim. Offsets in it are often wrong and can be made to run in circles, so the tree
is taken from the order of the records instead, which the standard's offsets follow on every real
disc. (PS3.3 annex F, PS3.10 section 8.)
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from passbox_dicom import tags, uids
from passbox_dicom.elements import (
    DEFAULT_LIMITS,
    ITEM,
    FileSource,
    InflatingSource,
    ReadLimits,
    Source,
    walk,
)
from passbox_dicom.errors import HostileDicom, Limit, MalformedDicom, NotDicom, TruncatedDicom
from passbox_dicom.form import Opening, read_opening
from passbox_dicom.header import Patient
from passbox_dicom.text import charset_terms, decode, plain

MAX_RECORDS: Final = 1_000_000
MAX_FILE_ID_PARTS: Final = 16
_RECORD_DEPTH: Final = 2  # the sequence of records, and the item
_WANTED: Final = tags.IDENTITY | {
    tags.RECORD_TYPE, tags.REFERENCED_FILE, tags.REFERENCED_CLASS, tags.REFERENCED_INSTANCE,
}  # fmt: skip
_PATIENT: Final = "PATIENT"
_STUDY: Final = "STUDY"
_SERIES: Final = "SERIES"
_LEVELS: Final = (_PATIENT, _STUDY, _SERIES)


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One record that names a file, with what the records above it say.

    ``untrusted_file_id`` are the parts as written: to be looked up with Medium.find(), never to be
    made a path.
    """

    untrusted_file_id: tuple[str, ...]
    record_type: str
    sop_class_uid: str | None
    sop_instance_uid: str | None
    patient: Patient
    study_instance_uid: str | None
    study_date: str
    study_description: str
    series_instance_uid: str | None
    modality: str


@dataclass(frozen=True, slots=True)
class Directory:
    """What a DICOMDIR claims; ``complete`` is False when it could not be read to its end."""

    entries: tuple[DirectoryEntry, ...]
    complete: bool


def read_directory(data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Directory:
    """Read a whole DICOMDIR; what comes before damage is kept.

    Raises:
        NotDicom: this is no DICOMDIR.
        TruncatedDicom: the meta header is not whole.
        HostileDicom: a limit was hit.

    """
    file = BytesIO(data)
    opening = read_opening(file, len(data), limits)
    source: Source
    if opening.deflated:
        source, start = InflatingSource(file, opening.data_set_offset, limits), 0
    else:
        source, start = FileSource(file, len(data), limits), opening.data_set_offset
    reading = _Reading(source, limits)
    complete = True
    try:
        reading.collect(opening, start)
    except (TruncatedDicom, MalformedDicom):
        complete = False
    if not reading.found_records and opening.sop_class_uid != uids.MEDIA_STORAGE_DIRECTORY:
        raise NotDicom("no directory records")
    return Directory(tuple(reading.entries), complete)


class _Reading:
    """The records of one directory while they go by."""

    def __init__(self, source: Source, limits: ReadLimits) -> None:
        self._source = source
        self._limits = limits
        self._record: dict[int, bytes] = {}
        self._above: dict[str, dict[int, bytes]] = {}
        self._charset = b""
        self.entries: list[DirectoryEntry] = []
        self.found_records = False

    def collect(self, opening: Opening, start: int) -> None:
        """Walk all records; nested sequences within a record are passed over."""
        inside = False
        for element in walk(
            self._source, opening.encoding, start, into_sequences=True, limits=self._limits
        ):
            if element.depth == 0:
                inside = element.tag == tags.DIRECTORY_RECORDS
                self.found_records = self.found_records or inside
                if element.tag == tags.CHARSET and element.length <= self._limits.max_value_bytes:
                    self._charset = self._source.at(element.offset, element.length)
            elif inside and element.depth == _RECORD_DEPTH and element.tag == ITEM:
                self._finish_record()
            elif inside and element.depth == _RECORD_DEPTH and element.tag in _WANTED:
                if element.length > self._limits.max_value_bytes:
                    raise HostileDicom(Limit.VALUE_BYTES)
                self._record[element.tag] = self._source.at(element.offset, element.length)
        self._finish_record()

    def _finish_record(self) -> None:
        """Keep a finished record as context or as entry."""
        record, self._record = self._record, {}
        kind = plain(record.get(tags.RECORD_TYPE, b""))
        if kind in _LEVELS:
            self._above[kind] = record
            for lower in _LEVELS[_LEVELS.index(kind) + 1 :]:
                self._above.pop(lower, None)
        elif tags.REFERENCED_FILE in record:
            if len(self.entries) >= MAX_RECORDS:
                raise HostileDicom(Limit.RECORDS)
            self.entries.append(self._entry(kind, record))

    def _entry(self, kind: str, record: dict[int, bytes]) -> DirectoryEntry:
        study = self._above.get(_STUDY, {})
        series = self._above.get(_SERIES, {})
        return DirectoryEntry(
            untrusted_file_id=_file_id(record[tags.REFERENCED_FILE]),
            record_type=kind,
            sop_class_uid=plain(record.get(tags.REFERENCED_CLASS, b"")) or None,
            sop_instance_uid=plain(record.get(tags.REFERENCED_INSTANCE, b"")) or None,
            patient=self._patient(),
            study_instance_uid=plain(study.get(tags.STUDY_INSTANCE, b"")) or None,
            study_date=plain(study.get(tags.STUDY_DATE, b"")),
            study_description=self._text(study, tags.STUDY_DESCRIPTION)[0],
            series_instance_uid=plain(series.get(tags.SERIES_INSTANCE, b"")) or None,
            modality=plain(series.get(tags.MODALITY, b"")),
        )

    def _patient(self) -> Patient:
        patient = self._above.get(_PATIENT, {})
        name, name_is_a_guess = self._text(patient, tags.PATIENT_NAME)
        patient_id, id_is_a_guess = self._text(patient, tags.PATIENT_ID)
        return Patient(
            name=name,
            patient_id=patient_id,
            birth_date=plain(patient.get(tags.BIRTH_DATE, b"")),
            sex=plain(patient.get(tags.SEX, b"")),
            charset_is_a_guess=name_is_a_guess or id_is_a_guess,
        )

    def _text(self, record: dict[int, bytes], tag: int) -> tuple[str, bool]:
        terms = charset_terms(record.get(tags.CHARSET, self._charset))
        return decode(record.get(tag, b""), terms, person_name=tag == tags.PATIENT_NAME)


def _file_id(untrusted: bytes) -> tuple[str, ...]:
    """Return the parts of (0004,1500); slashes of either kind in a part are writers' mistakes."""
    text = plain(untrusted).replace("/", "\\")
    parts = (part.strip() for part in text.split("\\", MAX_FILE_ID_PARTS))
    return tuple(part for part in parts if part)
