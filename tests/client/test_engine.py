"""The upload's state machine: what it wants next, from what the receiver said."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from passbox_client.engine import (
    Ask,
    Close,
    Open,
    Phase,
    Put,
    Step,
    Upload,
    numbers_after,
)
from passbox_client.errors import ClientError, LineFailed, OutOfTurn, ReceiverRefused, Trouble
from passbox_client.patience import FIRST_PATIENCE, PATIENCE
from passbox_wire.digests import packs_digest
from passbox_wire.messages import CloseTransfer, HeldPack, HeldPacks
from passbox_wire.problems import Code, Problem
from tests.builders.wire import a_transfer_status

A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))
NO_LINE = LineFailed(Trouble.NO_CONNECTION)


def refused(code: Code, retry_after: int | None = None) -> ReceiverRefused:
    """Return the receiver's refusal."""
    return ReceiverRefused(Problem(code, retry_after))


def opened(*packs: bytes) -> Upload:
    """Return an upload that is open, with these packs waiting."""
    upload = Upload()
    assert upload.next_step() == Open()
    upload.opened(a_transfer_status())
    for number, digest in enumerate(packs):
        upload.add(number, digest)
    return upload


def page(packs: dict[int, bytes], following: int | None = None) -> HeldPacks:
    """Return a page of held packs."""
    held = tuple(HeldPack(n, digest, 100, released=False) for n, digest in packs.items())
    return HeldPacks(held, following)


def steps(upload: Upload) -> list[Step]:
    """Return all that can be done now."""
    found = []
    while (step := upload.next_step()) is not None:
        found.append(step)
    return found


def test_the_short_way() -> None:
    """Open, put each pack, close over all of them, done."""
    upload = opened(A, B)
    assert steps(upload) == [Put(0), Put(1)]
    upload.put(1)
    upload.no_more()
    assert steps(upload) == []
    upload.put(0)
    assert steps(upload) == [Close(CloseTransfer(2, packs_digest({0: A, 1: B})))]
    upload.closed()
    assert (upload.phase, steps(upload)) == (Phase.CLOSED, [])


def test_one_opens_while_the_others_wait() -> None:
    """Before the transfer is open there is one thing to do, for one."""
    upload = Upload()
    upload.add(0, A)
    assert steps(upload) == [Open()]


def test_no_more_in_flight_than_the_receiver_takes() -> None:
    """With a limit of four requests, the fifth pack waits for one to be held."""
    upload = opened(*[bytes([n]) * 32 for n in range(6)])
    assert len(steps(upload)) == 4
    upload.put(2)
    assert steps(upload) == [Put(4)]


def test_trouble_halves_what_is_in_flight_and_success_brings_it_back() -> None:
    """Told to come later, half as many packs fly; each round that is held lets one more."""
    upload = opened(*[bytes([n]) * 32 for n in range(12)])
    assert len(steps(upload)) == 4
    upload.failed(Put(3), refused(Code.TOO_MANY_REQUESTS, 1), 0.0)
    assert upload.window == 2
    for number in range(3):
        upload.put(number)
    assert upload.window == 3
    assert steps(upload) == [Put(3), Put(4), Put(5)]
    for number in (3, 4, 5):
        upload.put(number)
    assert len(steps(upload)) == upload.window == 4


def test_one_pack_at_a_time_is_the_least() -> None:
    """However often it fails, one pack is always tried again."""
    upload = opened(A, B)
    for _ in range(5):
        for step in steps(upload):
            upload.failed(step, refused(Code.INTERNAL), 0.0)
    assert upload.window == 1
    assert len(steps(upload)) == 1


def test_a_line_that_comes_back_is_not_trusted_at_once() -> None:
    """To open again does not fill the line again: what trouble had halved stays so."""
    upload = opened(*[bytes([n]) * 32 for n in range(6)])
    assert len(steps(upload)) == 4
    for number in range(4):
        upload.failed(Put(number), NO_LINE, 0.0)
    upload.next_step()
    upload.opened(a_transfer_status())
    upload.next_step()
    upload.told(page({}))
    assert len(steps(upload)) == upload.window == 1


def test_a_receiver_that_takes_fewer_gets_fewer() -> None:
    """What it says when the transfer is opened again counts from then on."""
    upload = opened(*[bytes([n]) * 32 for n in range(6)])
    assert len(steps(upload)) == 4
    upload.failed(Put(0), NO_LINE, 0.0)
    for number in (1, 2, 3):
        upload.put(number)
    assert upload.window == 3
    upload.next_step()
    status = a_transfer_status()
    upload.opened(replace(status, limits=replace(status.limits, parallel_requests=2)))
    assert upload.window == 2


