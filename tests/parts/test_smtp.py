import smtplib
import ssl
from email.message import EmailMessage

import pytest
import trustme

from tests.parts.smtp import MailSink


def letter() -> EmailMessage:
    """Return a small mail with an umlaut in its subject."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Grüße"
    message.set_content("Ein Link.")
    return message


def test_keeps_a_mail(mail_sink: MailSink) -> None:
    """A mail handed over by SMTP is kept with its envelope, decoded."""
    with smtplib.SMTP(mail_sink.host, mail_sink.port) as client:
        client.send_message(letter())

    mail = mail_sink.next_mail()
    assert (mail.sender, mail.recipients) == ("a@example.org", ("b@example.org",))
    assert mail.message["Subject"] == "Grüße"
    assert mail.message.get_content().strip() == "Ein Link."
    assert not mail.over_tls
    assert mail_sink.waiting() == 0


def test_can_turn_mail_away(mail_sink: MailSink) -> None:
    """A sink told to refuse answers with that reply and keeps nothing."""
    mail_sink.refuse_with = "451 come back later"
    with (
        smtplib.SMTP(mail_sink.host, mail_sink.port) as client,
        pytest.raises(smtplib.SMTPDataError) as refused,
    ):
        client.send_message(letter())
    assert refused.value.smtp_code == 451
    assert mail_sink.waiting() == 0


def test_speaks_starttls() -> None:
    """A sink with a certificate takes mail only after STARTTLS, and notes that it was encrypted."""
    authority = trustme.CA()
    server, client_context = (
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        ssl.create_default_context(),
    )
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client_context)
    sink = MailSink(starttls=server)
    sink.start()
    try:
        with smtplib.SMTP(sink.host, sink.port) as client:
            client.starttls(context=client_context)
            client.send_message(letter())
        assert sink.next_mail().over_tls
    finally:
        sink.stop()
