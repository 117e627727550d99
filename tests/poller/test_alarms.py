"""What the admins hear: the receiver's alarms once each, and its silence."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passbox_poller.alarms import (
    MAILS_AN_HOUR,
    Admins,
    Budget,
    Silence,
    alarm_mails,
    silence_mails,
)
from passbox_poller.words import ALARMS, Language
from passbox_wire.inner.receiver import Alarm, AlarmKind
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_destination_id
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house

NOW = FakeClock().now()


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def admins(language: Language = Language.ENGLISH) -> Admins:
    """Return one admin."""
    sender, admin = "passbox@hospital.example", "admin@hospital.example"
    return Admins(a_destination_id(), sender, [admin], language)


def an_alarm(sequence: int = 1, kind: AlarmKind = AlarmKind.SOFT_LIMIT, time: int = 0) -> Alarm:
    """Return an alarm."""
    return Alarm(sequence, kind, time, used=7, limit=5)


def test_an_alarm_of_the_receiver_is_mailed_and_acknowledged(house: House) -> None:
    """Alarms come to the admin in one mail, and the receiver may forget them."""
    house.receiver.alarm(an_alarm(1))
    house.receiver.alarm(an_alarm(2, AlarmKind.ACCEPTANCE_STOPPED))
    with house.polling():
        mail = house.sink.next_mail()
        house.receiver.wait_for(lambda: house.receiver.alarms_seen == 2)
    assert mail.recipients == ("admin@hospital.example",)
    body = mail.message.get_body(("plain",))
    assert body is not None
    words = ALARMS[Language.GERMAN].kinds
    assert words[AlarmKind.SOFT_LIMIT] in body.get_content()
    assert words[AlarmKind.ACCEPTANCE_STOPPED] in body.get_content()
    assert house.sink.waiting() == 0


def test_an_alarm_is_mailed_once_over_restarts(house: House) -> None:
    """An alarm whose acknowledgement was lost is acknowledged again, not mailed again."""
    house.receiver.alarm(an_alarm(1))
    with house.polling():
        house.sink.next_mail()
        house.receiver.wait_for(lambda: house.receiver.alarms_seen == 1)
    house.receiver.alarms_seen = 0
    with house.polling():
        house.receiver.wait_for(lambda: house.receiver.alarms_seen == 1)
    assert house.sink.waiting() == 0


def test_a_receiver_made_anew_is_heard(house: House) -> None:
    """Alarms of a receiver that counts from 1 again are mailed, not taken for old ones."""
    house.receiver.alarm(an_alarm(7))
    with house.polling():
        house.sink.next_mail()
        house.receiver.wait_for(lambda: house.receiver.alarms_seen == 7)
        house.receiver.alarms, house.receiver.alarms_seen = [], 0
        for sequence in (1, 2):
            house.receiver.alarm(an_alarm(sequence, time=1_900_000_500 + sequence))
            house.sink.next_mail()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_has_words(language: Language, kind: AlarmKind) -> None:
    """Each kind of alarm has words in each language, and no time of the DMZ's can break them."""
    (mail,) = alarm_mails(admins(language), [an_alarm(kind=kind, time=2**62)], NOW)
    assert ALARMS[language].kinds[kind] in mail.get_content()


def test_silence_is_alarmed_once_and_its_end_is_told() -> None:
    """A receiver that is away longer than the limit is one alarm.

    When it is back that is told, once.
    """
    silence = Silence(limit=100.0, now=0.0)
    assert silence.too_long(99.0) is None
    assert silence.too_long(100.0) == 100.0
    assert silence.too_long(500.0) is None
    assert silence.heard(600.0)
    assert not silence.heard(601.0)
    assert silence.too_long(650.0) is None
    assert silence.too_long(701.0) == 100.0


def test_a_hostile_receiver_fills_an_hour_not_a_mailbox() -> None:
    """Of alarms without end a bounded number is mailed in any hour; the rest waits."""
    budget = Budget()
    taken = [now for now in range(0, 7200, 60) if budget.take(float(now))]
    assert len(taken) == 2 * MAILS_AN_HOUR
    assert max(sum(start <= t < start + 3600 for t in taken) for start in taken) == MAILS_AN_HOUR


@pytest.mark.parametrize("minutes", [15, None])
def test_silence_has_words(minutes: int | None) -> None:
    """Silence and its end are told in words of ours."""
    (mail,) = silence_mails(admins(), minutes, NOW)
    assert ("15" in mail.get_content()) == (minutes == 15)


def test_a_receiver_that_does_not_answer_is_alarmed(house: House) -> None:
    """A receiver that answers only errors for longer than the limit is one mail to the admins."""
    house.silence_seconds = 10
    house.receiver.refuse_work = True
    clock = FakeClock(time=datetime.now(UTC))  # the peers' clocks are real
    with house.polling(clock=clock):
        house.receiver.wait_for(lambda: house.receiver.asked >= 1)
        clock.advance(timedelta(seconds=60))
        mail = house.sink.next_mail()
    assert mail.recipients == ("admin@hospital.example",)
