"""Which transfer is attended next: each by one thread at a time, now or after a wait.

The rule: a transfer that is asked for while a thread attends it is attended once more afterwards,
so nothing that happened in between is overlooked; waits never lose a transfer, an earlier ask wins.
"""

import heapq
import itertools
import threading

from passbox_base.clocks import Clock
from passbox_wire.ids import TransferId


class Agenda:
    """A queue of transfers for several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[TransferId, float] = {}
        self._heap: list[tuple[float, int, TransferId]] = []
        self._order = itertools.count()
        self._attended: set[TransferId] = set()
        self._closed = False
        self._changed = threading.Condition()

    def soon(self, transfer: TransferId) -> None:
        """Ask for ``transfer`` to be attended now."""
        self.later(transfer, 0.0)

    def later(self, transfer: TransferId, seconds: float) -> None:
        """Ask for ``transfer`` to be attended in ``seconds``, unless it is asked for earlier."""
        due = self._clock.monotonic() + seconds
        with self._changed:
            if self._due.get(transfer, due + 1) <= due:
                return
            self._due[transfer] = due
            heapq.heappush(self._heap, (due, next(self._order), transfer))
            self._changed.notify_all()

    def take(self) -> TransferId | None:
        """Wait for a transfer whose time has come; None once the agenda is closed.

        Call done() after.
        """
        with self._changed:
            while not self._closed:
                if (transfer := self._pop()) is not None:
                    return transfer
                self._changed.wait(self._until_next())
            return None

    def take_now(self) -> TransferId | None:
        """As take(), without waiting: None when nothing is due."""
        with self._changed:
            return self._pop()

    def done(self, transfer: TransferId) -> None:
        """Let others attend ``transfer``."""
        with self._changed:
            self._attended.discard(transfer)
            self._changed.notify_all()

    def close(self) -> None:
        """Let every thread that waits in take() go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _pop(self) -> TransferId | None:
        now = self._clock.monotonic()
        busy = []
        found = None
        while self._heap and self._heap[0][0] <= now and found is None:
            entry = heapq.heappop(self._heap)
            if self._due.get(entry[2]) != entry[0]:
                continue  # an earlier ask won
            if entry[2] in self._attended:
                busy.append(entry)
            else:
                found = entry[2]
                del self._due[found]
                self._attended.add(found)
        for entry in busy:
            heapq.heappush(self._heap, entry)
        return found

    def _until_next(self) -> float | None:
        now = self._clock.monotonic()
        waiting = [due for due, _, transfer in self._heap if transfer not in self._attended]
        return max(0.0, min(waiting) - now) if waiting else None
