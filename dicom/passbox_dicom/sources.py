"""Where bytes come from: files and deflated data sets, read forward within limits.

Nothing is allocated by what a file claims; what was fetched and inflated is counted.
"""

import os
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from passbox_dicom.errors import HostileDicom, Limit, MalformedDicom

WINDOW_BYTES: Final = 12
"""As many at least window() has at hand, where there are so many: the longest head."""
_SEQUENTIAL_CHUNK: Final = 32 * 1024
_JUMP_CHUNK: Final = 4 * 1024
_INFLATE_STEP: Final = 64 * 1024


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


class Source(Protocol):
    """Bytes by offset, read forward."""

    def at(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``; fewer only at the end."""

    def reaches(self, offset: int) -> bool:
        """Return whether there are at least ``offset`` bytes."""

    def window(self, offset: int) -> tuple[bytes, int]:
        """Return bytes at hand and where in them ``offset`` is; there may be none behind it."""


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

    def window(self, offset: int) -> tuple[bytes, int]:
        self.at(offset, WINDOW_BYTES)
        return self._chunk, offset - self._start


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

    def window(self, offset: int) -> tuple[bytes, int]:
        self._fill(offset, offset + WINDOW_BYTES)
        return self._window, offset - self._start

    @property
    def ended(self) -> bool:
        """Whether the deflated bytes were read to their own end, and not just as far as they go."""
        return self._inflater.eof

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
