"""The bounded queue between the threads of a sending."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from passbox_client.channel import Abandoned, Channel

DEADLINE = 60.0


def test_it_ends_when_all_writers_have_finished() -> None:
    """What was put comes out in order; then None, once each writer has said so."""
    channel: Channel[int] = Channel(100, writers=2)
    for item in (1, 2):
        channel.put(item, 10)
    channel.finish()
    assert [channel.get(), channel.get()] == [1, 2]
    channel.finish()
    assert channel.get() is None


def test_one_item_always_fits() -> None:
    """An item larger than the bound is taken when nothing else is in."""
    channel: Channel[str] = Channel(1)
    channel.put("large", 1000)
    assert channel.get() == "large"


def test_a_full_channel_makes_the_writer_wait() -> None:
    """The second item is taken only once the first is out."""
    channel: Channel[int] = Channel(10)
    channel.put(1, 10)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(channel.put, 2, 10)
        assert not second.done()
        assert channel.get() == 1
        second.result(DEADLINE)
    assert channel.get() == 2


def test_everybody_waiting_is_called_off() -> None:
    """Giving up ends a waiting writer and a waiting reader."""
    full: Channel[int] = Channel(1)
    full.put(1, 1)
    empty: Channel[int] = Channel(1)
    with ThreadPoolExecutor(2) as pool:
        writing, reading = pool.submit(full.put, 2, 1), pool.submit(empty.get)
        full.abandon()
        empty.abandon()
        with pytest.raises(Abandoned):
            writing.result(DEADLINE)
        with pytest.raises(Abandoned):
            reading.result(DEADLINE)