def test_a_broken_line_opens_and_asks_before_it_sends_again() -> None:
    """After a failed put: open again, ask what is held; what did arrive is not sent twice."""
    upload = opened(A, B, C)
    assert steps(upload) == [Put(0), Put(1), Put(2)]
    upload.put(0)
    assert upload.failed(Put(1), NO_LINE, 0.5) > 0
    upload.failed(Put(2), NO_LINE, 0.5)
    assert steps(upload) == [Open()]
    upload.opened(a_transfer_status())
    assert steps(upload) == [Ask(None)]
    upload.told(page({0: A}, following=0))
    assert steps(upload) == [Ask(0)]
    upload.told(page({2: C}))
    assert steps(upload) == [Put(1)]


def test_a_pack_that_lands_while_asking_is_not_missed() -> None:
    """A page told before another put was held does not make that pack lost."""
    upload = opened(A, B)
    assert steps(upload) == [Put(0), Put(1)]
    upload.failed(Put(0), NO_LINE, 0.0)
    upload.next_step()
    upload.opened(a_transfer_status())
    assert steps(upload) == [Ask(None)]
    upload.put(1)
    upload.told(page({}))
    assert upload.trouble is None
    assert steps(upload) == [Put(0)]


def test_what_was_confirmed_and_is_gone_ends_the_upload() -> None:
    """A receiver that lost a pack it had confirmed is not closed over: the sender is told."""
    upload = opened(A)
    steps(upload)
    upload.put(0)
    upload.no_more()
    (close,) = steps(upload)
    upload.failed(close, refused(Code.HELD_DIFFERS), 0.0)
    assert steps(upload) == [Ask(None)]
    upload.told(page({}))
    assert upload.trouble is not None
    assert upload.trouble.code == Trouble.PACK_LOST


def test_packs_of_an_earlier_run_are_closed_over() -> None:
    """On resume the receiver is asked first; what it holds of the earlier run counts."""
    upload = Upload({0: A, 1: B})
    assert steps(upload) == [Open()]
    upload.opened(a_transfer_status())
    assert steps(upload) == [Ask(None)]
    upload.told(page({0: A}))
    assert upload.earlier == {0: A}
    upload.add(2, C)
    upload.no_more()
    assert steps(upload) == [Put(2)]
    upload.put(2)
    assert steps(upload) == [Close(CloseTransfer(2, packs_digest({0: A, 2: C})))]


@pytest.mark.parametrize("foreign", [{7: C}, {0: C}])
def test_packs_nobody_sent_are_never_closed_over(foreign: dict[int, bytes]) -> None:
    """A receiver that says it holds a pack we did not make gets no signature over it."""
    upload = Upload({0: A})
    steps(upload)
    upload.opened(a_transfer_status())
    steps(upload)
    upload.told(page({0: A} | foreign))
    assert upload.trouble is not None
    assert upload.trouble.code == Trouble.PACK_LOST
    assert upload.closing_words() == CloseTransfer(1, packs_digest({0: A}))


@pytest.mark.parametrize(
    "error",
    [
        refused(Code.STORE_FULL),
        refused(Code.STOPPED),
        refused(Code.BLOCKED),
        LineFailed(Trouble.WRONG_PIN),
    ],
)
def test_what_waiting_cannot_help_ends_it_at_once(error: ClientError) -> None:
    """A full disk, a stop, a block, a wrong pin: nothing more is sent, and the reason is kept."""
    upload = opened(A, B)
    assert steps(upload) == [Put(0), Put(1)]
    assert upload.failed(Put(0), error, 0.0) == 0.0
    assert (upload.phase, upload.trouble, steps(upload)) == (Phase.FAILED, error, [])


def test_the_receiver_s_wish_to_wait_is_heeded() -> None:
    """Retry-After sets the pause; without it pauses double, spread by chance."""
    upload = opened(A)
    steps(upload)
    assert upload.failed(Put(0), refused(Code.TOO_MANY_REQUESTS, 7), 0.25) == 7.25
    pauses: list[float] = []
    while len(pauses) < 4:
        assert steps(upload) == [Put(0)]
        pauses.append(upload.failed(Put(0), refused(Code.INTERNAL), 1.0))
    assert pauses == [1.0, 2.0, 4.0, 8.0]


def test_patience_ends() -> None:
    """A receiver never heard of is given up in seconds, one that had answered in minutes."""
    for upload, patience in ((Upload(), FIRST_PATIENCE), (opened(A), PATIENCE)):
        waited = 0.0
        while upload.trouble is None:
            step = upload.next_step()
            assert step is not None
            waited += upload.failed(step, NO_LINE, 1.0)
        assert patience / 2 < waited <= patience
        assert upload.trouble is NO_LINE


