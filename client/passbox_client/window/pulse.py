"""How fast a sending goes and how long it will take, from what the receiver holds. Pure.

The rule: nothing is shown as sent that the receiver has not confirmed.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from passbox_client.progress import SendPhase, SendProgress

_WINDOW: Final = 20.0
"""Seconds over which speed is measured."""
_STALLED: Final = 15.0
_LEAST: Final = 2.0
"""Seconds after which a speed means something."""
MILESTONES: Final = (0, 25, 50, 75, 100)
"""Per cent that are said aloud to who cannot see the bar (WCAG 2.1, 4.1.3)."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the page of a sending shows.

    ``bytes`` and ``images`` as on the medium and held by the hospital's server. ``speed`` in bytes
    a second of the line, ``seconds_left`` None while nobody knows. ``stalled``: nothing arrived for
    a while; ``milestone`` is the last of MILESTONES that was reached.
    """

    phase: SendPhase = SendPhase.OPENING
    bytes: int = 0
    bytes_total: int = 0
    images: int = 0
    images_total: int = 0
    speed: float | None = None
    seconds_left: float | None = None
    stalled: bool = False

    @property
    def fraction(self) -> float:
        """From 0 to 1; 1 only when everything is held."""
        if self.phase in {SendPhase.CLOSING, SendPhase.CHECKING}:
            return 1.0
        return min(0.99, self.bytes / self.bytes_total) if self.bytes_total else 0.0

    @property
    def milestone(self) -> int:
        """The last quarter that was reached, in per cent."""
        return max(each for each in MILESTONES if each <= self.fraction * 100)


@dataclass(slots=True)
class Feeling:
    """Takes SendProgress with times and tells the pulse."""

    _held: deque[tuple[float, int, int]] = field(default_factory=deque)
    _moved: float | None = None
    _last: int = -1

    def feel(self, progress: SendProgress, now: float) -> Pulse:
        """Return the pulse; ``now`` in seconds of a monotonic clock."""
        moved = progress.bytes_sent
        if moved != self._last or self._moved is None:
            self._moved, self._last = now, moved
        self._held.append((now, progress.bytes_sent, progress.bytes_arrived))
        while self._held[-1][0] - self._held[0][0] > _WINDOW:
            self._held.popleft()
        speed, seconds = self._speed(progress)
        return Pulse(
            progress.phase,
            progress.bytes_arrived,
            progress.bytes_total,
            progress.files_arrived,
            progress.files_total,
            speed,
            seconds,
            stalled=progress.phase is SendPhase.SENDING and now - self._moved > _STALLED,
        )

    def rest(self) -> None:
        """Forget what was measured: a pause is no slow line."""
        self._held.clear()
        self._moved = None

    def _speed(self, progress: SendProgress) -> tuple[float | None, float | None]:
        (began, sent, arrived), (now, sent_now, arrived_now) = self._held[0], self._held[-1]
        elapsed = now - began
        if elapsed < _LEAST or sent_now <= sent:
            return None, None
        rate = (arrived_now - arrived) / elapsed
        left = max(0, progress.bytes_total - arrived_now)
        return (sent_now - sent) / elapsed, left / rate if rate > 0 else None
