"""The media of one transfer: which is which part, where its indexes begin, what is done. Pure.

The rule: a medium is known again by its marks, in whatever order it shows its files, so the same
one given twice is one part, and files keep their indexes. A part that is held whole needs its
medium no more. A manifest is made only when every part is through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from passbox_client.errors import MediumRefused, Trouble
from passbox_client.journal import Remembered
from passbox_client.resuming import Held, outcomes_of
from passbox_wire.ids import TransferId
from passbox_wire.manifest import FileOutcome, Manifest
from passbox_wire.pack import Kind

Marks = tuple[bytes, ...]


@dataclass(slots=True)
class _Part:
    """``outcomes`` is None until its files are through, each held or lost for good."""

    marks: Marks
    outcomes: tuple[FileOutcome, ...] | None = None


class Parts:
    """Every medium this transfer knows of, in order of part."""

    def __init__(self, remembered: Remembered | None, held: Held) -> None:
        """Start with what an earlier run did, as far as the receiver still has it."""
        self._parts: Final[list[_Part]] = []
        for number, part in enumerate(remembered.parts if remembered else ()):
            through = outcomes_of(part, self.next_index, held)
            if held.digest(Kind.INVENTORY, number) is None:
                through = None
            self._parts.append(_Part(part.marks, through))

    @property
    def next_index(self) -> int:
        """The index of the first file of a further medium."""
        return sum(len(part.marks) for part in self._parts)

    @property
    def count(self) -> int:
        """Media so far."""
        return len(self._parts)

    def number_of(self, marks: Marks) -> int:
        """Return the part with these files, a new one where there is none."""
        for number, part in enumerate(self._parts):
            if set(part.marks) == set(marks):
                return number
        self._parts.append(_Part(marks))
        return self.count - 1

    def indexes(self, number: int, marks: Marks) -> list[int]:
        """Return the index of each file of a part, in the order of ``marks``."""
        first = sum(len(part.marks) for part in self._parts[:number])
        place = {mark: first + n for n, mark in enumerate(self._parts[number].marks)}
        return [place[mark] for mark in marks]

    def is_through(self, number: int) -> bool:
        """Return whether nothing of a part is to be sent any more."""
        return self._parts[number].outcomes is not None

    def through(self, number: int, outcomes: Sequence[FileOutcome]) -> None:
        """Take what became of all files of a part."""
        self._parts[number].outcomes = tuple(outcomes)

    @property
    def wanted(self) -> tuple[int, ...]:
        """Parts whose medium has to come again."""
        return tuple(n for n, part in enumerate(self._parts) if part.outcomes is None)

    def manifest(self, transfer: TransferId) -> Manifest:
        """Return the manifest over all parts. Raises MediumRefused when a medium is wanted."""
        outcomes: list[FileOutcome] = []
        for number, part in enumerate(self._parts):
            if part.outcomes is None:
                raise MediumRefused(Trouble.MEDIUM_WANTED, number=number + 1)
            outcomes += part.outcomes
        outcomes.sort(key=lambda outcome: outcome.index)
        return Manifest(transfer, self.count, tuple(outcomes))
