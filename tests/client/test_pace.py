"""The line as seen from its end."""

import pytest

from passbox_client.pace import Pace
from passbox_wire.pack import MAX_PACK_BYTES, MIN_PACK_BYTES

MIB = 1024 * 1024


def measured(rate: float, rtt: float, *, packs: int = 20, at_a_time: int = 4) -> Pace:
    """Return what packs of 1 MiB tell of a line that serves them one after the other."""
    pace = Pace()
    pace.answered(rtt)
    free, ends = 0.0, [0.0] * at_a_time
    events = []
    for number in range(packs):
        start = ends[number % at_a_time]
        free = max(free, start) + MIB / rate
        ends[number % at_a_time] = free + rtt
        events += [(start, 1, number), (ends[number % at_a_time], 0, number)]
    for now, begins, number in sorted(events):
        if begins:
            pace.sent(number, MIB, now)
        else:
            pace.held(number, now)
    return pace


@pytest.mark.parametrize(("rate", "rtt"), [(1.25e6, 0.04), (10e6, 0.02), (25e6, 0.02)])
def test_a_full_line_is_measured(rate: float, rtt: float) -> None:
    """Where the line is the limit its speed is found, the latency aside."""
    assert measured(rate, rtt).bytes_per_second == pytest.approx(rate, rel=0.35)


def test_latency_is_not_taken_for_a_slow_line() -> None:
    """A far but fast line is never believed slower than it is for its distance."""
    speed = measured(25e6, 0.2).bytes_per_second
    assert speed is not None
    assert speed > 0.65 * 25e6


def test_nothing_is_known_before_a_pack_came_through() -> None:
    """An answer to a small question tells the round trip, and no speed."""
    pace = Pace()
    pace.answered(0.1)
    pace.answered(0.04)
    pace.sent(0, 5000, 0.0)
    pace.held(0, 0.05)
    assert (pace.rtt, pace.bytes_per_second) == (0.04, None)
    assert pace.seconds_of_work([MIB]) is None


def test_what_failed_tells_no_speed() -> None:
    """A pack that did not arrive is forgotten."""
    pace = Pace()
    pace.sent(0, MIB, 0.0)
    pace.failed(0)
    pace.held(0, 1.0)
    assert pace.bytes_per_second is None


@pytest.mark.parametrize(
    ("rate", "least", "most"),
    [
        (0.02e6, MIN_PACK_BYTES, MIN_PACK_BYTES),
        (8e6, 1.5e6, 2.6e6),
        (400e6, MAX_PACK_BYTES, MAX_PACK_BYTES),
    ],
)
def test_a_pack_aims_at_a_second_of_the_line(rate: float, least: float, most: float) -> None:
    """A second of its share of the line, within 256 KiB and 8 MiB; 512 KiB at first."""
    assert Pace().pack_target(4) == 512 * 1024
    assert least <= measured(rate, 0.02).pack_target(4) <= most


def test_a_long_line_wants_larger_packs_also_while_it_waits() -> None:
    """Few requests fill a long line only when each carries its share of what is on the way."""
    near, far = measured(25e6, 0.001), measured(25e6, 0.2)
    assert near.least_pack(4) < far.least_pack(4)
    assert far.least_pack(4) * 4 >= 0.6 * 25e6 * 0.2
    assert Pace().least_pack(4) == MIN_PACK_BYTES


def test_work_is_what_is_ahead_less_the_way_itself() -> None:
    """The line is busy for the bytes on it; the round trip goes by whatever is on it."""
    pace = measured(1.25e6, 0.04)
    assert pace.bytes_per_second is not None
    expected = 4 * MIB / pace.bytes_per_second - 0.04
    assert pace.seconds_of_work([MIB] * 4) == pytest.approx(expected)
