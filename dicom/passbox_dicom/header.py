"""The facts of one file: what it is, whose it is, where its pixels lie. Reads no pixel data.

Missing facts are None. Text is for showing (text.py), never a path, log line or HTML; UIDs are as
the file has them, ``Header.storable`` says whether they can be used.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from passbox_dicom import tags, uids
from passbox_dicom.elements import UNDEFINED, Element, Encoding, Taking, walk
from passbox_dicom.errors import HostileDicom, Limit, MalformedDicom, NotDicom, TruncatedDicom
from passbox_dicom.form import Form, Opening, read_opening
from passbox_dicom.pixels import PixelLayout
from passbox_dicom.sources import DEFAULT_LIMITS, FileSource, InflatingSource, ReadLimits, Source
from passbox_dicom.text import charset_terms, decode, plain

_ACR_NEMA_CODE: Final = "ACR-NEMA"
_SHORT: Final = 2
_MAX_NUMBER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the file says the patient is; empty text where it says nothing.

    ``birth_date`` as written, normally YYYYMMDD; ``name`` with its carets.
    """

    name: str
    patient_id: str
    birth_date: str
    sex: str
    charset_is_a_guess: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about itself.

    ``truncated`` means the file ends inside its data set; the facts are those before the end.
    ``pixel`` is None unless the pixel data are native and laid out as the header says.
    """

    form: Form
    encoding: Encoding
    transfer_syntax_uid: str
    sop_class_uid: str | None
    sop_instance_uid: str | None
    study_instance_uid: str | None
    series_instance_uid: str | None
    patient: Patient
    study_date: str
    study_description: str
    modality: str
    series_description: str
    series_number: int | None
    instance_number: int | None
    rows: int | None
    columns: int | None
    frames: int
    data_set_offset: int
    truncated: bool
    pixel: PixelLayout | None

    @property
    def is_directory(self) -> bool:
        """Whether this is a DICOMDIR, which is never an image."""
        return self.sop_class_uid == uids.MEDIA_STORAGE_DIRECTORY

    @property
    def storable(self) -> bool:
        """Whether C-STORE can carry it: usable UIDs and a storage SOP class."""
        return (
            self.form is not Form.ACR_NEMA
            and uids.is_uid(self.transfer_syntax_uid)
            and uids.is_uid(self.sop_instance_uid)
            and uids.is_uid(self.study_instance_uid)
            and uids.is_uid(self.series_instance_uid)
            and self.sop_class_uid is not None
            and uids.is_uid(self.sop_class_uid)
            and uids.is_storage_class(self.sop_class_uid)
        )


def read_header(file: BinaryIO, size: int, limits: ReadLimits = DEFAULT_LIMITS) -> Header:
    """Read the facts of a seekable file of ``size`` bytes.

    Raises:
        NotDicom: no DICOM in any form we know.
        TruncatedDicom: it ends before anything useful.
        MalformedDicom: items and lengths contradict each other before anything useful.
        HostileDicom: a limit was hit.

    """
    opening = read_opening(file, size, limits)
    source: Source
    if opening.deflated:
        source, start = InflatingSource(file, opening.data_set_offset, limits), 0
    else:
        source, start = FileSource(file, size, limits), opening.data_set_offset
    return _Reading(opening, source, limits).header(start)


class _Reading:
    """The values of one file while they are being collected."""

    def __init__(self, opening: Opening, source: Source, limits: ReadLimits) -> None:
        self._opening = opening
        self._source = source
        self._limits = limits
        self._values: dict[int, bytes] = {}
        self._pixel_element: Element | None = None

    def header(self, start: int) -> Header:
        truncated = False
        try:
            self._collect(start)
        except (TruncatedDicom, MalformedDicom):
            if tags.STUDY_INSTANCE not in self._values:
                raise
            truncated = True
        if not self._values and not self._opening.has_preamble:
            raise NotDicom("no element we know")
        return self._facts(truncated=truncated)

    def _collect(self, start: int) -> None:
        """Keep the raw values we want; stop at the pixel data, checking that they are all there."""
        source, values = self._source, self._values
        wanted = tags.FACTS
        for element in walk(
            source,
            self._opening.encoding,
            start,
            into_sequences=False,
            limits=self._limits,
            taking=Taking(wanted, values),
        ):
            if element.depth:
                continue
            tag = element.tag
            if tag in wanted:
                if element.length > self._limits.max_value_bytes:
                    raise HostileDicom(Limit.VALUE_BYTES)
                values[tag] = source.at(element.offset, element.length)
            elif tag >= tags.PIXEL_GROUP:
                if tag == tags.PIXEL_DATA:
                    self._pixel_element = element
                if element.length != UNDEFINED and not source.reaches(
                    element.offset + element.length
                ):
                    raise TruncatedDicom("the file ends inside the pixel data")
                return

    def _facts(self, *, truncated: bool) -> Header:
        text = _Texts(self._values)
        opening = self._opening
        patient_name = text.shown(tags.PATIENT_NAME, person_name=True)
        patient_id = text.shown(tags.PATIENT_ID)
        return Header(
            form=self._form(),
            encoding=opening.encoding,
            transfer_syntax_uid=opening.transfer_syntax_uid,
            sop_class_uid=text.code(tags.SOP_CLASS) or opening.sop_class_uid,
            sop_instance_uid=text.code(tags.SOP_INSTANCE) or opening.sop_instance_uid,
            study_instance_uid=text.code(tags.STUDY_INSTANCE) or None,
            series_instance_uid=text.code(tags.SERIES_INSTANCE) or None,
            patient=Patient(
                name=patient_name,
                patient_id=patient_id,
                birth_date=text.code(tags.BIRTH_DATE),
                sex=text.code(tags.SEX),
                charset_is_a_guess=text.guessed,
            ),
            study_date=text.code(tags.STUDY_DATE),
            study_description=text.shown(tags.STUDY_DESCRIPTION),
            modality=text.code(tags.MODALITY),
            series_description=text.shown(tags.SERIES_DESCRIPTION),
            series_number=text.number(tags.SERIES_NUMBER),
            instance_number=text.number(tags.INSTANCE_NUMBER),
            rows=self._unsigned(tags.ROWS),
            columns=self._unsigned(tags.COLUMNS),
            data_set_offset=opening.data_set_offset,
            truncated=truncated,
            pixel=self._pixel_layout(text),
            frames=max(1, text.number(tags.FRAMES) or 1),
        )

    def _form(self) -> Form:
        if self._opening.has_preamble:
            return Form.PART10
        values = self._values
        code = plain(values.get(tags.RECOGNITION_CODE, b""))
        ancient = code.startswith(_ACR_NEMA_CODE) or tags.LENGTH_TO_END in values
        if ancient and tags.SOP_CLASS not in values:
            return Form.ACR_NEMA
        return Form.HEADERLESS

    def _unsigned(self, tag: int) -> int | None:
        value = self._values.get(tag, b"")
        if len(value) < _SHORT:
            return None
        number: int = struct.unpack_from(self._opening.encoding.order + "H", value)[0]
        return number

    def _pixel_layout(self, text: "_Texts") -> PixelLayout | None:
        element = self._pixel_element
        if element is None or element.length == UNDEFINED or self._opening.deflated:
            return None
        rows, columns = self._unsigned(tags.ROWS), self._unsigned(tags.COLUMNS)
        bits = self._unsigned(tags.BITS_ALLOCATED)
        if not rows or not columns or not bits or bits % 8:
            return None
        layout = PixelLayout(
            offset=element.offset,
            length=0,
            rows=rows,
            columns=columns,
            samples=self._unsigned(tags.SAMPLES) or 1,
            bits_allocated=bits,
            bits_stored=self._unsigned(tags.BITS_STORED) or bits,
            signed=self._unsigned(tags.SIGNED) == 1,
            frames=max(1, text.number(tags.FRAMES) or 1),
            planar=self._unsigned(tags.PLANAR) == 1,
            big_endian=self._opening.encoding is Encoding.EXPLICIT_BIG,
        )
        length = layout.frame_bytes * layout.frames
        return replace(layout, length=length) if length <= element.length else None


class _Texts:
    """Text values of one file, remembering whether any was a guess."""

    def __init__(self, values: Mapping[int, bytes]) -> None:
        self._values = values
        self._terms = charset_terms(values.get(tags.CHARSET, b""))
        self.guessed = False

    def shown(self, tag: int, *, person_name: bool = False) -> str:
        shown = decode(self._values.get(tag, b""), self._terms, person_name=person_name)
        self.guessed = self.guessed or shown.is_a_guess
        return shown.text

    def code(self, tag: int) -> str:
        return plain(self._values.get(tag, b""))

    def number(self, tag: int) -> int | None:
        """Return an integer string (IS), None when it is none."""
        text = self.code(tag).split("\\")[0].strip()
        digits = text.removeprefix("-").removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(_MAX_NUMBER))):
            return None
        number = int(text)
        return number if abs(number) <= _MAX_NUMBER else None
