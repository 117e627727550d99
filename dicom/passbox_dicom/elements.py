"""Flat, bounded reading of data elements: the only parser that sees foreign bytes first.

Rules it keeps: no recursion; a length is compared with the bytes left before anything is read or
allocated; elements, depth, fetched and inflated bytes are counted against ReadLimits. It decodes no
values and judges no content. Encodings after DICOM PS3.5 sections 7.1, 7.5 and A.1-A.5.
"""

import struct
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from passbox_dicom.errors import HostileDicom, Limit, MalformedDicom, TruncatedDicom
from passbox_dicom.sources import DEFAULT_LIMITS, WINDOW_BYTES, ReadLimits, Source

UNDEFINED: Final = 0xFFFFFFFF
"""The length of what ends with a delimiter instead."""

ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
PIXEL_DATA: Final = 0x7FE00010

_DELIMITER_GROUP: Final = 0xFFFE
_PLAIN_FROM: Final = 0x00020000
_PLAIN_TO: Final = 0x7FE00000
"""Between these there are neither group 0002, pixel data nor delimiters."""
_HEAD_BYTES: Final = 8
"""Tag and length, or tag, VR and short length (PS3.5 7.1)."""

_EXPLICIT_HEAD: Final = struct.Struct("<HH2sH")
_IMPLICIT_HEAD: Final = struct.Struct("<HHI")
_LONG_LENGTH: Final = struct.Struct("<I")
_LONG_VRS: Final = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT_VRS: Final = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
)


class Encoding(StrEnum):
    """How the elements of a data set are written."""

    IMPLICIT_LITTLE = "implicit_little"
    EXPLICIT_LITTLE = "explicit_little"
    EXPLICIT_BIG = "explicit_big"

    @property
    def order(self) -> str:
        """The byte order as the struct module writes it."""
        return ">" if self is Encoding.EXPLICIT_BIG else "<"


class Element(NamedTuple):
    """Where an element lies; a tuple because a file has many thousands of them.

    ``vr`` is None where the encoding does not say it; ``offset`` is that of the value; ``depth``
    is 0 for the data set itself. Items appear as elements with the tag ITEM.
    """

    tag: int
    vr: bytes | None
    offset: int
    length: int
    depth: int


class Taking(NamedTuple):
    """Tags whose values are wanted, and the values that were taken in passing."""

    wanted: frozenset[int]
    values: dict[int, bytes]


class _Kind(StrEnum):
    """What is open while walking."""

    SEQUENCE = "sequence"
    ITEM = "item"
    FRAGMENTS = "fragments"


class _Open(NamedTuple):
    """A sequence or item we are inside of; ``bound`` is the innermost defined end."""

    kind: _Kind
    end: int | None
    bound: int | None
    encoding: Encoding


@lru_cache(maxsize=4096)
def _is_sequence_by_dictionary(tag: int) -> bool:
    # Loaded when first needed: pydicom takes longer to come up than a disc to show its first study.
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    return dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"


def walk(
    source: Source,
    encoding: Encoding,
    start: int,
    *,
    into_sequences: bool,
    limits: ReadLimits = DEFAULT_LIMITS,
    taking: Taking | None = None,
) -> Iterator[Element]:
    """Yield the elements from ``start`` in the order of the file.

    Sequences of defined length are entered only with ``into_sequences``, else jumped over; those
    of undefined length have to be walked either way. Ends with the source or at trailing zeros.
    With ``taking``, and without ``into_sequences``, elements before the pixel data may be left out;
    they are counted and checked all the same, and the wanted ones may be in ``taking`` already.

    Raises:
        TruncatedDicom: the source ends inside an element.
        MalformedDicom: items and lengths contradict each other.
        HostileDicom: a limit was hit.

    """
    walking = _Walk(source, encoding, start, limits, into_sequences=into_sequences)
    walking.taking = taking
    return walking.elements()


