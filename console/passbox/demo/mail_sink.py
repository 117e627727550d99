"""Where the demo's mails end: a real SMTP server on loopback that keeps what it gets."""

import email
import email.policy
import queue
from email.message import EmailMessage
from typing import Final, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from passbox.demo.programs import LOOPBACK, START_SECONDS


class MailSink:
    """An SMTP server; mails are taken one by one in the order they came."""

    def __init__(self, port: int) -> None:
        self._mails: queue.Queue[EmailMessage] = queue.Queue()
        self._controller: Final = Controller(
            self, hostname=LOOPBACK, port=port, ready_timeout=START_SECONDS
        )

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Keep one mail; called by the library."""
        content = envelope.content
        data = content if isinstance(content, bytes) else (content or "").encode()
        self._mails.put(email.message_from_bytes(data, policy=email.policy.default))
        return "250 kept"

    def next_mail(self, seconds: float) -> EmailMessage | None:
        """Return the next mail, or None when none came in time."""
        try:
            return self._mails.get(timeout=seconds)
        except queue.Empty:
            return None

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
