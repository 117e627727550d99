"""How long to wait before a step is tried again.

Twice as long each time, up to a bound, with jitter.

Full jitter as in Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), from half
the step upwards. Pure: chance is handed in, nobody sleeps here.
"""

from collections.abc import Callable
from typing import Final

FIRST_SECONDS: Final = 0.2
MOST_SECONDS: Final = 15.0


class Backoff:
    """The waits of one step; succeeded() starts anew."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """``chance`` returns numbers from 0 up to 1."""
        self._chance = chance
        self._next = FIRST_SECONDS

    def failed(self) -> float:
        """Return the seconds to wait now."""
        step, self._next = self._next, min(2 * self._next, MOST_SECONDS)
        return step * (0.5 + self._chance() / 2)

    def succeeded(self) -> None:
        """Take note that the step worked."""
        self._next = FIRST_SECONDS
