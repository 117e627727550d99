"""Alarms by the receiver's own mail, and the two that only the clock notices."""

from datetime import timedelta
from pathlib import Path

import pytest

from passbox_base.smtp import SmtpRelay, SmtpTls
from passbox_receiver import operations
from passbox_receiver.expiry import tick
from passbox_receiver.mailing import KINDS, AlarmMail
from passbox_receiver.settings import MailSection
from passbox_wire.inner.receiver import AlarmKind
from tests.builders.answers import good
from tests.builders.clocks import FakeClock
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack
from tests.parts.smtp import MailSink

pytestmark = pytest.mark.anyio

ADMINS = ("it@klinik.example", "rad@klinik.example")
HOUR = timedelta(hours=1)


def _mail(house: House, sink: MailSink) -> AlarmMail:
    section = MailSection(host=sink.host, sender="passbox@klinik.example", admins=ADMINS)
    return AlarmMail(house.receiver, section, SmtpRelay(sink.host, sink.port, SmtpTls.NONE))


def _test_alarm(house: House) -> None:
    operations.send_test_alarm(house.settings_path, author="anna", reason="test")


async def test_an_alarm_reaches_every_admin_once(house: House, mail_sink: MailSink) -> None:
    """Each alarm is mailed to each admin once, though the clock looks again and again."""
    mail = _mail(house, mail_sink)
    _test_alarm(house)
    for _ in range(3):
        mail.enqueue()
        await mail.send()
    got = [mail_sink.next_mail() for _ in ADMINS]
    assert {one.recipients for one in got} == {(admin,) for admin in ADMINS}
    assert "Probealarm" in got[0].message.get_content()
    _test_alarm(house)
    assert mail.enqueue() == 1


async def test_a_relay_that_is_down_loses_nothing(tmp_path: Path, mail_sink: MailSink) -> None:
    """With the relay away for an hour every alarm of it arrives, also after a restart."""
    clock = FakeClock()
    with an_open_receiver(tmp_path, clock=clock) as house:
        mail_sink.refuse_with = "451 later"
        for _ in range(3):
            _test_alarm(house)
            mail = _mail(house, mail_sink)
            mail.enqueue()
            await mail.send()
            clock.advance(HOUR / 3)
    mail_sink.refuse_with = None
    clock.advance(HOUR)
    with an_open_receiver(tmp_path, clock=clock) as house:
        mail = _mail(house, mail_sink)
        assert mail.enqueue() == 0
        await mail.send()
    assert len([mail_sink.next_mail() for _ in range(3 * len(ADMINS))]) == 6


async def test_an_inside_that_stays_away_is_told_once(tmp_path: Path) -> None:
    """Polls that stay away raise one alarm for each absence; a poll ends it."""
    clock = FakeClock()
    with an_open_receiver(tmp_path, clock=clock) as house:
        poller = Poller(house.inner(), house)
        await poller.work()
        raised = []
        for _ in range(4):
            clock.advance(timedelta(minutes=10))
            raised.append(tick(house.receiver))
        assert raised == [False, True, False, False]
        (alarm,) = (await poller.work()).alarms
        assert (alarm.kind, alarm.limit) == (AlarmKind.POLLER_SILENT, 900)
        assert not tick(house.receiver)


async def test_a_day_over_the_soft_limit_is_summed_up(tmp_path: Path) -> None:
    """After the one alarm of the moment the day's sum is told once, when the day is over."""
    clock = FakeClock()
    with an_open_receiver(
        tmp_path, clock=clock, toml="[monitor]\nsoft_bytes_per_day = 10000"
    ) as house:
        sender, poller = Sender(house.public(), house), Poller(house.inner(), house)
        good(await sender.open())
        for number in range(3):
            good(await sender.put(number, a_pack(sender.transfer, number, size=20_000)))
        (first,) = (await poller.work()).alarms
        good(await poller.alarms_seen(first.sequence))
        clock.advance(timedelta(days=1))
        await poller.work()
        for _ in range(3):
            tick(house.receiver)
        (digest,) = (await poller.work()).alarms
        assert (digest.kind, digest.used > 2 * first.used) == (AlarmKind.SOFT_LIMIT, True)


def test_there_are_words_for_every_alarm() -> None:
    """Each kind of alarm has its sentence in both languages."""
    assert all(set(words) == set(AlarmKind) for words in KINDS.values())
