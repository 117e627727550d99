"""How long to wait after trouble, and when to give up. No clock, no sleep, no random source."""

from dataclasses import dataclass
from typing import Final

from passbox_client.errors import ClientError, ReceiverRefused

PATIENCE: Final = 15 * 60.0
"""Seconds of pauses in a row without any success before the sender is told to come back later."""
FIRST_PATIENCE: Final = 8.0
"""The same before the first answer ever: a wrong address should be told soon."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 60.0


@dataclass(slots=True)
class Patience:
    """Pauses in a row; of one upload, shared by all its requests."""

    _heard: bool = False
    _failures: int = 0
    _paused: float = 0.0

    def renew(self) -> None:
        """Begin anew: the receiver answered."""
        self._heard, self._failures, self._paused = True, 0, 0.0

    def pause_after(self, error: ClientError, jitter: float) -> float | None:
        """Return seconds to wait, None when patience is used up. ``jitter``: from 0 to 1."""
        self._failures += 1
        pause = _pause(self._failures, error, jitter)
        self._paused += pause
        return pause if self._paused <= (PATIENCE if self._heard else FIRST_PATIENCE) else None


def _pause(failures: int, error: ClientError, jitter: float) -> float:
    """Return seconds: what the receiver asked for, else doubling, spread over many senders."""
    if isinstance(error, ReceiverRefused) and error.problem.retry_after is not None:
        return error.problem.retry_after + jitter
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * float(2 ** min(failures - 1, 10)))
    return longest * (0.5 + jitter / 2)
