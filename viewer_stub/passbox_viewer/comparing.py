"""Comparing what a PACS holds under our UIDs with ours: fetched, hashed, thrown away.

Fetched by C-GET, else by C-MOVE. The rule: what was fetched never enters the store and never meets
a parser but the worker's. Equal are equal data set bytes; an archive that writes them anew gets a
second look: element by element and pixel by pixel. It judges nothing: the counts are shown to a
person.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from passbox_viewer.copying import Copier
from passbox_viewer.errors import (
    ArchiveChanged,
    ArchiveFailed,
    CannotCopy,
    PacsFailed,
    UnusableInstance,
)
from passbox_viewer.existing import Likeness
from passbox_viewer.fetching import Fetching
from passbox_viewer.instances import Instance
from passbox_viewer.lending import Lending
from passbox_viewer.moving import Moving
from passbox_viewer.pacs import MOST_CONTEXTS, PacsLink
from passbox_viewer.proof import distinct, place
from passbox_viewer.store import data_set_of

MOST_COMPARED: Final = 1000
"""Images; a person waits for the answer. The rest counts as unknown."""
_CONTEXTS_EACH: Final = 3
_MODELS: Final = 2
_MOST_PAIRS: Final = (MOST_CONTEXTS - _MODELS) // _CONTEXTS_EACH


class Comparer:
    """Compares with one PACS at a time. May be shared by threads."""

    def __init__(self, lender: Lending, copier: Copier) -> None:
        self._lender = lender
        self._copier = copier

    def compare(self, link: PacsLink, rows: Sequence[Instance]) -> Mapping[Likeness, int]:
        """Return how many of ``rows`` are how alike in the PACS; raise PacsFailed.

        It fails as a whole only when the PACS offers no way back or cannot be reached.
        """
        likenesses = Counter({Likeness.UNKNOWN: max(0, len(rows) - MOST_COMPARED)})
        compared = rows[:MOST_COMPARED]
        pairs = distinct((r.claims.sop_class_uid, r.claims.transfer_syntax_uid) for r in compared)
        for start in range(0, len(pairs), _MOST_PAIRS):
            some = pairs[start : start + _MOST_PAIRS]
            with link.fetching(some) as fetching:
                for row in compared:
                    if (row.claims.sop_class_uid, row.claims.transfer_syntax_uid) in some:
                        likenesses[self._likeness(fetching, row)] += 1
        return likenesses

    def _likeness(self, fetching: Fetching | Moving, row: Instance) -> Likeness:
        try:
            with _fetched(fetching, row) as theirs:
                return self._judge(row, theirs) if theirs is not None else Likeness.UNKNOWN
        except (ArchiveChanged, ArchiveFailed, CannotCopy, UnusableInstance, OSError):
            return Likeness.UNKNOWN

    def _judge(self, row: Instance, theirs: Path) -> Likeness:
        sha256, _ = data_set_of(theirs)
        if sha256 == row.data_set_sha256:
            return Likeness.SAME
        with self._lender.lend(row) as ours:
            mine, other = self._copier.fingerprint(ours), self._copier.fingerprint(theirs)
        if mine.pixels != other.pixels:
            return Likeness.OTHER
        return Likeness.SAME if mine.elements == other.elements else Likeness.SAME_PIXELS


@contextlib.contextmanager
def _fetched(fetching: Fetching | Moving, row: Instance) -> Iterator[Path | None]:
    """Lend the PACS's file of an instance, None when it gives none."""
    path: Path | None = None
    with contextlib.suppress(PacsFailed):
        path = fetching.fetch(*place(row), row.claims.sop_instance_uid)
    try:
        yield path
    finally:
        if path is not None:
            path.unlink(missing_ok=True)
