"""The mail that says: these images will be deleted soon, and nobody has taken them over.

The rule is that of all notices (notify.py): no patient, no sender, no word a sender wrote, exactly
one link, and that one from the viewer. It goes to the mailbox that got the first one.
"""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final, NamedTuple

from babel.dates import format_date

from passbox_base.mail import build_mail, parse_address, stable_message_id
from passbox_poller.notify import Letterhead, check_link
from passbox_poller.words import NOTICES, Language
from passbox_wire.ids import TransferId


class _Words(NamedTuple):
    subject: str
    opening: str
    hint: str


_WORDS: Final = {
    Language.GERMAN: _Words(
        subject="Bilder von außerhalb werden bald gelöscht",
        opening="Bilder von außerhalb, die noch niemand ins PACS übernommen oder abgelehnt hat, "
        "werden am {day} gelöscht.",
        hint="Wer sie braucht, sendet sie auf der Seite vorher ins PACS. Sonst ist nichts zu tun.",
    ),
    Language.ENGLISH: _Words(
        subject="Images from outside will soon be deleted",
        opening="Images from outside that nobody has taken into the PACS or refused will be "
        "deleted on {day}.",
        hint="If you need them, send them to the PACS on the page before. Else there is nothing "
        "to do.",
    ),
}


def expiry_notice(
    head: Letterhead,
    *,
    transfer: TransferId,
    recipient: str,
    link: str,
    deleted: int,
    now: datetime,
) -> EmailMessage:
    """Return the mail; ``deleted``: when, in Unix seconds. The same one has one Message-ID.

    Raises PeerWrong when ``link`` is no link we would mail, MailRefused for a configured address
    that is none.
    """
    check_link(link, head.link_prefix)
    words, usual = _WORDS[head.language], NOTICES[head.language]
    day = datetime.fromtimestamp(deleted, UTC).astimezone()
    said = words.opening.format(day=format_date(day, format="long", locale=head.language.value))
    return build_mail(
        sender=head.sender,
        recipient=recipient,
        subject=" - ".join(part for part in (words.subject, head.hospital) if part),
        body="\n\n".join([said, f"{usual.look}\n{link}", words.hint, usual.closing]) + "\n",
        message_id=stable_message_id(parse_address(head.sender).domain, "expiring", transfer),
        now=now,
    )
