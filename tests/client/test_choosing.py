"""Which codec a slice goes by."""

from passbox_client.choosing import Choice, Standing

CT = 531_064
SLOW, MIDDLING, FAST = 1.25e6, 7.5e6, 100e6


def unknown(rtt: float) -> Standing:
    """Return a line of which only the round trip is known."""
    return Standing(None, None, rtt)


def test_a_slow_line_gets_the_densest() -> None:
    """What JPEG-LS saves at 10 Mbit/s is more than it takes, also when nothing is on the line."""
    choice = Choice()
    assert choice.is_dense(CT, Standing(1.0, SLOW, 0.04))
    assert choice.is_dense(CT, Standing(0.0, SLOW, 0.04))


def test_a_fast_line_that_waits_gets_the_cheapest() -> None:
    """Nothing on the line, and it is faster than dense coding: no waiting."""
    assert not Choice().is_dense(CT, Standing(0.0, FAST, 0.04))


def test_a_line_that_is_busy_leaves_time_for_the_densest() -> None:
    """With a second of work there is time for JPEG-LS at 60 Mbit/s; idle, there is none."""
    assert Choice().is_dense(CT, Standing(1.0, MIDDLING, 0.04))
    assert not Choice().is_dense(CT, Standing(0.0, MIDDLING, 0.04))


def test_a_line_that_dense_coding_hardly_frees_gets_the_cheapest() -> None:
    """However much is on a fast line: the processors are what is short, at both of its ends."""
    assert not Choice().is_dense(CT, Standing(10.0, FAST, 0.04))


def test_a_short_backlog_does_not_pay_for_a_process_that_is_not_running() -> None:
    """The first dense slice starts a process; once it runs a short backlog is enough."""
    choice = Choice()
    assert not choice.is_dense(CT, Standing(0.2, MIDDLING, 0.01))
    assert choice.is_dense(CT, Standing(1.0, MIDDLING, 0.01))
    assert choice.is_dense(CT, Standing(0.2, MIDDLING, 0.01))


def test_a_machine_short_of_processor_time_codes_cheaply() -> None:
    """Where dense coding takes long the line has to be slower still to be worth it."""
    choice = Choice()
    for _ in range(10):
        choice.took(CT, 0.4, dense=True)
    assert not choice.is_dense(CT, Standing(0.5, SLOW, 0.01))
    assert choice.is_dense(CT, Standing(0.5, SLOW / 10, 0.01))


def test_cheap_coding_that_is_slow_tells_of_a_machine_short_of_processor_time() -> None:
    """Nothing dense has to be tried to know it, and nothing to know that it is over."""
    choice = Choice()
    for _ in range(10):
        choice.took(CT, 0.4 / 6, dense=False)
    assert not choice.is_dense(CT, Standing(0.5, SLOW, 0.01))
    for _ in range(20):
        choice.took(CT, 0.004, dense=False)
    assert choice.is_dense(CT, Standing(0.5, SLOW, 0.01))


def test_a_little_goes_cheaply_to_measure_with() -> None:
    """Before the speed is known: a slice, many more on a long way; then it is densest."""
    usual, far = Choice(), Choice()
    assert [usual.is_dense(CT, unknown(0.04)) for _ in range(3)] == [False, True, True]
    assert [far.is_dense(CT, unknown(0.2)) for _ in range(12)] == [False] * 10 + [True] * 2


def test_a_neighbour_is_not_taken_for_a_slow_line() -> None:
    """Whoever answers within a few milliseconds gets some megabytes before it is doubted."""
    choice = Choice()
    assert [choice.is_dense(CT, unknown(0.005)) for _ in range(10)].index(True) == 8
