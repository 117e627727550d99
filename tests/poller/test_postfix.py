"""Notices on their way through a real mail server."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from passbox_base.outbox import MailState, Outbox
from passbox_base.smtp import SmtpRelay, SmtpTls
from passbox_poller.notify import Letterhead, notice
from passbox_poller.words import Language
from tests.builders.wire import a_transfer_id
from tests.parts.postfix import REFUSED, Postfix
from tests.poller.fake_viewer import LINK

NOW = datetime(2030, 1, 2, tzinfo=UTC)
HEAD = Letterhead("passbox@hospital.example", "Klinik Größe & Söhne", Language.GERMAN)


def test_a_real_mail_server_delivers_a_notice_as_it_was_made(
    tmp_path: Path, postfix: Postfix
) -> None:
    """Text and page arrive whole, umlauts and all; who is unknown there is refused for good."""
    outbox = Outbox(tmp_path)
    known, gone = (
        notice(
            HEAD,
            transfer=a_transfer_id(),
            recipient=recipient,
            link=LINK,
            phone_code="ABCD-EFGH",
            complete=False,
            now=NOW,
        )
        for recipient in ("mri@hospital.example", REFUSED)
    )
    gone.replace_header("Message-ID", "<another@hospital.example>")
    for mail in (known, gone):
        outbox.enqueue(mail, now=NOW)
    relay = SmtpRelay(postfix.host, postfix.port, SmtpTls.NONE)
    done = asyncio.run(outbox.send_due(relay, now=NOW))
    assert (done.sent, done.failed) == ([known["Message-ID"]], [gone["Message-ID"]])
    assert outbox.state(gone["Message-ID"]) is MailState.FAILED
    came = postfix.next_mail()
    assert came["Delivered-To"] == "mri@hospital.example"
    assert came["Subject"] == known["Subject"]
    for kind in ("plain", "html"):
        sent, arrived = known.get_body((kind,)), came.get_body((kind,))
        assert sent is not None
        assert arrived is not None
        assert arrived.get_content() == sent.get_content()
        assert arrived.get_content().count(LINK) == 1
