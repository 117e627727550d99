"""A listener as the programs run it, in a thread of the test, on a free port."""

import asyncio
import contextlib
import dataclasses
import queue
import threading
from collections.abc import Iterator

from passbox_base.serving import Listener, serve_until

DEADLINE = 20.0  # seconds


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[int]:
    """Serve ``listener`` until the block ends; yield its port."""
    ports: queue.Queue[int] = queue.Queue()
    stops: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def run() -> None:
        stop = asyncio.Event()
        stops.put((asyncio.get_running_loop(), stop))
        await serve_until(stop, dataclasses.replace(listener, announce=ports.put), grace=1)

    thread = threading.Thread(target=asyncio.run, args=[run()])
    thread.start()
    loop, stop = stops.get(timeout=DEADLINE)
    try:
        yield ports.get(timeout=DEADLINE)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(DEADLINE)
