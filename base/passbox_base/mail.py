"""Mails that are built, not glued: one recipient, fixed headers, no foreign control characters.

Why here: the poller's notices and the receiver's alarms leave under the hospital's own address,
and whoever writes into their headers writes in the hospital's name.

The rule: addresses are parsed, one recipient a mail; header text loses C0, C1, line ends and bidi
controls (the standard library refuses line ends but lets ESC and U+202E through); the Message-ID
is made from what the mail is about, so a mail sent twice is recognised as one; Auto-Submitted
says that nobody is to be answered (RFC 3834). What stands in the body, and that it has one link
at most, is the caller's rule. Nothing is sent here: see outbox.py.
"""

import hashlib
import re
import unicodedata
from datetime import datetime
from email.errors import HeaderParseError, MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from passbox_base.errors import MailRefused

MAX_SUBJECT: Final = 200
_MAX_ADDRESS: Final = 254  # RFC 5321 section 4.5.3.1.3, less the brackets
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}\Z")


def parse_address(untrusted: str) -> Address:
    """Return an address of plain ASCII (dot-atom, RFC 5322); raise MailRefused for others."""
    if len(untrusted) > _MAX_ADDRESS or not _ADDRESS.match(untrusted):
        raise MailRefused("not a plain mail address")
    try:
        return Address(addr_spec=untrusted)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise MailRefused("not a plain mail address") from error


def clean_header(text: str) -> str:
    """Return text on one line without control, format (bidi) and unassigned characters."""
    spaced = re.sub(r"\s+", " ", text)
    kept = "".join(
        c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn", "Co"}
    )
    return kept.strip()[:MAX_SUBJECT]


def stable_message_id(domain: str, *about: str) -> str:
    """Return the Message-ID of the one mail about these words (an event, an id, a recipient)."""
    digest = hashlib.sha256("\0".join(about).encode()).hexdigest()[:40]
    return f"<{digest}@{domain}>"


def build_mail(
    *, sender: str, recipient: str, subject: str, body: str, message_id: str, now: datetime
) -> EmailMessage:
    """Return a plain-text mail; ``now`` is aware. Raises MailRefused."""
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = parse_address(sender)
        mail["To"] = parse_address(recipient)
        mail["Subject"] = clean_header(subject)
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = message_id
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(body, cte="quoted-printable")
    except (MessageError, ValueError) as error:
        raise MailRefused("a header of the mail cannot be written") from error
    return mail
