"""The door's first locks: set while the receiver runs, and every refusal in words."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_client import sentences
from passbox_client.errors import ReceiverRefused
from passbox_client.https_receiver import HttpsReceiver
from passbox_client.line import connect
from passbox_wire.problems import Code
from tests.e2e.command import Said, passbox, send
from tests.e2e.hospital import ADMIN, Hospital

BECAUSE = ("--reason", "a test", "--author", "tester")


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A running hospital."""
    with Hospital(tmp_path_factory.mktemp("locks")) as hospital:
        yield hospital.start("receiver", "viewer", "poller")


def receiver(hospital: Hospital, *words: str) -> Said:
    """Run `passbox receiver …` on the receiver's host while it runs."""
    said = passbox("receiver", *words, "--config", hospital.rooms.receiver_settings)
    assert said.code == 0, said.sentences
    return said


@contextlib.contextmanager
def limit(hospital: Hospital, name: str, value: int) -> Iterator[None]:
    """Have a limit in force while the block runs."""
    receiver(hospital, "limits", "set", name, str(value), *BECAUSE)
    yield
    receiver(hospital, "limits", "reset", name, *BECAUSE)


def assert_refused(hospital: Hospital, medium: Path, words: str) -> None:
    """Check that sending is refused in these words, exit code 5, and leaves nothing behind."""
    before = len(hospital.transfers())
    said = send(hospital, medium)
    assert said.code == 5, said.sentences
    assert words in said.sentences
    assert len(hospital.transfers()) == before


BYTES = [
    ("limits.transfer_bytes", "This is more than the hospital takes in one transfer."),
    ("limits.source_bytes_per_day", "The hospital takes no more today from this internet"),
    ("limits.day_bytes", "The hospital takes no more today."),
]


@pytest.mark.parametrize(("name", "words"), BYTES)
def test_a_byte_limit_refuses_in_words(
    hospital: Hospital, small: Path, name: str, words: str
) -> None:
    """A byte limit set at run time refuses the next transfer at its opening, in words."""
    with limit(hospital, name, 1000):
        assert_refused(hospital, small, words)


def test_a_blocked_source_is_told_and_let_in_again(hospital: Hospital, small: Path) -> None:
    """A source on the block list is refused in words; off the list it sends as before."""
    entry = receiver(hospital, "lists", "add", "block", "127.0.0.0/8", *BECAUSE).printed.split()[1]
    assert_refused(hospital, small, "does not take anything from this internet connection")

    receiver(hospital, "lists", "remove", entry.rstrip("."), *BECAUSE)

    assert send(hospital, small).code == 0
    assert hospital.next_link()


def ask_in_haste(line: HttpsReceiver) -> None:
    """Ask a hundred times without a pause."""
    for _ in range(100):
        line.status()


def test_too_many_requests_are_slowed_not_lost(hospital: Hospital, small: Path) -> None:
    """Requests over the rate are turned away, and a sender that waits its turn gets through."""
    line = connect(hospital.profile.profile)
    with (
        limit(hospital, "limits.requests_per_second_per_source", 2),
        limit(hospital, "limits.burst", 2),
    ):
        with pytest.raises(ReceiverRefused) as caught:
            ask_in_haste(line)
        assert caught.value.problem.code is Code.TOO_MANY_REQUESTS
        assert "too busy" in str(sentences.of_error(caught.value, "en"))

        said = send(hospital, small)

    assert said.code == 0, said.sentences
    assert hospital.next_link()


def test_the_emergency_stop_tells_senders_the_hospitals_words(
    hospital: Hospital, small: Path
) -> None:
    """`receiver stop` refuses at once with the hospital's own text, until `receiver resume`."""
    receiver(hospital, "stop", "--text", "Back at noon.", *BECAUSE)
    assert_refused(hospital, small, "Back at noon.")

    receiver(hospital, "resume", *BECAUSE)

    assert send(hospital, small).code == 0
    assert hospital.next_link()


def test_the_monitor_stops_acceptance_and_alarms(hospital: Hospital, small: Path) -> None:
    """Over the hard limit of the day nothing more is accepted and the administrators get a mail.

    What was admitted before is finished; an administrator may open again for the day.
    """
    today = int(receiver(hospital, "monitor", "--json").json["bytes_today"])
    with limit(hospital, "monitor.hard_bytes_per_day", today + 1):
        last = send(hospital, small)
        assert_refused(hospital, small, "The hospital takes nothing at the moment.")
        receiver(hospital, "monitor", "--reopen", *BECAUSE)
        reopened = send(hospital, small)

    assert (last.code, reopened.code) == (0, 0)
    mails = [hospital.mail.next_mail() for _ in range(3)]
    alarms = [mail for mail in mails if mail.recipients == (ADMIN,)]
    assert len(alarms) == 1
    text = alarms[0].message.get_content()
    assert "Die harte Tagesgrenze ist erreicht." in text
    assert hospital.mail.waiting() == 0


def test_a_test_alarm_arrives(hospital: Hospital) -> None:
    """`receiver monitor --test-alarm` sends a mail to the administrators by way of the inside."""
    receiver(hospital, "monitor", "--test-alarm", *BECAUSE)
    mail = hospital.mail.next_mail()
    assert mail.recipients == (ADMIN,)
    assert "Das ist ein Probealarm." in mail.message.get_content()
