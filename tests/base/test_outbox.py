import ssl
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Self

import pytest

from passbox_base.errors import MailRefused
from passbox_base.mail import build_mail, stable_message_id
from passbox_base.outbox import GIVE_UP_AFTER, Answer, MailState, Outbox, Round
from passbox_base.smtp import SmtpRelay, SmtpTls
from tests.builders.clocks import FakeClock
from tests.builders.pki import Pki
from tests.parts.programs import free_port
from tests.parts.smtp import MailSink

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


def _mail(about: str = "one") -> EmailMessage:
    return build_mail(
        sender="passbox@h.example",
        recipient="doctor@h.example",
        subject="New transfer",
        body="See https://passbox.h.example/t/1 grüße\n",
        message_id=stable_message_id("h.example", about),
        now=FakeClock().now(),
    )


def _id(about: str = "one") -> str:
    return stable_message_id("h.example", about)


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _note_as_sent(outbox: Path) -> None:
    (queued,) = outbox.glob("queued/*.mail")
    (outbox / "sent" / queued.stem).touch()


class ScriptedRelay:
    """Answers as told, in order, then the last answer for ever; notes what it was handed."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.mails: list[bytes] = []

    async def hand_over(self, sender: str, recipient: str, mail: bytes) -> Answer:
        self.mails.append(mail)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def test_a_mail_arrives_as_it_was_built(tmp_path: Path, mail_sink: MailSink) -> None:
    """A real conversation carries envelope, headers and text unchanged, and only once."""
    clock, outbox = FakeClock(), Outbox(tmp_path)
    relay = SmtpRelay(mail_sink.host, mail_sink.port, tls=SmtpTls.NONE)
    outbox.enqueue(_mail(), now=clock.now())

    assert (await outbox.send_due(relay, now=clock.now())).sent == [_id()]
    assert (await outbox.send_due(relay, now=clock.now() + DAY)).sent == []
    mail = mail_sink.next_mail()
    assert (mail.sender, mail.recipients) == ("passbox@h.example", ("doctor@h.example",))
    assert mail.message["Message-ID"] == _id()
    assert mail.message.get_content().split() == _mail().get_content().split()
    assert mail_sink.waiting() == 0


async def test_starttls_is_used_with_a_known_root(tmp_path: Path) -> None:
    """A relay with a certificate of the given CA gets the mail over TLS."""
    pki = Pki(tmp_path)
    with _TlsSink(pki) as sink:
        relay = SmtpRelay(sink.host, sink.port, ca_pem=pki.ca_pem)
        answer = await relay.hand_over("a@h.example", "b@h.example", _mail().as_bytes())

        assert answer is Answer.TAKEN
        assert sink.next_mail().over_tls


async def test_nothing_goes_in_clear_where_tls_was_asked_for(mail_sink: MailSink) -> None:
    """A relay that offers no STARTTLS, or whose CA is unknown, gets nothing."""
    relay = SmtpRelay(mail_sink.host, mail_sink.port, tls=SmtpTls.STARTTLS)

    assert await relay.hand_over("a@h.example", "b@h.example", b"x\r\n") is Answer.NO_RELAY
    assert mail_sink.waiting() == 0


async def test_an_unknown_relay_certificate_gets_nothing(tmp_path: Path) -> None:
    """A relay under a CA that was not given is no relay."""
    with _TlsSink(Pki(tmp_path)) as sink:
        (tmp_path / "other").mkdir()
        relay = SmtpRelay(sink.host, sink.port, ca_pem=Pki(tmp_path / "other").ca_pem)

        assert await relay.hand_over("a@h.example", "b@h.example", b"x\r\n") is Answer.NO_RELAY
        assert sink.waiting() == 0


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("451 busy", Answer.LATER), ("554 spam", Answer.NEVER), ("421 closing", Answer.LATER)],
)
async def test_the_relays_word_is_sorted(mail_sink: MailSink, reply: str, answer: Answer) -> None:
    """4xx means later, 5xx means never."""
    mail_sink.refuse_with = reply
    relay = SmtpRelay(mail_sink.host, mail_sink.port, tls=SmtpTls.NONE)

    assert await relay.hand_over("a@h.example", "b@h.example", b"x\r\n") is answer


async def test_a_dead_relay_loses_nothing(tmp_path: Path, mail_sink: MailSink) -> None:
    """Mails wait while nobody listens, also across a restart, and go when the relay is back."""
    clock = FakeClock()
    Outbox(tmp_path).enqueue(_mail("one"), now=clock.now())
    Outbox(tmp_path).enqueue(_mail("two"), now=clock.now())
    dead = SmtpRelay("127.0.0.1", free_port(), tls=SmtpTls.NONE)
    first = await Outbox(tmp_path).send_due(dead, now=clock.now())
    alive = SmtpRelay(mail_sink.host, mail_sink.port, tls=SmtpTls.NONE)
    second = await Outbox(tmp_path).send_due(alive, now=clock.now() + DAY)

    assert sorted(first.waiting) == sorted(second.sent) == sorted([_id("one"), _id("two")])
    assert {mail_sink.next_mail().message["Message-ID"] for _ in range(2)} == set(second.sent)


async def test_one_look_is_enough_to_know_the_relay_is_away(tmp_path: Path) -> None:
    """With no relay the other due mails are not tried one by one."""
    clock, outbox, relay = FakeClock(), Outbox(tmp_path), ScriptedRelay(Answer.NO_RELAY)
    for about in ("one", "two", "three"):
        outbox.enqueue(_mail(about), now=clock.now())

    assert len((await outbox.send_due(relay, now=clock.now())).waiting) == 3
    assert len(relay.mails) == 1


async def test_waits_grow(tmp_path: Path) -> None:
    """After each failure the next attempt is further away: 1, 2, 5, 15, 30, 60, 60 minutes."""
    clock, outbox, relay = FakeClock(), Outbox(tmp_path), ScriptedRelay(Answer.LATER)
    outbox.enqueue(_mail(), now=clock.now())
    tried = []
    for minute in range(1 + 1 + 2 + 5 + 15 + 30 + 60 + 60):
        if (await outbox.send_due(relay, now=clock.now())).waiting:
            tried.append(minute)
        clock.advance(timedelta(minutes=1))

    assert tried == [0, 1, 3, 8, 23, 53, 113, 173]


async def test_a_refused_mail_is_kept_for_a_human(tmp_path: Path) -> None:
    """A mail refused for good is told once, kept, and not tried again."""
    clock, outbox, relay = FakeClock(), Outbox(tmp_path), ScriptedRelay(Answer.NEVER)
    outbox.enqueue(_mail(), now=clock.now())

    assert (await outbox.send_due(relay, now=clock.now())).failed == [_id()]
    assert await outbox.send_due(relay, now=clock.now() + DAY) == Round()
    assert outbox.state(_id()) is MailState.FAILED
    assert len(_files(tmp_path / "failed")) == 1


async def test_there_is_an_end_to_trying(tmp_path: Path) -> None:
    """After three days a mail that never went is told as failed."""
    clock, outbox, relay = FakeClock(), Outbox(tmp_path), ScriptedRelay(Answer.LATER)
    outbox.enqueue(_mail(), now=clock.now())
    clock.advance(GIVE_UP_AFTER)

    assert (await outbox.send_due(relay, now=clock.now())).failed == [_id()]


@pytest.mark.parametrize("answer", [Answer.LATER, Answer.TAKEN, Answer.NEVER])
async def test_one_mail_is_one_mail(tmp_path: Path, answer: Answer) -> None:
    """Enqueueing the same Message-ID again changes nothing, in whatever state the mail is."""
    clock, outbox, relay = FakeClock(), Outbox(tmp_path), ScriptedRelay(answer)
    outbox.enqueue(_mail(), now=clock.now())
    await outbox.send_due(relay, now=clock.now())
    counts, state = outbox.counts(), outbox.state(_id())

    assert outbox.enqueue(_mail(), now=clock.now()) is state
    assert outbox.counts() == counts


async def test_a_crash_after_the_note_sends_nothing_twice(tmp_path: Path) -> None:
    """A mail noted as sent whose file was not yet cleared away is cleared, not sent."""
    clock, outbox, relay = FakeClock(), Outbox(tmp_path), ScriptedRelay(Answer.TAKEN)
    outbox.enqueue(_mail(), now=clock.now())
    _note_as_sent(tmp_path)

    assert await outbox.send_due(relay, now=clock.now()) == Round()
    assert relay.mails == []
    assert _files(tmp_path / "queued") == []


async def test_a_rotten_file_stops_nobody(tmp_path: Path) -> None:
    """A mail that cannot be read any more is told as failed, and the others go."""
    clock, outbox = FakeClock(), Outbox(tmp_path)
    outbox.enqueue(_mail(), now=clock.now())
    _write(tmp_path / "queued" / "00.mail", b"rotten")
    done = await outbox.send_due(ScriptedRelay(Answer.TAKEN), now=clock.now())

    assert (done.failed, done.sent) == (["00"], [_id()])


async def test_what_was_sent_is_not_kept(tmp_path: Path) -> None:
    """Of a sent mail only the fact remains, no address and no word."""
    clock, outbox = FakeClock(), Outbox(tmp_path)
    outbox.enqueue(_mail(), now=clock.now())
    await outbox.send_due(ScriptedRelay(Answer.TAKEN), now=clock.now())

    assert _files(tmp_path) == [b""]


async def test_a_mail_without_an_id_is_refused(tmp_path: Path) -> None:
    """Without a Message-ID or a single recipient a mail could not be told from another."""
    nameless, crowded = _mail(), _mail()
    del nameless["Message-ID"]
    crowded.replace_header("To", "a@h.example, b@h.example")

    for mail in (nameless, crowded):
        with pytest.raises(MailRefused):
            Outbox(tmp_path).enqueue(mail, now=FakeClock().now())


class _TlsSink(MailSink):
    """A mail server that insists on STARTTLS, with a certificate of ``pki``."""

    def __init__(self, pki: Pki) -> None:
        files = pki.server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        super().__init__(starttls=context)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
