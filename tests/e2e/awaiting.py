"""Waiting for what other processes do: they give no event, so one looks until a deadline."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

DEADLINE: Final = 240.0  # seconds; against hangs, not a measurement
_LOOK_SECONDS: Final = 0.05
SeenT = TypeVar("SeenT")


def eventually(look: Callable[[], SeenT | None], what: str, deadline: float = DEADLINE) -> SeenT:
    """Return the first true answer of ``look``; fail naming ``what`` when none came in time."""
    ends = time.monotonic() + deadline
    between = threading.Event()
    while not (seen := look()):
        if time.monotonic() > ends:
            raise AssertionError(f"waited {deadline:.0f} s in vain for {what}")
        between.wait(_LOOK_SECONDS)
    return seen
