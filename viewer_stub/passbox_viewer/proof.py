"""Proof that a PACS holds what we sent, by its own word: storage commitment, else its list.

The rule: our own C-STORE status is no proof. A PACS that offers commitment and withholds it for an
instance is not overruled by its list. It sends nothing and decides nothing about what is left.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from passbox_viewer.commitment import Commitments
from passbox_viewer.index import Index
from passbox_viewer.instances import Forwarding, Instance, Proof
from passbox_viewer.pacs import PacsLink

PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between questions after sending: archives know an image a little after taking it."""

ValueT = TypeVar("ValueT")


class Prover:
    """Asks one PACS about the instances of one transfer."""

    def __init__(self, link: PacsLink, index: Index, commitments: Commitments) -> None:
        self._link = link
        self._index = index
        self._commitments = commitments
        self._commits = commitments.listening

    def prove(self, rows: Sequence[Instance]) -> None:
        """Ask once, and note what the PACS vouches for; raise PacsFailed."""
        if rows and not self._committed(rows):
            self._list(rows)

    def prove_patiently(
        self, left: Callable[[], list[Instance]], pause: Callable[[float], bool]
    ) -> None:
        """Ask until nothing that was sent is ``left`` unproved, or for as long as is sensible.

        ``pause`` waits so many seconds and returns whether to go on. Raises PacsFailed.
        """
        for seconds in (0.0, *PAUSES):
            sent = [row for row in left() if row.forwarding is Forwarding.SENT]
            if not sent or not pause(seconds):
                return
            self.prove(sent)

    def _committed(self, rows: Sequence[Instance]) -> bool:
        """Return whether the PACS answered by commitment; if not, it is not asked so again."""
        if not self._commits:
            return False
        committed = self._commitments.ask(self._link, [row.claims for row in rows])
        if committed is None:
            self._commits = False
            return False
        numbers = [row.number for row in rows if row.claims.sop_instance_uid in committed]
        self._index.note_in_pacs(numbers, Proof.COMMITTED)
        return True

    def _list(self, rows: Sequence[Instance]) -> None:
        """Ask what the PACS lists of the series of these instances."""
        with self._link.asking() as question:
            for study, series in distinct(place(row) for row in rows):
                held = question.held(study, series)
                there = [
                    row.number
                    for row in rows
                    if place(row) == (study, series) and row.claims.sop_instance_uid in held
                ]
                self._index.note_in_pacs(there, Proof.LISTED)


def place(row: Instance) -> tuple[str, str]:
    """Return the Study and Series Instance UIDs of an instance, empty when unreadable."""
    facts = row.facts
    return (facts.study_instance_uid, facts.series_instance_uid) if facts else ("", "")


def distinct(values: Iterable[ValueT]) -> list[ValueT]:
    """Return the values, each once, in the order they first came."""
    return list(dict.fromkeys(values))
