"""Which codec a slice goes by: the densest while the line is busy, the cheapest while it waits.

The rule, for each slice anew: coding densely pays when the line waits for it no longer than the
bytes it saves would have taken. So a slow line gets the densest, a fast one the cheapest, and one
in between exactly the mixture that keeps both busy. A machine that is short of processor time makes
dense coding slow, which tips the balance by itself. On a line so fast that even a coder that never
rests would free little of it, nothing is coded densely: processors at both ends are what is short.

Before the line's speed is known a little goes cheaply, so that there is something to measure with;
then it is taken for a slow one. Pure: what is known is handed in.
"""

from dataclasses import dataclass
from typing import Final

_FRESH: Final = 0.3
_FIRST_GUESS: Final = 60e-9
"""Seconds a byte of dense coding, before anything was coded: 16 MB/s."""
_DENSER: Final = 6.0
"""Seconds of dense coding for each of the cheapest, on the same bytes, with a process between."""
_FIRST_BYTES: Final = 256 * 1024
_FIRST_BYTES_FAR: Final = 125e6
"""For each squared second of the round trip: from afar a first measure comes late, and waiting for
it costs more than it saves; who is that far is hardly behind a slow line."""
_SAVED: Final = 0.2
"""Bytes that dense coding saves for each byte, against the cheapest: CT, as measured."""
_NEAR_SECONDS: Final = 0.03
_FIRST_BYTES_NEAR: Final = 4 * 1024 * 1024
"""Whoever answers that soon is hardly behind a slow line."""
_MARGIN: Final = 1.5
_LEAST_FREED: Final = 0.4
"""Of the line, by a coder that never rests; less does not pay for undoing it at the other end."""
_START_SECONDS: Final = 0.3
"""What the first dense slice costs beside: a process of the coder's own."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``work``: seconds the line is busy; ``speed`` in bytes a second; None: not known yet."""

    work: float | None
    speed: float | None
    rtt: float | None


class Choice:
    """What one sending learned about coding. The caller sees to its threads."""

    def __init__(self) -> None:
        self._seconds_a_byte = _FIRST_GUESS
        self._cheap = 0
        self._started = False

    def is_dense(self, length: int, standing: Standing) -> bool:
        """Return whether ``length`` bytes are coded densely now."""
        if standing.work is None or standing.speed is None:
            self._cheap += length
            dense = self._cheap - length >= _first_bytes(standing.rtt)
        else:
            saved = _SAVED * length / standing.speed
            coding = self._seconds_a_byte * length
            cost = _MARGIN * coding + (0.0 if self._started else _START_SECONDS)
            waited = max(0.0, cost - max(0.0, standing.work))
            dense = saved >= _LEAST_FREED * coding and waited < saved
        self._started = self._started or dense
        return dense

    def took(self, length: int, seconds: float, *, dense: bool) -> None:
        """Take note of how long coding of ``length`` bytes took; cheap coding tells as well."""
        measured = (1.0 if dense else _DENSER) * seconds / max(length, 1)
        self._seconds_a_byte += _FRESH * (measured - self._seconds_a_byte)


def _first_bytes(rtt: float | None) -> float:
    """Return how much goes cheaply before the line's speed is known."""
    if rtt is not None and rtt < _NEAR_SECONDS:
        return _FIRST_BYTES_NEAR
    return _FIRST_BYTES + _FIRST_BYTES_FAR * (rtt or 0.0) ** 2
