"""Handing one mail to the hospital's relay (aiosmtplib), and sorting what it answers.

Why here: the poller, and the receiver where it has a relay, send through the same outbox.

The rule: TLS as configured, never less (an offered STARTTLS that is missing is a failure, not a
reason to go on in clear); deadlines on everything; every answer becomes one of four words. It
keeps nothing and retries nothing: the outbox does.
"""

import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiosmtplib

from passbox_base.outbox import Answer

_PERMANENT: Final = range(500, 600)


class SmtpTls(StrEnum):
    """How the conversation is protected."""

    NONE = "none"
    """A relay on the same machine or in the same closed network."""
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class SmtpRelay:
    """A mail server that takes our mails. ``ca_pem``: its root, or None for the system's."""

    host: str
    port: int
    tls: SmtpTls = SmtpTls.STARTTLS
    username: str | None = None
    password: str | None = None
    ca_pem: str | None = None
    timeout: float = 30.0

    async def hand_over(self, sender: str, recipient: str, mail: bytes) -> Answer:
        """Try once; see outbox.Relay."""
        try:
            await aiosmtplib.send(
                mail,
                sender=sender,
                recipients=[recipient],
                hostname=self.host,
                port=self.port,
                use_tls=self.tls is SmtpTls.IMPLICIT,
                start_tls=self.tls is SmtpTls.STARTTLS,
                tls_context=self._context(),
                username=self.username,
                password=self.password,
                timeout=self.timeout,
            )
        except aiosmtplib.SMTPException as error:
            return _sort(error)
        except (OSError, ssl.SSLError):
            return Answer.NO_RELAY
        return Answer.TAKEN

    def _context(self) -> ssl.SSLContext | None:
        if self.tls is SmtpTls.NONE:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # relays are older than we are
        if self.ca_pem is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(cadata=self.ca_pem)
        return context


def _sort(error: aiosmtplib.SMTPException) -> Answer:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = {refusal.code for refusal in error.recipients}
        return Answer.NEVER if codes and codes <= set(_PERMANENT) else Answer.LATER
    if isinstance(error, (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPHeloError)):
        return Answer.NO_RELAY  # a wrong password is ours to mend; the mails wait
    if isinstance(error, (aiosmtplib.SMTPDataError, aiosmtplib.SMTPSenderRefused)):
        return Answer.NEVER if error.code in _PERMANENT else Answer.LATER
    return Answer.NO_RELAY
