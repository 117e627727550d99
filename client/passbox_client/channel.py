"""A queue between threads of one sending, bounded in bytes, given up from either end.

queue.Queue counts items, and a thread that is blocked in it cannot be called off; a slice may be
32 MiB or 2 KiB, and Ctrl-C or a refusal has to end every thread at once.
"""

import threading
from collections import deque
from typing import Final, Generic, TypeVar

ItemT = TypeVar("ItemT")


class Abandoned(Exception):
    """The channel was given up; whoever waits in it stops."""


class Channel(Generic[ItemT]):
    """Holds items up to ``most_bytes`` in all, but always takes one.

    Ends when all ``writers`` have finished.
    """

    def __init__(self, most_bytes: int, writers: int = 1) -> None:
        self._most: Final = most_bytes
        self._writers = writers
        self._items: deque[tuple[ItemT, int]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._abandoned = False

    def put(self, item: ItemT, size: int) -> None:
        """Wait for room, then add. Raises Abandoned."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._abandoned or not self._items or self._bytes + size <= self._most
            )
            if self._abandoned:
                raise Abandoned
            self._items.append((item, size))
            self._bytes += size
            self._changed.notify_all()

    def get(self) -> ItemT | None:
        """Wait for the next item; None when all writers have finished. Raises Abandoned."""
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._items or not self._writers)
            if self._abandoned:
                raise Abandoned
            if not self._items:
                return None
            item, size = self._items.popleft()
            self._bytes -= size
            self._changed.notify_all()
            return item

    def finish(self) -> None:
        """Say that one writer has nothing more."""
        with self._changed:
            self._writers -= 1
            self._changed.notify_all()

    def abandon(self) -> None:
        """Give up: everybody waiting now or later gets Abandoned."""
        with self._changed:
            self._abandoned = True
            self._items.clear()
            self._changed.notify_all()
