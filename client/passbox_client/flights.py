"""Packs on their way, and how many may be at once: as the receiver and the line can take. Pure.

Half as many after trouble, one more after each round without: additive increase, multiplicative
decrease, RFC 5681 section 3.1 in the large. The rule: a pack lands once, held or failed.
"""

from passbox_client.errors import OutOfTurn


class Flights:
    """Numbers of packs. One upload's."""

    def __init__(self) -> None:
        self.window = 1
        """Packs that may be in flight."""
        self.numbers: set[int] = set()
        """Packs that are in flight."""
        self._most = 0
        self._held_in_a_row = 0

    def allow(self, most: int) -> None:
        """Take how many the receiver takes: the first time that many may fly, never more."""
        self.window = min(self.window, most) if self._most else most
        self._most = most

    @property
    def has_room(self) -> bool:
        """Whether one more may fly."""
        return len(self.numbers) < self.window

    def begin(self, number: int) -> None:
        """Take note that a pack begins its way."""
        self.numbers.add(number)

    def held(self, number: int) -> None:
        """Take note that a pack arrived; a whole round of them lets one more fly."""
        self._land(number)
        self._held_in_a_row += 1
        if self._held_in_a_row >= self.window:
            self.window, self._held_in_a_row = min(self.window + 1, self._most), 0

    def failed(self, number: int) -> None:
        """Take note that a pack did not arrive, as far as anybody knows.

        What was in flight together fails together: each halves, down to one at a time.
        """
        self._land(number)
        self.window, self._held_in_a_row = max(1, self.window // 2), 0

    def _land(self, number: int) -> None:
        if number not in self.numbers:
            raise OutOfTurn
        self.numbers.remove(number)
