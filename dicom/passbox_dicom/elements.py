"""Flat, bounded reading of data elements: the only parser that sees foreign bytes first.

Rules it keeps: no recursion; a length is compared with the bytes left before anything is read or
allocated; elements, depth, fetched and inflated bytes are counted against ReadLimits. It decodes no
values and judges no content. Encodings after DICOM PS3.5 sections 7.1, 7.5 and A.1-A.5.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple, Protocol

from passbox_dicom.errors import HostileDicom, Limit, MalformedDicom, TruncatedDicom

UNDEFINED: Final = 0xFFFFFFFF
"""The length of what ends with a delimiter instead."""

ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
PIXEL_DATA: Final = 0x7FE00010

_DELIMITER_GROUP: Final = 0xFFFE
_HEAD_BYTES: Final = 8
"""Tag and length, or tag, VR and short length (PS3.5 7.1)."""

_SHORT_VRS: Final = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
)
_SEQUENTIAL_CHUNK: Final = 32 * 1024
_JUMP_CHUNK: Final = 4 * 1024
_INFLATE_STEP: Final = 64 * 1024


class Encoding(StrEnum):
    """How the elements of a data set are written."""

    IMPLICIT_LITTLE = "implicit_little"
    EXPLICIT_LITTLE = "explicit_little"
    EXPLICIT_BIG = "explicit_big"

    @property
    def order(self) -> str:
        """The byte order as the struct module writes it."""
        return ">" if self is Encoding.EXPLICIT_BIG else "<"


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one file may cost; all in bytes where not said otherwise."""

    max_elements: int = 1_000_000
    max_depth: int = 50
    max_header_bytes: int = 256 * 1024 * 1024
    """Fetched from the file to read its structure; pixel data are jumped over."""
    max_value_bytes: int = 16 * 1024
    """Of one value we decode (names, numbers, UIDs)."""
    max_inflated_bytes: int = 1024 * 1024 * 1024
    """Of a deflated data set."""
    max_inflate_ratio: int = 100
    """What deflated data may grow by beyond ``free_inflated_bytes``; DEFLATE can do 1,032."""
    free_inflated_bytes: int = 64 * 1024 * 1024


DEFAULT_LIMITS: Final = ReadLimits()


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


class Source(Protocol):
    """Bytes by offset, read forward."""

    def at(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``; fewer only at the end."""

    def reaches(self, offset: int) -> bool:
        """Return whether there are at least ``offset`` bytes."""


class FileSource:
    """A seekable file of known size, fetched in chunks."""

    def __init__(self, file: BinaryIO, size: int, limits: ReadLimits = DEFAULT_LIMITS) -> None:
        self._file = file
        self._size = size
        self._left = limits.max_header_bytes
        self._start = 0
        self._chunk = b""

    def at(self, offset: int, length: int) -> bytes:
        low = offset - self._start
        if low >= 0 and low + length <= len(self._chunk):
            return self._chunk[low : low + length]
        return self._fetch(offset, length)

    def _fetch(self, offset: int, length: int) -> bytes:
        length = min(length, self._size - offset)
        if length <= 0:
            return b""
        sequential = offset <= self._start + len(self._chunk)
        self._file.seek(offset)
        self._chunk = self._file.read(max(length, _SEQUENTIAL_CHUNK if sequential else _JUMP_CHUNK))
        self._start = offset
        self._left -= len(self._chunk)
        if self._left < 0:
            raise HostileDicom(Limit.HEADER_BYTES)
        return self._chunk[:length]

    def reaches(self, offset: int) -> bool:
        return offset <= self._size


class InflatingSource:
    """A deflated data set (PS3.5 A.5), inflated forward in small steps; the past is let go."""

    def __init__(self, file: BinaryIO, start: int, limits: ReadLimits = DEFAULT_LIMITS) -> None:
        self._file = file
        self._next = start
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        packed = file.seek(0, os.SEEK_END) - start
        grown = max(limits.free_inflated_bytes, limits.max_inflate_ratio * packed)
        self._limit = min(limits.max_inflated_bytes, grown)
        self._start = 0
        self._window = b""

    def at(self, offset: int, length: int) -> bytes:
        self._fill(offset, offset + length)
        low = offset - self._start
        return self._window[low : low + length] if low >= 0 else b""

    def reaches(self, offset: int) -> bool:
        self._fill(offset, offset)
        return self._start + len(self._window) >= offset

    def rest(self) -> bytes:
        """Return everything from where the last read began, up to the limit on inflated bytes."""
        self._fill(self._start, self._limit + 1)
        return self._window

    def _fill(self, keep_from: int, until: int) -> None:
        """Inflate up to ``until``, letting go what lies before ``keep_from``."""
        if self._start + len(self._window) >= until:
            return
        parts = [self._window]
        reached = self._start + len(self._window)
        while reached < until and (step := self._step()):
            reached += len(step)
            if reached > self._limit:
                raise HostileDicom(Limit.INFLATED_BYTES)
            parts = [step] if reached - len(step) <= keep_from else [*parts, step]
        self._window = b"".join(parts)
        self._start = reached - len(self._window)

    def _step(self) -> bytes:
        """Return the next bytes, b"" at the end."""
        while not self._inflater.eof:
            packed = self._inflater.unconsumed_tail
            if not packed:
                self._file.seek(self._next)
                packed = self._file.read(_JUMP_CHUNK)
                self._next += len(packed)
                if not packed:
                    return b""
            try:
                step = self._inflater.decompress(packed, _INFLATE_STEP)
            except zlib.error as error:
                raise MalformedDicom("the deflated data set does not inflate") from error
            if step:
                return step
        return b""


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
) -> Iterator[Element]:
    """Yield the elements from ``start`` in the order of the file.

    Sequences of defined length are entered only with ``into_sequences``, else jumped over; those
    of undefined length have to be walked either way. Ends with the source or at trailing zeros.

    Raises:
        TruncatedDicom: the source ends inside an element.
        MalformedDicom: items and lengths contradict each other.
        HostileDicom: a limit was hit.

    """
    return _Walk(source, encoding, start, limits, into_sequences=into_sequences).elements()


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

    def elements(self) -> Iterator[Element]:
        """Yield until the end; see walk()."""
        source, stack = self._source, self._stack
        position = self._start
        left = self._limits.max_elements
        while True:
            while stack and stack[-1].end is not None and position >= stack[-1].end:
                stack.pop()
            head = source.at(position, 8)
            if len(head) < _HEAD_BYTES:
                self._expect_end(head)
                return
            left -= 1
            if left < 0:
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
