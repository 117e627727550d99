"""How often one source may ask, whatever it asks.

The rule: two windows a source, a second for bursts and a minute for the long run, and the same for
its IPv6 /48 with eight times the room; one a transfer for what is dear, a close. Counted in memory
by the `limits` library: a restart forgives. No disk is touched, so a flood costs little to refuse.
"""

import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from passbox_receiver.admission import WIDE_FACTOR
from passbox_receiver.settings import LimitsSection
from passbox_receiver.sources import Source
from passbox_wire.ids import TransferId

_MINUTE: Final = 60
_CLOSES: Final = RateLimitItemPerMinute(10)
"""How often a transfer may be closed in vain; a client asks what is held in between."""


class RequestRate:
    """Counts requests by source."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def seconds_to_wait(self, source: Source, limits: LimitsSection) -> int | None:
        """Count one request; return None when it may pass, else after how long to try again."""
        for key, factor in ((source.key, 1), (source.wide, WIDE_FACTOR)):
            if key is None:
                continue
            for window in _windows(limits, factor):
                wait = self._seconds(window, key)
                if wait is not None:
                    return wait
        return None

    def seconds_to_close(self, transfer: TransferId) -> int | None:
        """Count one close; return None when it may pass, else after how long to try again."""
        return self._seconds(_CLOSES, f"close {transfer}")

    def _seconds(self, window: RateLimitItem, key: str) -> int | None:
        if self._limiter.hit(window, key):
            return None
        reset = self._limiter.get_window_stats(window, key).reset_time
        return max(1, math.ceil(reset - time.time()))


def _windows(limits: LimitsSection, factor: int) -> tuple[RateLimitItem, RateLimitItem]:
    return (
        RateLimitItemPerSecond(factor * limits.burst),
        RateLimitItemPerMinute(factor * limits.requests_per_second_per_source * _MINUTE),
    )
