"""A mail server that keeps what it gets: a real SMTP conversation over a real socket."""

import email
import email.policy
import queue
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.parts.programs import LOOPBACK, free_port

MAIL_DEADLINE = 60.0  # seconds
START_DEADLINE = 60.0  # seconds; aiosmtpd's own five are few on a loaded machine


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was handed over: envelope, message, and whether the line was encrypted."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    over_tls: bool


class MailSink:
    """A mail server on loopback; ``refuse_with`` set to an SMTP reply makes it turn mail away."""

    def __init__(self, starttls: ssl.SSLContext | None = None) -> None:
        self.host = LOOPBACK
        self.port = free_port()
        self.refuse_with: str | None = None
        self._mails: queue.Queue[Mail] = queue.Queue()
        self._controller = Controller(
            self,
            hostname=self.host,
            port=self.port,
            ready_timeout=START_DEADLINE,
            tls_context=starttls,
            require_starttls=starttls is not None,
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refuse_with is not None:
            return self.refuse_with
        content = envelope.content
        if not isinstance(content, bytes):
            return "554 no content"
        message = email.message_from_bytes(content, policy=email.policy.default)
        sender, recipients = envelope.mail_from or "", tuple(envelope.rcpt_tos)
        self._mails.put(Mail(sender, recipients, message, over_tls=session.ssl is not None))
        return "250 kept"

    def next_mail(self, deadline: float = MAIL_DEADLINE) -> Mail:
        """Return the next mail, oldest first; wait up to ``deadline`` seconds.

        Raises:
            queue.Empty: none came.
        """
        return self._mails.get(timeout=deadline)

    def waiting(self) -> int:
        """Return how many mails came that nobody took with next_mail."""
        return self._mails.qsize()

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    """A mail server without TLS; make a MailSink yourself for STARTTLS."""
    sink = MailSink()
    sink.start()
    yield sink
    sink.stop()
