"""Changing single elements of a data set and leaving every other byte as it is. Pure.

The rule: nothing is decoded and written anew that need not be: private elements, wrong VRs and
broken character sets go through as they came. Only the order of bytes of big endian data is turned,
value by value (PS3.5 section 7.3). Runs in the worker; it judges no content.
"""

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Final

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from passbox_dicom.elements import ITEM, UNDEFINED, Element, Encoding, walk
from passbox_dicom.errors import MalformedDicom
from passbox_dicom.sources import FileSource

_SHORT_VRS: Final = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
)
"""With two bytes for the length (PS3.5 section 7.1.2)."""
_WIDTHS: Final[Mapping[bytes, int]] = {
    **dict.fromkeys((b"US", b"SS", b"OW", b"AT"), 2),
    **dict.fromkeys((b"UL", b"SL", b"FL", b"OF", b"OL"), 4),
    **dict.fromkeys((b"FD", b"OD", b"SV", b"UV", b"OV"), 8),
}
_DELIMITER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A top-level element: head from ``start``, value from ``value``, the next one at ``end``."""

    tag: int
    vr: bytes | None
    start: int
    value: int
    end: int
    length: int


def spans(file: BinaryIO, start: int, size: int, encoding: Encoding) -> Iterator[Span]:
    """Yield the top-level elements of a data set in a file, without gaps; raise DicomError.

    The data set lies from ``start`` to the end of the file, at ``size``.
    """
    elements = walk(FileSource(file, size), encoding, start, into_sequences=False)
    before: Element | None = None
    for one in elements:
        if one.depth or one.tag == ITEM:
            continue
        if before is not None:
            yield _span(before, _head_start(one))
        before = one
    if before is not None:
        yield _span(before, size)


def _span(one: Element, end: int) -> Span:
    return Span(one.tag, one.vr, _head_start(one), one.offset, end, one.length)


def _spans(data: bytes, encoding: Encoding) -> Iterator[Span]:
    return spans(io.BytesIO(data), 0, len(data), encoding)


def spliced(data: bytes, encoding: Encoding, elements: Mapping[int, bytes]) -> bytes:
    """Return ``data`` with whole encoded elements put in by tag, replacing those of that tag.

    An empty one takes the element away.
    """
    parts: list[bytes] = []
    left = sorted(elements)
    for span in _spans(data, encoding):
        while left and left[0] < span.tag:
            parts.append(elements[left.pop(0)])
        if left and left[0] == span.tag:
            parts.append(elements[left.pop(0)])
        else:
            parts.append(data[span.start : span.end])
    return b"".join([*parts, *(elements[tag] for tag in left)])


def with_item(data: bytes, encoding: Encoding, tag: int, item: bytes) -> bytes:
    """Return the sequence element ``tag`` of ``data`` with one more encoded item at its end."""
    for span in _spans(data, encoding):
        if span.tag == tag:
            if span.vr not in {None, b"SQ"}:
                raise MalformedDicom("a sequence that is not written as one")
            items = data[span.value : span.end]
            if span.length == UNDEFINED:
                items = items[:-_DELIMITER_BYTES]
            return sequence(encoding, tag, items + item)
    return sequence(encoding, tag, item)


def element_of(data: bytes, encoding: Encoding, tag: int) -> bytes:
    """Return a whole top-level element as it stands in ``data``, empty when it is not there."""
    found = (data[s.start : s.end] for s in _spans(data, encoding) if s.tag == tag)
    return next(found, b"")


def sequence(encoding: Encoding, tag: int, items: bytes) -> bytes:
    """Return a sequence element of defined length around encoded items."""
    order = encoding.order
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if encoding is not Encoding.IMPLICIT_LITTLE:
        head += b"SQ\0\0"
    return head + struct.pack(order + "I", len(items)) + items


def encoded(changed: Dataset, encoding: Encoding) -> dict[int, bytes]:
    """Return each element of ``changed`` as it stands in a data set of this encoding.

    Text is written in the Specific Character Set that ``changed`` names.
    """
    found = {}
    charset = changed.get("SpecificCharacterSet") or "iso8859"
    for element in changed:
        buffer = DicomBytesIO()
        buffer.is_little_endian = encoding is not Encoding.EXPLICIT_BIG
        buffer.is_implicit_VR = encoding is Encoding.IMPLICIT_LITTLE
        one = Dataset()
        one.add(element)
        write_dataset(buffer, one, charset)
        found[int(element.tag)] = buffer.getvalue()
    return found


def vr_of(one: Element) -> str:
    """Return the VR of an element, by the dictionary where the data set does not say it."""
    if one.vr is not None and one.vr != b"UN":
        return one.vr.decode("ascii", "replace")
    return _dictionary_vr(one.tag)


@lru_cache(maxsize=4096)
def _dictionary_vr(tag: int) -> str:
    return dictionary_VR(tag) if dictionary_has_tag(tag) else ""


def little(data: bytes) -> bytes:
    """Return an explicit big endian data set in explicit little endian; raise DicomError.

    Lengths stay as they are: every element is as long as before. Values of unknown VR (UN) have no
    order we know and stay too.
    """
    turned = bytearray(data)
    reached = 0
    source = FileSource(io.BytesIO(data), len(data))
    for one in walk(source, Encoding.EXPLICIT_BIG, 0, into_sequences=True):
        if one.vr == b"UN" and one.length == UNDEFINED:
            raise MalformedDicom("a little endian sequence in big endian data")
        start = _head_start(one)
        _turn_delimiters(turned, reached, start)
        _turn_head(turned, one, start)
        width = _WIDTHS.get(one.vr or b"", 1)
        is_container = one.tag == ITEM or one.vr == b"SQ" or one.length == UNDEFINED
        reached = one.offset if is_container else one.offset + one.length
        if not is_container and width > 1:
            turn(turned, one.offset, reached, width)
    _turn_delimiters(turned, reached, len(turned))
    return bytes(turned)


def turn(data: bytearray, start: int, end: int, width: int) -> None:
    """Reverse the order of bytes in values of ``width`` bytes, in place; raise MalformedDicom."""
    if (end - start) % width:
        raise MalformedDicom("a value that is no whole number of its units")
    part = data[start:end]
    for offset in range(width):
        data[start + offset : end : width] = part[width - 1 - offset :: width]


def _turn_head(turned: bytearray, one: Element, start: int) -> None:
    turn(turned, start, start + 4, 2)
    if one.vr is None:
        turn(turned, start + 4, start + 8, 4)
    elif one.offset - start == _DELIMITER_BYTES:
        turn(turned, start + 6, start + 8, 2)
    else:
        turn(turned, start + 8, start + 12, 4)


def _turn_delimiters(turned: bytearray, start: int, end: int) -> None:
    """Between elements there is nothing but delimiters: a tag and a length of zero."""
    for position in range(start, end - _DELIMITER_BYTES + 1, _DELIMITER_BYTES):
        turn(turned, position, position + 4, 2)


def _head_start(one: Element) -> int:
    # The walk gives no VR to elements that are written without one.
    return one.offset - (8 if one.vr is None or one.vr in _SHORT_VRS else 12)
