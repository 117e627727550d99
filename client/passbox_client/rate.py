"""A cap on the rate of sending, for who shares his line with others.

The rule: over any stretch of time no more bytes leave than the rate allows, but for one piece. All
threads of an upload share one cap. It caps the bodies of packs; the rest is small.
"""

import io
import threading
from collections.abc import Callable
from typing import Final

from passbox_base.clocks import Clock

PIECE_BYTES: Final = 16 * 1024
_BITS: Final = 8


class RateCap:
    """Lets bytes pass at ``bits_per_second``."""

    def __init__(
        self, bits_per_second: float, clock: Clock, pause: Callable[[float], object]
    ) -> None:
        self._bytes_per_second = bits_per_second / _BITS
        self._clock = clock
        self._pause = pause
        self._free_at = 0.0
        self._lock = threading.Lock()

    def let_pass(self, length: int) -> None:
        """Return when ``length`` bytes may leave."""
        with self._lock:
            now = self._clock.monotonic()
            wait = max(0.0, self._free_at - now)
            self._free_at = now + wait + length / self._bytes_per_second
        if wait:
            self._pause(wait)

    def body(self, data: bytes) -> "CappedBody":
        """Return ``data`` as a request's body that leaves at this rate."""
        return CappedBody(data, self)


class CappedBody(io.BytesIO):
    """Bytes that are handed out no faster than the cap lets them pass."""

    def __init__(self, data: bytes, cap: RateCap) -> None:
        super().__init__(data)
        self._cap = cap

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(PIECE_BYTES if size is None or size < 0 else min(size, PIECE_BYTES))
        self._cap.let_pass(len(piece))
        return piece
