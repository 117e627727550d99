"""Which bytes of a file have come: pure bookkeeping over (offset, length), no bytes and no files.

The rule: a piece that came twice is one piece; two pieces that overlap must agree (the caller
compares what this module calls held); nothing may lie past the claimed size or past the end once
the end is known. What breaks the rule is a Contradiction and concerns this one file only.

Reassembly is by explicit offsets, as in RFC 815, but an overlap that differs is refused, never
resolved: who resolves overlaps lets two readers see two files.
"""

import bisect
from dataclasses import dataclass
from typing import Final

from passbox_poller.errors import Contradiction, Refusal

MAX_SPANS: Final = 10_000
"""Islands of bytes with gaps between them: an honest sender has as many as packs in flight."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from ``start`` up to, not including, ``end``."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Placement:
    """What of a piece is new and what was there before; both in order, together the piece."""

    fresh: tuple[Span, ...]
    held: tuple[Span, ...]


class Coverage:
    """The spans of one item that have come: disjoint, in order, never touching."""

    def __init__(self, most: int) -> None:
        """``most`` is the size the inventory claims, in bytes: no piece may end beyond it."""
        self._most = most
        self._spans: list[Span] = []
        self._end: tuple[int, bytes] | None = None

    @property
    def sha256(self) -> bytes | None:
        """Digest of the whole item as its sender said it, once its last piece came."""
        return self._end[1] if self._end else None

    @property
    def size(self) -> int | None:
        """Size in bytes, once the last piece came."""
        return self._end[0] if self._end else None

    @property
    def complete(self) -> bool:
        """Whether the end is known and no byte is missing."""
        if self._end is None:
            return False
        return self._end[0] == 0 or self._spans == [Span(0, self._end[0])]

    def place(self, offset: int, length: int, final_sha256: bytes | None = None) -> Placement:
        """Tell what of a piece is new; change nothing.

        ``final_sha256`` marks the item's last piece.

        Raises Contradiction when the piece cannot belong to the item.
        """
        piece = Span(offset, offset + length)
        if piece.end > self._most:
            raise Contradiction(Refusal.LARGER_THAN_CLAIMED)
        end = self._end_with(piece, final_sha256)
        if end is not None and max(piece.end, self._last_byte()) > end[0]:
            raise Contradiction(Refusal.CONTRADICTORY)
        return _split(piece, self._spans[self._first_reaching(piece.start) :])

    def add(self, offset: int, length: int, final_sha256: bytes | None = None) -> None:
        """Take note of a piece whose bytes are kept now.

        Raises as place() does and then changes nothing.
        """
        self.place(offset, length, final_sha256)
        piece = Span(offset, offset + length)
        if piece.length:
            self._join(piece)
        self._end = self._end_with(piece, final_sha256)

    def _end_with(self, piece: Span, final_sha256: bytes | None) -> tuple[int, bytes] | None:
        if final_sha256 is None:
            return self._end
        end = (piece.end, final_sha256)
        if self._end not in (None, end):
            raise Contradiction(Refusal.CONTRADICTORY)
        return end

    def _last_byte(self) -> int:
        return self._spans[-1].end if self._spans else 0

    def _first_reaching(self, start: int) -> int:
        """Return the index of the first span that ends at or behind ``start``."""
        return bisect.bisect_left(self._spans, start, key=lambda span: span.end)

    def _join(self, piece: Span) -> None:
        first = self._first_reaching(piece.start)
        last = bisect.bisect_right(self._spans, piece.end, key=lambda span: span.start)
        touched = self._spans[first:last]
        start = min([piece.start, *(span.start for span in touched)])
        end = max([piece.end, *(span.end for span in touched)])
        if len(self._spans) - len(touched) >= MAX_SPANS:
            raise Contradiction(Refusal.SCATTERED)
        self._spans[first:last] = [Span(start, end)]


def _split(piece: Span, spans: list[Span]) -> Placement:
    fresh: list[Span] = []
    held: list[Span] = []
    at = piece.start
    for span in spans:
        if span.start >= piece.end:
            break
        if span.start > at:
            fresh.append(Span(at, span.start))
        common = Span(max(at, span.start), min(piece.end, span.end))
        if common.length > 0:
            held.append(common)
        at = max(at, common.end)
    if at < piece.end:
        fresh.append(Span(at, piece.end))
    return Placement(tuple(fresh), tuple(held))
