"""Waking those who wait: a long poll is answered when the bell rings, not at the next look.

The rule: listen first, look then, so nothing that happens in between is missed. Bells ring in the
event loop of this process only; who may also be told by another process looks again now and then.
"""

import asyncio
import contextlib
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

FoundT = TypeVar("FoundT")


class Bell:
    """One bell with many ropes: ``key`` says what somebody waits for. Not for threads."""

    def __init__(self) -> None:
        self._listening: dict[Hashable, set[asyncio.Event]] = {}
        self._closed = False

    def ring(self, key: Hashable) -> None:
        """Wake all who listen for ``key``."""
        for event in self._listening.get(key, ()):
            event.set()

    def is_heard(self, key: Hashable) -> bool:
        """Return whether anybody listens for ``key``."""
        return key in self._listening

    def close(self) -> None:
        """Wake everybody and let nobody wait again: the service is stopping."""
        self._closed = True
        for key in list(self._listening):
            self.ring(key)

    async def wait_for(
        self,
        key: Hashable,
        look: Callable[[], FoundT | None],
        seconds: float,
        look_again: float | None = None,
    ) -> FoundT | None:
        """Return what ``look`` (run in a thread) finds, at once or within ``seconds``, else None.

        ``look_again``: look at least this often, in seconds, also when no bell rings.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        with self._listens(key) as rung:
            while True:
                rung.clear()
                found = await run_in_threadpool(look)
                left = deadline - loop.time()
                if found is not None or left <= 0 or self._closed:
                    return found
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), min(left, look_again or left))

    @contextlib.contextmanager
    def _listens(self, key: Hashable) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._listening.setdefault(key, set()).add(event)
        try:
            yield event
        finally:
            self._listening[key].discard(event)
            if not self._listening[key]:
                del self._listening[key]
