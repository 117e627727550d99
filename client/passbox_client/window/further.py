"""Further media of one sending: reviewed ones wait here, and the sending asks when it is through.

The rule: the sending ends only when nobody has promised another medium. What was given once is
handed out again in every attempt, so a line that was lost loses no medium.
"""

import itertools
import threading
from collections.abc import Callable, Iterable

from passbox_client.found import ScanResult
from passbox_client.review import NextMedium
from passbox_client.window.valve import Valve


class Further:
    """Given and promised in the window's thread, taken in the sending's.

    ``expected`` media are promised from the start: those of a transfer that is gone on with.
    """

    def __init__(self, given: Iterable[NextMedium] = (), *, expected: int = 0) -> None:
        self._given = [*given]
        self._expected = expected
        self._closed = False
        self._changed = threading.Condition()
        self.reading: ScanResult | None = None
        """The further medium that is being sent, None while it is the first."""

    def expect(self) -> bool:
        """Promise one more; False when the sending has ended without it."""
        with self._changed:
            if not self._closed:
                self._expected = max(1, self._expected)
            return not self._closed

    def give(self, medium: NextMedium) -> None:
        """Hand in what was promised."""
        with self._changed:
            self._given.append(medium)
            self._expected = max(0, self._expected - 1)
            self._changed.notify_all()

    def enough(self) -> None:
        """Take a promise back: there is no other medium."""
        with self._changed:
            self._expected = 0
            self._changed.notify_all()

    def asking(self, want: Callable[[], None], valve: Valve) -> Callable[[], NextMedium | None]:
        """Return what one attempt asks for its next medium; ``want`` tells that it waits."""
        media = itertools.count()
        self.reading = None

        def ask() -> NextMedium | None:
            found = self._wait_for(next(media), want)
            valve.pass_through()
            self.reading = _scan_of(found)
            return found

        return ask

    def _wait_for(self, number: int, want: Callable[[], None]) -> NextMedium | None:
        with self._changed:
            if number == len(self._given) and self._expected:
                want()
            while number == len(self._given) and self._expected:
                self._changed.wait()
            if number < len(self._given):
                return self._given[number]
            self._closed = True
            return None


def _scan_of(medium: NextMedium | None) -> ScanResult | None:
    return medium.medium if medium and isinstance(medium.medium, ScanResult) else None
