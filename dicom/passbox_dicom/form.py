"""How a file opens: Part 10, a bare data set, or ACR-NEMA; and in which encoding its data set is.

Files without preamble and meta header are recognised by whether their first elements make sense.
What the meta header says about the encoding is checked against the first element, because some
devices say one thing and write the other. (PS3.10 section 7.1, PS3.5 section 7.)
"""

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from passbox_dicom import tags, uids
from passbox_dicom.elements import Encoding, walk
from passbox_dicom.errors import DicomError, NotDicom, TruncatedDicom
from passbox_dicom.sources import DEFAULT_LIMITS, FileSource, ReadLimits, Source
from passbox_dicom.text import plain

PREAMBLE_BYTES: Final = 128
MAGIC: Final = b"DICM"
_META_TAGS: Final = {tags.TRANSFER_SYNTAX, tags.MEDIA_STORAGE_CLASS, tags.MEDIA_STORAGE_INSTANCE}
_MAX_META_VALUE: Final = 256

_ENCODINGS: Final = {
    uids.IMPLICIT_LITTLE: Encoding.IMPLICIT_LITTLE,
    uids.EXPLICIT_BIG: Encoding.EXPLICIT_BIG,
}
_TRANSFER_SYNTAXES: Final = {
    Encoding.IMPLICIT_LITTLE: uids.IMPLICIT_LITTLE,
    Encoding.EXPLICIT_LITTLE: uids.EXPLICIT_LITTLE,
    Encoding.EXPLICIT_BIG: uids.EXPLICIT_BIG,
}
_FIRST_GROUPS: Final = frozenset({0x0004, 0x0008})
_PLAUSIBLE_ELEMENTS: Final = 3
_PLAUSIBLE_GROUPS: Final = range(0x0004, 0x0030)
_PLAUSIBLE_LENGTH: Final = 64 * 1024


class Form(StrEnum):
    """How a file is written."""

    PART10 = "part10"
    HEADERLESS = "headerless"
    ACR_NEMA = "acr_nema"


@dataclass(frozen=True, slots=True)
class Opening:
    """What is before the data set.

    ``transfer_syntax_uid`` is what the file says, or what was found where it says nothing.
    """

    has_preamble: bool
    data_set_offset: int
    transfer_syntax_uid: str
    encoding: Encoding
    sop_class_uid: str | None
    sop_instance_uid: str | None

    @property
    def deflated(self) -> bool:
        """Whether the data set is deflated (PS3.5 A.5)."""
        return self.transfer_syntax_uid == uids.DEFLATED


def read_opening(file: BinaryIO, size: int, limits: ReadLimits = DEFAULT_LIMITS) -> Opening:
    """Read what comes before the data set of a file of ``size`` bytes.

    Raises:
        NotDicom: neither Part 10 nor a plausible bare data set.
        DicomError: the meta header is truncated or hostile.

    """
    source = FileSource(file, size, limits)
    start = source.at(0, PREAMBLE_BYTES + len(MAGIC))
    if start[PREAMBLE_BYTES:] == MAGIC:
        return _after_meta(source, len(start), has_preamble=True, limits=limits)
    if start[: len(MAGIC)] == MAGIC:
        return _after_meta(source, len(MAGIC), has_preamble=False, limits=limits)
    if start[:2] == b"\x02\0" and start[3:4] == b"\0":
        return _after_meta(source, 0, has_preamble=False, limits=limits)
    encoding = plausible_encoding(source, 0)
    if encoding is None:
        raise NotDicom("no DICOM in any form we know")
    return Opening(
        has_preamble=False,
        data_set_offset=0,
        transfer_syntax_uid=_TRANSFER_SYNTAXES[encoding],
        encoding=encoding,
        sop_class_uid=None,
        sop_instance_uid=None,
    )


def _after_meta(source: Source, start: int, *, has_preamble: bool, limits: ReadLimits) -> Opening:
    """Read group 0002; its own length element is a claim and is not used."""
    values: dict[int, str] = {}
    position = start
    elements = walk(source, Encoding.EXPLICIT_LITTLE, start, into_sequences=False, limits=limits)
    while source.at(position, 2) == b"\x02\0":
        element = next(elements)
        if element.tag in _META_TAGS:
            values[element.tag] = plain(
                source.at(element.offset, min(element.length, _MAX_META_VALUE))
            )
        position = element.offset + element.length
        if not source.reaches(position):
            raise TruncatedDicom("the file ends inside its meta header")
    said = values.get(tags.TRANSFER_SYNTAX)
    found = None if said == uids.DEFLATED else plausible_encoding(source, position)
    if found is None:
        found = _ENCODINGS.get(said or "", Encoding.EXPLICIT_LITTLE)
    return Opening(
        has_preamble=has_preamble,
        data_set_offset=position,
        transfer_syntax_uid=said or _TRANSFER_SYNTAXES[found],
        encoding=found,
        sop_class_uid=values.get(tags.MEDIA_STORAGE_CLASS),
        sop_instance_uid=values.get(tags.MEDIA_STORAGE_INSTANCE),
    )


def plausible_encoding(source: Source, start: int) -> Encoding | None:
    """Return the encoding in which the first elements from ``start`` make sense, or None."""
    head = source.at(start, 8)
    if len(head) < 8:  # noqa: PLR2004 - no room for one element
        return None
    has_vr = head[4:6].isalpha() and head[4:6].isupper()
    for encoding in (
        (Encoding.EXPLICIT_LITTLE, Encoding.EXPLICIT_BIG) if has_vr else (Encoding.IMPLICIT_LITTLE,)
    ):
        group = struct.unpack_from(encoding.order + "H", head)[0]
        if group in _FIRST_GROUPS and _makes_sense(source, encoding, start):
            return encoding
    return None


def _makes_sense(source: Source, encoding: Encoding, start: int) -> bool:
    """Whether the first elements ascend, are of early groups and are short."""
    previous = 0
    elements = walk(source, encoding, start, into_sequences=False)
    try:
        for _, element in zip(range(_PLAUSIBLE_ELEMENTS), elements, strict=False):
            if element.depth:
                continue
            if element.tag <= previous or element.tag >> 16 not in _PLAUSIBLE_GROUPS:
                return False
            if element.length > _PLAUSIBLE_LENGTH and element.vr != b"SQ":
                return False
            previous = element.tag
    except DicomError:
        return False
    return True