def test_numbers_are_never_used_again() -> None:
    """A resumed transfer numbers its packs after the last one that was ever sent."""
    assert [numbers_after([]), numbers_after([0, 4, 2])] == [0, 5]


def test_an_answer_is_always_to_the_last_question() -> None:
    """While a question is on its way no other is asked: a late page cannot make a pack look lost.

    The page below was told before pack 1 was held, and comes after the line failed once more.
    """
    upload = opened(A, B, C)
    assert steps(upload) == [Put(0), Put(1), Put(2)]
    upload.failed(Put(0), NO_LINE, 0.0)
    assert steps(upload) == [Open()]
    upload.opened(a_transfer_status())
    assert steps(upload) == [Ask(None)]
    upload.put(1)
    upload.failed(Put(2), NO_LINE, 0.0)
    assert steps(upload) == []
    upload.told(page({}))
    assert steps(upload) == [Open()]
    upload.opened(a_transfer_status())
    upload.next_step()
    upload.told(page({1: B}))
    assert steps(upload)[0] == Put(0)


def test_a_late_failure_does_not_undo_the_end() -> None:
    """A pack the receiver held all along may fail after the close: closed stays closed."""
    upload = opened(A, B)
    assert steps(upload) == [Put(0), Put(1)]
    upload.no_more()
    upload.failed(Put(0), NO_LINE, 0.0)
    upload.next_step()
    upload.opened(a_transfer_status())
    upload.next_step()
    upload.told(page({0: A, 1: B}))
    assert steps(upload) == [Close(CloseTransfer(2, packs_digest({0: A, 1: B})))]
    upload.closed()
    assert upload.failed(Put(1), NO_LINE, 0.0) == 0.0
    assert (upload.phase, upload.trouble, steps(upload)) == (Phase.CLOSED, None, [])


def test_a_receiver_that_never_agrees_is_given_up() -> None:
    """Three times it will not close over what it says it holds: the sender is told why."""
    upload = opened(A)
    steps(upload)
    upload.put(0)
    upload.no_more()
    differs = refused(Code.HELD_DIFFERS)
    for _ in range(2):
        (close,) = steps(upload)
        assert upload.failed(close, differs, 0.0) == 0.0
        assert steps(upload) == [Ask(None)]
        upload.told(page({0: A}))
    (close,) = steps(upload)
    upload.failed(close, differs, 0.0)
    assert (upload.phase, upload.trouble, steps(upload)) == (Phase.FAILED, differs, [])


def test_a_late_close_does_not_undo_the_end() -> None:
    """What was given up stays so, with its reason, whatever comes back afterwards."""
    upload = opened(A, B)
    assert steps(upload) == [Put(0), Put(1)]
    upload.no_more()
    upload.failed(Put(0), NO_LINE, 0.0)
    upload.next_step()
    upload.opened(a_transfer_status())
    upload.next_step()
    upload.told(page({0: A, 1: B}))
    steps(upload)
    stopped = refused(Code.STOPPED)
    upload.failed(Put(1), stopped, 0.0)
    upload.closed()
    assert (upload.phase, upload.trouble) == (Phase.FAILED, stopped)


def add_after_the_last(upload: Upload) -> None:
    """Say that there is no more, and hand over one more."""
    upload.no_more()
    upload.add(5, C)


def hold_twice(upload: Upload) -> None:
    """Report the same pack as held twice."""
    upload.put(0)
    upload.put(0)


OUT_OF_TURN: dict[str, Callable[[Upload], object]] = {
    "opened, not asked to": lambda upload: upload.opened(a_transfer_status()),
    "told, not asked": lambda upload: upload.told(page({})),
    "closed, not asked to": lambda upload: upload.closed(),
    "a pack held twice": hold_twice,
    "a pack that waits": lambda upload: upload.put(4),
    "a pack that is not": lambda upload: upload.put(99),
    "a failure of nothing": lambda upload: upload.failed(Open(), NO_LINE, 0.0),
    "a failure twice": lambda upload: [upload.failed(Put(0), NO_LINE, 0.0) for _ in range(2)],
    "a number again": lambda upload: upload.add(0, C),
    "one after the last": add_after_the_last,
}


@pytest.mark.parametrize("report", OUT_OF_TURN.values(), ids=OUT_OF_TURN)
def test_what_was_not_asked_for_is_not_taken(report: Callable[[Upload], object]) -> None:
    """A step is reported once, after it was handed out; anything else is our own mistake."""
    upload = opened(*[bytes([n]) * 32 for n in range(5)])
    assert len(steps(upload)) == 4
    with pytest.raises(OutOfTurn):
        report(upload)
