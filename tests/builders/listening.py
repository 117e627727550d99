"""Listeners as the programs run them, in a thread of the test, on free ports."""

import asyncio
import contextlib
import dataclasses
import functools
import queue
import threading
from collections.abc import Iterator

from passbox_base.serving import Listener, serve_until

DEADLINE = 60.0  # seconds


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[int]:
    """Serve ``listener`` until the block ends; yield its port."""
    with all_listening(listener) as (port,):
        yield port


@contextlib.contextmanager
def all_listening(*listeners: Listener) -> Iterator[list[int]]:
    """Serve listeners in one loop, as a program does, until the block ends; yield their ports."""
    ports: queue.Queue[tuple[int, int]] = queue.Queue()
    stops: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()
    told = [
        dataclasses.replace(listener, announce=functools.partial(_tell, ports, at))
        for at, listener in enumerate(listeners)
    ]

    async def run() -> None:
        stop = asyncio.Event()
        stops.put((asyncio.get_running_loop(), stop))
        await serve_until(stop, *told, grace=1)

    thread = threading.Thread(target=asyncio.run, args=[run()])
    thread.start()
    loop, stop = stops.get(timeout=DEADLINE)
    try:
        yield [port for _, port in sorted(ports.get(timeout=DEADLINE) for _ in told)]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(DEADLINE)


def _tell(ports: queue.Queue[tuple[int, int]], at: int, port: int) -> None:
    ports.put((at, port))
