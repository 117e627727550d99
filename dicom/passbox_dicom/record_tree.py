"""Which directory record stands above which: by their links when these hold, else by their order.

Links (offsets of the next and of the first lower record) are followed at most once a record, so
they cannot run in circles; unless they reach every record exactly once they are not believed. Both
ways give the same tree on a disc written in the usual order. (PS3.3 F.2.2.)
"""

from collections.abc import Sequence
from typing import Final

Above = tuple[int, ...]
"""Indexes of the records above one, from the top."""

_LEVELS: Final = ("PATIENT", "STUDY", "SERIES")
_MOST_LEVELS: Final = 8
_NO_RECORD: Final = 0


def by_links(
    first: int, offsets: Sequence[int], links: Sequence[tuple[int, int]]
) -> list[Above] | None:
    """Return what stands above each record, None when the links do not hold.

    ``first`` and the links (next, lower) are offsets in the file, 0 for none; ``offsets`` are those
    of the records.
    """
    index_at = {offset: index for index, offset in enumerate(offsets)}
    above: list[Above | None] = [None] * len(offsets)
    waiting: list[tuple[int, Above]] = [(first, ())]
    while waiting:
        offset, upper = waiting.pop()
        if offset == _NO_RECORD:
            continue
        index = index_at.get(offset)
        if index is None or above[index] is not None or len(upper) > _MOST_LEVELS:
            return None
        above[index] = upper
        next_record, lower = links[index]
        waiting += [(next_record, upper), (lower, (*upper, index))]
    whole = [upper for upper in above if upper is not None]
    return whole if len(whole) == len(above) else None


def by_order(kinds: Sequence[str]) -> list[Above]:
    """Return what stands above each record when each stands below the last of the upper levels."""
    open_levels: dict[str, int] = {}
    above: list[Above] = []
    for index, kind in enumerate(kinds):
        if kind in _LEVELS:
            for lower in _LEVELS[_LEVELS.index(kind) :]:
                open_levels.pop(lower, None)
        above.append(tuple(open_levels[level] for level in _LEVELS if level in open_levels))
        if kind in _LEVELS:
            open_levels[kind] = index
    return above
