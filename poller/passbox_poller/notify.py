"""The mail that says: there is something to look at. Who gets it, and what stands in it.

The rule: no patient, no sender, no word a sender wrote, exactly one link, and that one from the
viewer. Who is asked for decides only between addresses the hospital configured: an address in an
allowed domain, else the department's mailbox, else the fallback. The choice is made inside, after
unsealing, so nobody outside can tell a known name from an unknown one. The unverified sender never
gets mail.

Nothing is sent here: base's outbox keeps and sends.
"""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from email_validator import EmailNotValidError, validate_email

from passbox_base.errors import MailRefused
from passbox_base.mail import build_mail, parse_address, stable_message_id
from passbox_poller.errors import PeerWrong
from passbox_poller.words import DIGESTS, NOTICES, STANDSTILLS, Digest, Language, Notice
from passbox_wire.ids import TransferId

LINK_PATTERN: Final = r"^https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9._~/?=&%-]*$"
MAX_LINK: Final = 500
_LINK: Final = re.compile(LINK_PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True)
class Directory:
    """Whom the hospital lets be mailed. ``departments`` are by their names in lower case."""

    domains: Collection[str]
    departments: Mapping[str, str]
    fallback: str

    def recipient(self, untrusted_recipient: str, untrusted_department: str) -> str:
        """Return the address a notice goes to; always one."""
        wanted = _allowed_address(untrusted_recipient, self.domains)
        if wanted is not None:
            return wanted
        department = untrusted_department.strip().casefold()
        by_name = {name.strip().casefold(): box for name, box in self.departments.items()}
        return by_name.get(department, self.fallback)


def _allowed_address(untrusted: str, domains: Collection[str]) -> str | None:
    try:
        address = validate_email(
            untrusted.strip(), check_deliverability=False, allow_smtputf8=False
        ).normalized
        parsed = parse_address(address)
    except (EmailNotValidError, MailRefused):
        return None
    return address if parsed.domain.lower() in {domain.lower() for domain in domains} else None


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What is the same in every notice."""

    sender: str
    hospital: str
    language: Language
    link_prefix: str = ""


def notice(
    head: Letterhead,
    *,
    transfer: TransferId,
    recipient: str,
    link: str,
    phone_code: str,
    complete: bool,
    now: datetime,
) -> EmailMessage:
    """Return the mail about a delivery; the same delivery gives the same Message-ID.

    Raises PeerWrong when ``link`` is no link we would mail, MailRefused for a configured address
    that is none.
    """
    check_link(link, head.link_prefix)
    words = NOTICES[head.language]
    lines = [
        words.complete if complete else words.partial,
        words.unverified,
        words.phone.format(code=phone_code),
    ]
    return _mail(head, recipient, link, words, lines, ("visible", transfer), now)


def _mail(
    head: Letterhead,
    recipient: str,
    link: str,
    words: Notice | Digest,
    lines: list[str],
    about: Sequence[str],
    now: datetime,
) -> EmailMessage:
    mail = build_mail(
        sender=head.sender,
        recipient=recipient,
        subject=" - ".join(part for part in (words.subject, head.hospital) if part),
        body="\n\n".join([lines[0], f"{words.look}\n{link}", *lines[1:], words.closing]) + "\n",
        message_id=stable_message_id(parse_address(head.sender).domain, *about),
        now=now,
    )
    mail.add_alternative(
        _page(head.language, lines, words.button, link, words.closing),
        subtype="html",
        cte="quoted-printable",
    )
    return mail


def digest(
    head: Letterhead,
    recipient: str,
    inbox: str,
    transfers: Sequence[TransferId],
    now: datetime,
) -> EmailMessage:
    """Return one mail about several deliveries, with the link of the recipient's inbox.

    The same deliveries give the same Message-ID. Raises as notice().
    """
    check_link(inbox, head.link_prefix)
    words = DIGESTS[head.language]
    return _mail(
        head,
        recipient,
        inbox,
        words,
        [words.opening.format(count=len(transfers)), words.unverified],
        ("digest", recipient, *transfers),
        now,
    )


def standstill_notice(
    head: Letterhead,
    recipient: str,
    transfers: Sequence[TransferId],
    minutes: int,
    now: datetime,
) -> EmailMessage:
    """Return the mail about transfers of which nothing came for ``minutes``; it has no link.

    The same transfers give the same Message-ID. Raises MailRefused.
    """
    words = STANDSTILLS[head.language]
    commands = "\n".join(f"  passbox poller release {one}" for one in transfers)
    lines = [
        words.opening.format(minutes=minutes, count=len(transfers)),
        words.waiting,
        f"{words.release}\n{commands}",
        words.closing,
    ]
    return build_mail(
        sender=head.sender,
        recipient=recipient,
        subject=" - ".join(part for part in (words.subject, head.hospital) if part),
        body="\n\n".join(lines) + "\n",
        message_id=stable_message_id(
            parse_address(head.sender).domain, "standstill", recipient, *transfers
        ),
        now=now,
    )


def check_link(link: str, prefix: str) -> None:
    """Raise PeerWrong unless this is one plain link that begins with ``prefix``."""
    if len(link) > MAX_LINK or not _LINK.fullmatch(link) or not link.startswith(prefix):
        raise PeerWrong("the viewer's link is no link we mail")


def _page(language: Language, lines: list[str], button: str, link: str, closing: str) -> str:
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in lines[1:])
    return (
        f'<!doctype html><html lang="{language}"><body style="font-family:sans-serif">'
        f"<p>{html.escape(lines[0])}</p>"
        f'<p><a href="{html.escape(link)}">{html.escape(button)}</a></p>'
        f"{paragraphs}<p>{html.escape(closing)}</p></body></html>\n"
    )
