"""The time, as something handed in.

Why here: every program stamps, expires and retries, and a test must be able to say what time it
is. The rule: nobody in this code base calls the system's clock except SystemClock. It does not
sleep: waiting is the business of whoever owns the loop.
"""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What a program needs to know about time."""

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards; only differences mean something."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
