"""The line as seen from its end: how fast it is, how long it takes, what is still on it. Pure.

Times are handed in (monotonic seconds), nothing here waits. The rule: an answer's time is the round
trip, plus the bytes that travelled meanwhile at the line's speed. The shortest answer ever is the
round trip; what travelled meanwhile is the pack itself and the share of every pack whose time on
the line overlapped. Where the latency alone limits us the speed comes out too high, which makes
packs larger, and with larger packs it comes out right.

Not congestion control: that is TCP's, one level below.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from passbox_wire.pack import MAX_PACK_BYTES, MIN_PACK_BYTES

_FRESH: Final = 0.4
"""Weight of a new measurement against all before it."""
_REMEMBERED: Final = 16
_LEAST_SHARE: Final = 0.2
"""Of an answer's time that is never taken for latency: the first answers came late as well."""
_FIRST_TARGET: Final = 512 * 1024
_WORTH_A_REQUEST: Final = 0.02


@dataclass(slots=True)
class _Flight:
    """A pack on the line."""

    length: int
    start: float
    end: float | None = None


class Pace:
    """Measures from what was sent and answered. One upload's; the caller sees to its threads."""

    def __init__(self) -> None:
        self.rtt: float | None = None
        """Seconds of the shortest answer."""
        self.bytes_per_second: float | None = None
        self._flights: dict[int, _Flight] = {}

    def answered(self, seconds: float) -> None:
        """Take the time of a request that carried nothing much."""
        self.rtt = seconds if self.rtt is None else min(self.rtt, seconds)

    def sent(self, number: int, length: int, now: float) -> None:
        """Take note that a pack begins its way."""
        self._flights[number] = _Flight(length, now)

    def failed(self, number: int) -> None:
        """Forget a pack that did not arrive: it tells nothing of the speed."""
        self._flights.pop(number, None)

    def held(self, number: int, now: float) -> None:
        """Take note that a pack was answered."""
        flight = self._flights.get(number)
        if flight is None or flight.end is not None:
            return
        flight.end = now
        seconds = max(now - flight.start, 1e-6)
        self.answered(seconds)
        moving = max(seconds - (self.rtt or 0.0), _LEAST_SHARE * seconds)
        if flight.length >= MIN_PACK_BYTES // 4:  # small ones measure the latency only
            speed = self._travelled(flight, seconds) / moving
            before = self.bytes_per_second
            self.bytes_per_second = speed if before is None else before + _FRESH * (speed - before)
        self._forget()

    def _travelled(self, own: _Flight, seconds: float) -> float:
        """Return the bytes that were on the line during a flight, each pack by its share."""
        stop = own.start + seconds
        return sum(_overlap(f, own.start, stop, seconds) for f in self._flights.values())

    def _forget(self) -> None:
        ended = [number for number, f in self._flights.items() if f.end is not None]
        for number in ended[:-_REMEMBERED]:
            del self._flights[number]

    def seconds_of_work(self, lengths: Iterable[int]) -> float | None:
        """Return how long the line is busy with packs that are not answered; None: not known."""
        if self.bytes_per_second is None:
            return None
        return sum(lengths) / self.bytes_per_second - (self.rtt or 0.0)

    def pack_target(self, requests: int) -> int:
        """Return the plaintext bytes to aim at: what gets through in a second.

        ``requests`` of them at a time share the line. Within the contract.
        """
        if self.bytes_per_second is None:
            return _FIRST_TARGET
        return _within(self.bytes_per_second / requests)

    def least_pack(self, requests: int) -> int:
        """Return what is worth a request of its own while the line waits for something.

        ``requests`` of them at a time have to keep a long line full.
        """
        if self.bytes_per_second is None:
            return MIN_PACK_BYTES
        seconds = max((self.rtt or 0.0) / requests, _WORTH_A_REQUEST)
        return _within(self.bytes_per_second * seconds)


def _overlap(flight: _Flight, start: float, stop: float, usual: float) -> float:
    """Return a pack's bytes by the share of its own time that lay in [start, stop]."""
    whole = usual if flight.end is None else flight.end - flight.start
    shared = min(stop, flight.end or stop) - max(start, flight.start)
    return flight.length * min(1.0, max(0.0, shared) / max(whole, 1e-6))


def _within(length: float) -> int:
    return int(min(max(length, MIN_PACK_BYTES), MAX_PACK_BYTES))