class _Walk:
    """One pass over a source; the stack of what is open stands in for recursion."""

    def __init__(
        self,
        source: Source,
        encoding: Encoding,
        start: int,
        limits: ReadLimits,
        *,
        into_sequences: bool,
    ) -> None:
        self._source = source
        self._limits = limits
        self._into_sequences = into_sequences
        self._stack: list[_Open] = []
        self._outer = encoding
        self._start = start
        self._left = limits.max_elements
        self.taking: Taking | None = None

    def elements(self) -> Iterator[Element]:
        """Yield until the end; see walk()."""
        source, stack = self._source, self._stack
        position = self._start
        while True:
            if self.taking is not None and not stack:
                position = self._pass_over(position, self.taking)
            while stack and stack[-1].end is not None and position >= stack[-1].end:
                stack.pop()
            head = source.at(position, 8)
            if len(head) < _HEAD_BYTES:
                self._expect_end(head)
                return
            self._left -= 1
            if self._left < 0:
                raise HostileDicom(Limit.ELEMENTS)
            encoding = stack[-1].encoding if stack else self._outer
            tag, vr, offset, length = self._read_head(head, position, encoding)
            if tag >> 16 == _DELIMITER_GROUP:
                position = self._delimiter(tag, offset, length, encoding)
                if tag == ITEM:
                    yield Element(tag, None, offset, length, len(stack))
                continue
            if stack and stack[-1].kind is not _Kind.ITEM:
                raise MalformedDicom("an element where an item should be")
            if tag == 0 and not stack and position > self._start:
                return  # trailing zeros after the data set, not elements
            yield Element(tag, vr, offset, length, len(stack))
            position = self._after(tag, vr, offset, length, encoding)

    def _pass_over(self, position: int, taking: Taking) -> int:
        """Return where the first element is that has to be looked at, taking wanted values.

        A tight loop over the bytes at hand: headers are read by the hundred thousand.
        """
        if self._outer is Encoding.EXPLICIT_BIG:
            return position
        chunk, low = self._source.window(position)
        begin, end = low, len(chunk)
        wanted, values = taking.wanted, taking.values
        explicit = self._outer is Encoding.EXPLICIT_LITTLE
        while 0 <= low <= end - WINDOW_BYTES and self._left > 1:
            if explicit:
                group, number, vr, length = _EXPLICIT_HEAD.unpack_from(chunk, low)
                after = low + _HEAD_BYTES
                if vr in _LONG_VRS:
                    (length,) = _LONG_LENGTH.unpack_from(chunk, after)
                    after += 4
                elif vr not in _SHORT_VRS:
                    break
            else:
                group, number, length = _IMPLICIT_HEAD.unpack_from(chunk, low)
                after = low + _HEAD_BYTES
            tag = group << 16 | number
            if length == UNDEFINED or not _PLAIN_FROM < tag < _PLAIN_TO:
                break
            if tag in wanted:
                if after + length > end or length > self._limits.max_value_bytes:
                    break
                values[tag] = chunk[after : after + length]
            low = after + length
            self._left -= 1
        self._expect_room(position + low - begin)
        return position + low - begin

    def _read_head(
        self, head: bytes, position: int, encoding: Encoding
    ) -> tuple[int, bytes | None, int, int]:
        order = ">" if encoding is Encoding.EXPLICIT_BIG else "<"
        group, number = struct.unpack_from(order + "HH", head)
        tag: int = group << 16 | number
        vr = head[4:6]
        if encoding is Encoding.IMPLICIT_LITTLE or group == _DELIMITER_GROUP:
            return tag, None, position + 8, struct.unpack_from(order + "I", head, 4)[0]
        if vr in _SHORT_VRS:
            return tag, vr, position + 8, struct.unpack_from(order + "H", head, 6)[0]
        if not (vr.isalpha() and vr.isupper()):
            # A known fault of real devices: implicit elements within an explicit data set.
            return tag, None, position + 8, struct.unpack_from(order + "I", head, 4)[0]
        long_length = self._source.at(position + 8, 4)
        if len(long_length) < _HEAD_BYTES // 2:
            raise TruncatedDicom("the file ends inside an element's head")
        return tag, vr, position + 12, struct.unpack(order + "I", long_length)[0]

    def _after(
        self, tag: int, vr: bytes | None, offset: int, length: int, encoding: Encoding
    ) -> int:
        """Return where the next head is, entering what has to be entered."""
        if length == UNDEFINED:
            if vr == b"SQ" or (vr is None and tag != PIXEL_DATA):
                self._enter(_Kind.SEQUENCE, None, encoding)
            elif vr == b"UN":
                # PS3.5 6.2.2 note 2: its items are implicit little endian.
                self._enter(_Kind.SEQUENCE, None, Encoding.IMPLICIT_LITTLE)
            else:
                self._enter(_Kind.FRAGMENTS, None, encoding)
            return offset
        if (
            self._into_sequences
            and length
            and (vr == b"SQ" or (vr is None and _is_sequence_by_dictionary(tag)))
        ):
            self._enter(_Kind.SEQUENCE, offset + length, encoding)
            return offset
        self._expect_room(offset + length)
        return offset + length

    def _delimiter(self, tag: int, offset: int, length: int, encoding: Encoding) -> int:
        """Handle an item or delimiter; return where the next head is."""
        inside = self._stack[-1] if self._stack else None
        if tag == ITEM and inside is not None and inside.kind is not _Kind.ITEM:
            if inside.kind is _Kind.SEQUENCE:
                end = None if length == UNDEFINED else offset + length
                self._enter(_Kind.ITEM, end, encoding)
                return offset
            self._expect_room(offset + length)
            return offset + length
        if tag == _ITEM_END and inside is not None and inside.kind is _Kind.ITEM:
            self._stack.pop()
            return offset
        if tag == _SEQUENCE_END and inside is not None and inside.kind is not _Kind.ITEM:
            self._stack.pop()
            return offset
        raise MalformedDicom("an item or delimiter where none can be")

    def _enter(self, kind: _Kind, end: int | None, encoding: Encoding) -> None:
        if len(self._stack) >= 2 * self._limits.max_depth:  # a level is a sequence and its item
            raise HostileDicom(Limit.DEPTH)
        if end is not None:
            self._expect_within(end)  # whether it is all there shows when it is walked
        bound = end if end is not None else (self._stack[-1].bound if self._stack else None)
        self._stack.append(_Open(kind, end, bound, encoding))

    def _expect_within(self, end: int) -> None:
        if self._stack and (bound := self._stack[-1].bound) is not None and end > bound:
            raise MalformedDicom("a length reaches beyond the sequence it is in")

    def _expect_room(self, end: int) -> None:
        self._expect_within(end)
        if not self._source.reaches(end):
            raise TruncatedDicom("the file ends inside an element")

    def _expect_end(self, rest: bytes) -> None:
        if any(rest) or self._stack:
            raise TruncatedDicom("the file ends inside the data set")
