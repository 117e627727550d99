"""Coverage: whatever order, cut and repetition, honest pieces add up, and nothing else does."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passbox_poller.assembly import MAX_SPANS, Coverage, Placement, Span
from passbox_poller.errors import Contradiction, Refusal

DIGEST = bytes(32)
OTHER_DIGEST = bytes([1]) * 32
MOST = 60

piece = st.tuples(st.integers(0, MOST), st.integers(0, MOST)).filter(lambda p: sum(p) <= MOST)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """Return a size and pieces that tile it, shuffled, some twice."""
    size = draw(st.integers(1, MOST))
    borders = sorted({0, size, *draw(st.lists(st.integers(0, size), max_size=8))})
    tiles = [(a, b - a) for a, b in itertools.pairwise(borders)]
    again = draw(st.lists(st.sampled_from(tiles), max_size=5))
    return size, draw(st.permutations([*tiles, *again]))


def final(size: int, offset: int, length: int) -> bytes | None:
    """Return the digest if this piece is the last."""
    return DIGEST if offset + length == size else None


@given(cuts())
def test_tiles_in_any_order_complete_exactly_when_the_last_byte_came(
    cut: tuple[int, list[tuple[int, int]]],
) -> None:
    """A file is complete when each of its bytes came and the end is known, not earlier."""
    size, pieces = cut
    coverage = Coverage(size)
    came: set[int] = set()
    ended = False
    for offset, length in pieces:
        coverage.add(offset, length, final(size, offset, length))
        came |= set(range(offset, offset + length))
        ended |= offset + length == size
        assert coverage.complete == (ended and came == set(range(size)))
    assert coverage.complete
    assert (coverage.size, coverage.sha256) == (size, DIGEST)


@given(st.lists(piece, max_size=12), piece)
def test_a_piece_is_split_into_what_is_new_and_what_is_held(
    before: list[tuple[int, int]], asked: tuple[int, int]
) -> None:
    """Fresh and held spans are disjoint, are the piece together, and held is what came before."""
    coverage = Coverage(MOST)
    held: set[int] = set()
    for offset, length in before:
        coverage.add(offset, length)
        held |= set(range(offset, offset + length))
    offset, length = asked
    placement = coverage.place(offset, length)
    wanted = set(range(offset, offset + length))
    assert _bytes(placement.held) == wanted & held
    assert _bytes(placement.fresh) == wanted - held
    assert sum(s.length for s in (*placement.held, *placement.fresh)) == length


@given(st.lists(piece, max_size=12))
def test_placing_changes_nothing(pieces: list[tuple[int, int]]) -> None:
    """Asking where a piece goes leaves everything as it was."""
    coverage = Coverage(MOST)
    for offset, length in pieces:
        first = coverage.place(offset, length)
        assert coverage.place(offset, length) == first
        coverage.add(offset, length)


@given(piece)
def test_nothing_lies_beyond_the_claimed_size(asked: tuple[int, int]) -> None:
    """A piece that ends behind the claimed size is refused and leaves no trace."""
    offset, length = asked
    coverage = Coverage(max(0, offset + length - 1))
    if offset + length == 0:
        return
    with pytest.raises(Contradiction) as refused:
        coverage.add(offset, length)
    assert refused.value.refusal is Refusal.LARGER_THAN_CLAIMED
    assert not coverage.complete


@given(st.integers(0, 30), st.integers(1, 30))
def test_two_ends_contradict(size: int, more: int) -> None:
    """Another end, or the same end with another digest, is refused; the first one stays."""
    coverage = Coverage(MOST)
    coverage.add(0, size, DIGEST)
    for length, digest in ((size + more, DIGEST), (size, OTHER_DIGEST)):
        with pytest.raises(Contradiction):
            coverage.add(0, length, digest)
    assert (coverage.size, coverage.sha256) == (size, DIGEST)


def test_bytes_behind_the_end_are_refused_in_either_order() -> None:
    """A piece past the end, or an end before bytes that came, is a contradiction."""
    ended = Coverage(MOST)
    ended.add(0, 10, DIGEST)
    with pytest.raises(Contradiction):
        ended.add(10, 1)
    started = Coverage(MOST)
    started.add(20, 5)
    with pytest.raises(Contradiction):
        started.add(0, 10, DIGEST)
    assert started.sha256 is None


def test_an_empty_file_is_complete_with_its_end() -> None:
    """A file of no bytes is whole once its one empty piece came."""
    coverage = Coverage(0)
    assert not coverage.complete
    coverage.add(0, 0, DIGEST)
    assert coverage.complete


def test_crumbs_are_bounded() -> None:
    """Single bytes with gaps between them are refused beyond a number, so memory is bounded."""
    coverage = Coverage(3 * MAX_SPANS)
    for number in range(MAX_SPANS):
        coverage.add(2 * number, 1)
    with pytest.raises(Contradiction) as refused:
        coverage.add(2 * MAX_SPANS, 1)
    assert refused.value.refusal is Refusal.SCATTERED
    coverage.add(1, 1)  # closing a gap needs no room


def test_touching_pieces_become_one() -> None:
    """Neighbours leave no border behind: the next overlap is one held span."""
    coverage = Coverage(MOST)
    coverage.add(0, 10)
    coverage.add(10, 10)
    assert coverage.place(5, 10) == Placement((), (Span(5, 15),))


def _bytes(spans: tuple[Span, ...]) -> set[int]:
    return {byte for span in spans for byte in range(span.start, span.end)}
