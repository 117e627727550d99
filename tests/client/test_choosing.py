"""Which codec a slice goes by."""

from passbox_client.choosing import Choice, Standing

CT = 531_064


def test_a_busy_line_gets_the_densest() -> None:
    """With a second of work on the line there is time for JPEG-LS."""
    assert Choice().is_dense(CT, Standing(1.0, 0.04))


def test_a_line_that_waits_gets_the_cheapest() -> None:
    """Nothing on the line: whatever takes longer to code keeps it waiting."""
    assert not Choice().is_dense(CT, Standing(0.0, 0.04))


def test_a_short_backlog_does_not_pay_for_a_process_that_is_not_running() -> None:
    """The first dense slice starts a process; once it runs a short backlog is enough."""
    choice = Choice()
    assert not choice.is_dense(CT, Standing(0.2, 0.01))
    choice.took(CT, 0.03)
    assert choice.is_dense(CT, Standing(0.2, 0.01))


def test_a_machine_short_of_processor_time_codes_cheaply() -> None:
    """Where dense coding takes long the line has to be slower still to be worth it."""
    choice = Choice()
    for _ in range(10):
        choice.took(CT, 0.4)
    assert not choice.is_dense(CT, Standing(0.5, 0.01))
    assert choice.is_dense(CT, Standing(1.0, 0.01))


def test_a_little_goes_cheaply_to_measure_with() -> None:
    """Before the speed is known: a slice or two, more on a long way; then it is densest."""
    usual, far = Choice(), Choice()
    assert [usual.is_dense(CT, Standing(None, 0.04)) for _ in range(3)] == [False, False, True]
    assert [far.is_dense(CT, Standing(None, 0.2)) for _ in range(6)] == [False] * 5 + [True]


def test_a_neighbour_is_not_taken_for_a_slow_line() -> None:
    """Whoever answers within a few milliseconds gets some megabytes before it is doubted."""
    choice = Choice()
    dense = [choice.is_dense(CT, Standing(None, 0.005)) for _ in range(10)]
    assert dense.index(True) == 8
