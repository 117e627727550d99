"""Further discs of one transfer: named on the command line, or asked for at the drive."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from passbox.speaking import Language, errors

if TYPE_CHECKING:
    from passbox_client.review import NextMedium

_QUESTION: Final = {
    Language.GERMAN: "Nächste CD einlegen und Enter drücken, oder E und Enter zum Beenden: ",
    Language.ENGLISH: "Insert the next disc and press Enter, or E and Enter to end: ",
}


class MoreMedia:
    """Hands out the media that were named; then asks, where a person is there to ask."""

    def __init__(
        self, drive: Path, named: Sequence[Path], language: Language, *, ask: bool
    ) -> None:
        self._drive = drive
        self._named = [*named]
        self._language = language
        self._ask = ask and sys.stdin.isatty() and errors.is_terminal

    def next(self) -> "NextMedium | None":
        """Return the next medium, None when there is no more."""
        from passbox_client.review import NextMedium

        if self._named:
            return NextMedium(self._named.pop(0))
        if self._ask and not errors.input(_QUESTION[self._language], markup=False).strip():
            return NextMedium(self._drive)
        return None
