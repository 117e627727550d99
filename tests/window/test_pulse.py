"""How far, how fast, how long: from what the receiver holds."""

import pytest

from passbox_client.progress import SendPhase, SendProgress
from passbox_client.window.pulse import Feeling, Pulse


def progress(arrived: int, *, phase: SendPhase = SendPhase.SENDING) -> SendProgress:
    """Return a progress of 1,000 bytes in ten files, half as many on the line."""
    return SendProgress(phase, 10, 10, 1000, 1000, arrived // 2, arrived // 100, arrived)


def test_what_was_read_is_not_yet_sent() -> None:
    """The bar shows what the receiver holds, not what the reader has read."""
    assert Feeling().feel(progress(300), 0.0).fraction == pytest.approx(0.3)


def test_a_hundred_per_cent_waits_for_the_last_byte() -> None:
    """Before the receiver has closed it, a transfer is at most at 99."""
    assert Feeling().feel(progress(1000), 0.0).fraction == pytest.approx(0.99)
    assert Feeling().feel(progress(1000, phase=SendPhase.CHECKING), 0.0).fraction == 1.0


def test_speed_and_time_left_are_those_of_the_last_seconds() -> None:
    """Speed is the line's, time left goes by the medium's bytes."""
    feeling = Feeling()
    feeling.feel(progress(0), 0.0)
    pulse = feeling.feel(progress(400), 4.0)
    assert pulse.speed == pytest.approx(50.0)
    assert pulse.seconds_left == pytest.approx(6.0)


def test_nothing_is_guessed_before_there_is_something_to_go_by() -> None:
    """In the first moments there is no speed and no time left."""
    pulse = Feeling().feel(progress(10), 0.0)
    assert (pulse.speed, pulse.seconds_left) == (None, None)


def test_silence_is_told_as_a_stalled_line() -> None:
    """When nothing arrives for a while the page says so, and stops when something does."""
    feeling = Feeling()
    feeling.feel(progress(100), 0.0)
    assert feeling.feel(progress(100), 16.0).stalled
    assert not feeling.feel(progress(200), 17.0).stalled


def test_a_pause_is_no_slow_line() -> None:
    """After a pause speed is measured anew."""
    feeling = Feeling()
    feeling.feel(progress(100), 0.0)
    feeling.rest()
    pulse = feeling.feel(progress(100), 1000.0)
    assert not pulse.stalled
    assert pulse.speed is None


@pytest.mark.parametrize(("arrived", "said"), [(0, 0), (240, 0), (250, 25), (749, 50), (990, 75)])
def test_quarters_are_said_aloud(arrived: int, said: int) -> None:
    """A screen reader hears five figures, not a hundred."""
    assert Pulse(SendPhase.SENDING, arrived, 1000).milestone == said
