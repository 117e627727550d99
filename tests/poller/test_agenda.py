"""The agenda: each transfer by one thread at a time, none overlooked, none early."""

import threading
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from passbox_poller.agenda import Agenda
from passbox_poller.backoff import FIRST_SECONDS, MOST_SECONDS, Backoff
from passbox_wire.ids import TransferId
from tests.builders.clocks import FakeClock

ONE, OTHER = TransferId("1" * 32), TransferId("2" * 32)


def taken(agenda: Agenda) -> list[TransferId]:
    """Return what is due now; nothing waits."""
    due = []
    while (transfer := agenda.take_now()) is not None:
        due.append(transfer)
        agenda.done(transfer)
    return due


def test_a_transfer_is_taken_once_for_many_asks() -> None:
    """Asks that come before anybody attends are one."""
    agenda = Agenda(FakeClock())
    for _ in range(3):
        agenda.soon(ONE)
    agenda.soon(OTHER)
    assert taken(agenda) == [ONE, OTHER]


def test_who_is_attended_is_not_taken_by_another() -> None:
    """An ask during attendance waits until it is done, and is then not forgotten."""
    agenda = Agenda(FakeClock())
    agenda.soon(ONE)
    assert agenda.take_now() == ONE
    agenda.soon(ONE)
    assert agenda.take_now() is None
    agenda.done(ONE)
    assert agenda.take_now() == ONE


def test_later_is_not_before_its_time() -> None:
    """A transfer that was put off comes when its time has come, and an earlier ask wins."""
    clock = FakeClock()
    agenda = Agenda(clock)
    agenda.later(ONE, 10.0)
    agenda.later(OTHER, 10.0)
    agenda.later(OTHER, 5.0)
    assert taken(agenda) == []
    clock.advance(timedelta(seconds=5))
    assert taken(agenda) == [OTHER]
    clock.advance(timedelta(seconds=5))
    assert taken(agenda) == [ONE]


@given(st.lists(st.tuples(st.sampled_from([ONE, OTHER]), st.integers(0, 5)), max_size=20))
def test_nothing_asked_for_is_lost(asks: list[tuple[TransferId, int]]) -> None:
    """After every wait has passed, exactly the transfers asked for are taken."""
    clock = FakeClock()
    agenda = Agenda(clock)
    for transfer, seconds in asks:
        agenda.later(transfer, float(seconds))
    clock.advance(timedelta(seconds=6))
    assert set(taken(agenda)) == {transfer for transfer, _ in asks}


def test_closing_lets_waiting_threads_go() -> None:
    """A thread that waits for work ends when the program does."""
    agenda = Agenda(FakeClock())
    got: list[TransferId | None] = []
    thread = threading.Thread(target=lambda: got.append(agenda.take()))
    thread.start()
    agenda.close()
    thread.join(60)
    assert got == [None]


def test_waits_grow_to_a_bound_and_start_anew() -> None:
    """Each failure waits up to twice as long, never longer than the bound, and success forgets."""
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.failed() for _ in range(20)]
    assert waits[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert max(waits) == MOST_SECONDS
    backoff.succeeded()
    assert backoff.failed() == FIRST_SECONDS
    assert Backoff(lambda: 0.0).failed() == FIRST_SECONDS / 2
