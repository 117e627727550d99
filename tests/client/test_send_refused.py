"""What is refused while sending, by the hospital, its profile or ourselves, and when it is told."""

import pytest

from passbox_client.errors import (
    ClientError,
    ExitCode,
    LineFailed,
    ProfileUnusable,
    ReceiverRefused,
    Trouble,
    UsageRefused,
)
from passbox_client.outcome import Outcome
from passbox_client.send import send
from passbox_wire.problems import Code
from tests.builders.wire import (
    NOW,
    a_destination,
    a_profile,
    a_sealing_key,
    a_sender,
    a_signed_profile,
)
from tests.client.sending import NO_LINE, Sending, refused


def test_a_wrong_sealing_key_is_refused_from_inside(sending: Sending) -> None:
    """Packs nobody inside can open stop the transfer: exit code 5, and nothing waits for ever."""
    wrong = a_destination(sealing_keys=[a_sealing_key("somebody else")])
    result = sending(profile=a_signed_profile(a_profile(destinations=[wrong])))
    assert (result.outcome, result.exit_code) == (Outcome.REFUSED, ExitCode.REFUSED)
    assert result.trouble is not None
    assert result.trouble.code == Code.STOPPED
    assert sending.journals() == []


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (LineFailed(Trouble.WRONG_PIN), ExitCode.CONNECTION),
        (LineFailed(Trouble.NOT_TRUSTED), ExitCode.CONNECTION),
        (NO_LINE, ExitCode.CONNECTION),
        (refused(Code.BLOCKED), ExitCode.REFUSED),
    ],
)
def test_before_a_transfer_exists_trouble_is_raised(
    sending: Sending, error: ClientError, exit_code: ExitCode
) -> None:
    """A wrong pin, no line, a block: nothing was opened and nothing is remembered."""
    sending.hospital.refuse("status", error, error, error)
    with pytest.raises(ClientError) as raised:
        sending()
    assert raised.value.exit_code == exit_code
    assert set(sending.hospital.calls) == {"status"}
    assert sending.journals() == []


def test_a_closed_door_is_told_in_the_hospital_s_words(sending: Sending) -> None:
    """A receiver that accepts nothing now is told before anything is sent."""
    sending.hospital.accepting = False
    with pytest.raises(ReceiverRefused) as raised:
        sending()
    assert raised.value.code == Code.NOT_ACCEPTING


def test_a_transfer_that_was_never_opened_is_not_remembered(sending: Sending) -> None:
    """A refusal of the opening ends it: too large, exit code 5, nothing to go on with."""
    sending.hospital.refuse("open", refused(Code.TRANSFER_TOO_LARGE))
    result = sending()
    assert (result.outcome, result.exit_code) == (Outcome.REFUSED, ExitCode.REFUSED)
    assert sending.journals() == []


def test_an_expired_profile_is_refused_first(sending: Sending) -> None:
    """An expired address card: exit code 6, and nobody was asked anything."""
    expired = a_signed_profile(a_profile(expires=NOW - 1))
    with pytest.raises(ProfileUnusable) as raised:
        sending(profile=expired)
    assert (raised.value.code, raised.value.exit_code) == ("profile_expired", ExitCode.PROFILE)
    assert sending.hospital.calls == []


@pytest.mark.parametrize(
    ("recipient", "department", "code"),
    [
        ("somebody@elsewhere.example", "", "wrong_recipient"),
        ("no address", "", "wrong_recipient"),
        ("", "Gardening", "wrong_department"),
    ],
)
def test_a_wrong_addressee_is_told_before_anything(
    sending: Sending, recipient: str, department: str, code: str
) -> None:
    """An address outside the hospital's domains, or a department it does not have: exit code 2."""
    with pytest.raises(UsageRefused) as raised:
        sending(recipient=recipient, department=department)
    assert (raised.value.code, raised.value.exit_code) == (code, ExitCode.USAGE)
    assert sending.hospital.calls == []


def test_two_destinations_one_is_named(sending: Sending) -> None:
    """A destination may be chosen by its name; one that is not there is told."""
    profile = a_signed_profile()
    with pytest.raises(UsageRefused):
        send(
            sending.disc,
            profile,
            sender=a_sender(),
            state_folder=sending.state,
            receiver=sending.hospital,
            destination="Cardiology",
        )
