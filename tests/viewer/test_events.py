import asyncio

import pytest

from passbox_viewer.events import Bell

FOR_EVER = 3600.0

pytestmark = pytest.mark.anyio


async def test_a_ring_between_looking_and_waiting_is_heard() -> None:
    """Who listens first, then looks, then waits misses nothing."""
    bell = Bell()

    with bell.listen() as listening:
        await asyncio.to_thread(bell.ring)
        await listening.rung(FOR_EVER)


async def test_a_closed_bell_lets_nobody_wait() -> None:
    """At the end of the program every poll answers at once, those that come later too."""
    bell = Bell()

    with bell.listen() as early:
        bell.close()
        await early.rung(FOR_EVER)
    with bell.listen() as late:
        await late.rung(FOR_EVER)


async def test_without_a_ring_the_time_is_waited_for() -> None:
    """A wait of nothing ends by itself."""
    with Bell().listen() as listening:
        await listening.rung(0)
