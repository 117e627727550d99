"""A DICOMDIR, read flat: its records in the order they are written, none found by an offset.

A DICOMDIR is a claim. Offsets in it are often wrong and can be made to run in circles. So records
are found by walking; the offsets only say which record stands above which, and only when all of
them agree (record_tree.py). (PS3.3 annex F, PS3.10 section 8.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from passbox_dicom import tags, uids
from passbox_dicom.elements import ITEM, Element, walk
from passbox_dicom.errors import HostileDicom, Limit, MalformedDicom, NotDicom, TruncatedDicom
from passbox_dicom.form import Opening, read_opening
from passbox_dicom.header import Patient
from passbox_dicom.record_tree import by_links, by_order
from passbox_dicom.sources import DEFAULT_LIMITS, FileSource, InflatingSource, ReadLimits, Source
from passbox_dicom.text import charset_terms, decode, plain

MAX_RECORDS: Final = 250_000
MAX_FILE_ID_PARTS: Final = 16
_RECORD_DEPTH: Final = 2  # the sequence of records, and the item
_WANTED: Final = tags.IDENTITY | {
    tags.RECORD_TYPE, tags.NEXT_RECORD, tags.LOWER_RECORD,
    tags.REFERENCED_FILE, tags.REFERENCED_CLASS, tags.REFERENCED_INSTANCE,
}  # fmt: skip
_PATIENT: Final = "PATIENT"
_STUDY: Final = "STUDY"
_SERIES: Final = "SERIES"
_ITEM_HEAD: Final = 8
_LONG: Final = 4


@dataclass(frozen=True, slots=True)
class Context:
    """What the patient, study and series records above a file say; one value for a whole series."""

    patient: Patient
    study_instance_uid: str | None
    study_date: str
    study_description: str
    series_instance_uid: str | None
    modality: str


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One record that names a file.

    ``untrusted_file_id`` are the parts as written: to be looked up with Medium.find(), never to be
    made a path.
    """

    untrusted_file_id: tuple[str, ...]
    record_type: str
    sop_class_uid: str | None
    sop_instance_uid: str | None
    context: Context


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
    entries = tuple(reading.entries(opening.encoding.order))
    return Directory(entries, complete and reading.found_records)


@dataclass(frozen=True, slots=True)
class _Record:
    """One record's wanted elements and where it begins."""

    offset: int
    values: dict[int, bytes]


class _Reading:
    """The records of one directory while they go by."""

    def __init__(self, source: Source, limits: ReadLimits) -> None:
        self._source = source
        self._limits = limits
        self._charset = b""
        self._first = b""
        self._records: list[_Record] = []
        self.found_records = False

    def collect(self, opening: Opening, start: int) -> None:
        """Walk all records; nested sequences within a record are passed over."""
        inside = False
        values: dict[int, bytes] = {}
        for element in walk(
            self._source, opening.encoding, start, into_sequences=True, limits=self._limits
        ):
            if element.depth == 0:
                inside = element.tag == tags.DIRECTORY_RECORDS
                self.found_records = self.found_records or inside
                if element.tag == tags.CHARSET:
                    self._charset = self._value(element)
                elif element.tag == tags.FIRST_RECORD:
                    self._first = self._value(element)
            elif inside and element.depth == _RECORD_DEPTH and element.tag == ITEM:
                if len(self._records) >= MAX_RECORDS:
                    raise HostileDicom(Limit.RECORDS)
                values = {}
                self._records.append(_Record(element.offset - _ITEM_HEAD, values))
            elif inside and element.depth == _RECORD_DEPTH and element.tag in _WANTED:
                values[element.tag] = self._value(element)

    def _value(self, element: Element) -> bytes:
        if element.length > self._limits.max_value_bytes:
            raise HostileDicom(Limit.VALUE_BYTES)
        return self._source.at(element.offset, element.length)

    def entries(self, order: str) -> Iterator[DirectoryEntry]:
        """Yield what names a file, with what stands above it. ``order`` is the byte order."""
        contexts: dict[tuple[int, ...], Context] = {}
        for record, above in zip(self._records, self._placed(order), strict=True):
            if tags.REFERENCED_FILE in record.values:
                if above not in contexts:
                    contexts[above] = self._context(above)
                yield _entry(record.values, contexts[above])

    def _placed(self, order: str) -> list[tuple[int, ...]]:
        """Return for each record the patient, study and series records it stands below."""
        kinds = [plain(record.values.get(tags.RECORD_TYPE, b"")) for record in self._records]
        offsets = [record.offset for record in self._records]
        links = [_links(record.values, order) for record in self._records]
        (first,) = _numbers(order, self._first)
        above = by_links(first, offsets, links)
        return above if above is not None else by_order(kinds)

    def _context(self, above: tuple[int, ...]) -> Context:
        records = {
            plain(self._records[index].values.get(tags.RECORD_TYPE, b"")): self._records[
                index
            ].values
            for index in above
        }
        study, series = records.get(_STUDY, {}), records.get(_SERIES, {})
        return Context(
            patient=self._patient(records.get(_PATIENT, {})),
            study_instance_uid=plain(study.get(tags.STUDY_INSTANCE, b"")) or None,
            study_date=plain(study.get(tags.STUDY_DATE, b"")),
            study_description=self._text(study, tags.STUDY_DESCRIPTION)[0],
            series_instance_uid=plain(series.get(tags.SERIES_INSTANCE, b"")) or None,
            modality=plain(series.get(tags.MODALITY, b"")),
        )

    def _patient(self, patient: dict[int, bytes]) -> Patient:
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


def _entry(values: dict[int, bytes], context: Context) -> DirectoryEntry:
    return DirectoryEntry(
        untrusted_file_id=_file_id(values[tags.REFERENCED_FILE]),
        record_type=plain(values.get(tags.RECORD_TYPE, b"")),
        sop_class_uid=plain(values.get(tags.REFERENCED_CLASS, b"")) or None,
        sop_instance_uid=plain(values.get(tags.REFERENCED_INSTANCE, b"")) or None,
        context=context,
    )


def _links(values: dict[int, bytes], order: str) -> tuple[int, int]:
    next_record, lower = _numbers(
        order, values.get(tags.NEXT_RECORD, b""), values.get(tags.LOWER_RECORD, b"")
    )
    return next_record, lower


def _numbers(order: str, *values: bytes) -> tuple[int, ...]:
    """Return unsigned longs, 0 for what is none."""
    return tuple(
        int.from_bytes(value, "big" if order == ">" else "little") if len(value) == _LONG else 0
        for value in values
    )


def _file_id(untrusted: bytes) -> tuple[str, ...]:
    """Return the parts of (0004,1500); slashes of either kind in a part are writers' mistakes.

    A first part that is empty stays: it says that the name leads off the medium.
    """
    text = plain(untrusted).replace("/", "\\")
    parts = tuple(part.strip() for part in text.split("\\", MAX_FILE_ID_PARTS))
    whole = tuple(part for part in parts if part)
    return ("", *whole) if whole and not parts[0] else whole
