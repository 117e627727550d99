"""Senders' words and the hospital's own mail: no link, no header, no recipient gets in.

A share of what tests/faults/test_mail_attacks.py does with 500 names and 1,000 injections.
"""

import email
import email.policy
import itertools
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage

from passbox_base.errors import MailRefused
from passbox_base.mail import build_mail
from passbox_poller.alarms import Admins, alarm_mails
from passbox_poller.notify import Directory, Letterhead, notice
from passbox_poller.words import Language
from passbox_receiver.mailing import alarm_mails as receiver_alarm_mails
from passbox_receiver.settings import MailSection
from passbox_wire.inner.receiver import Alarm, AlarmKind
from tests.builders.hostile_words import hostile_names, injections
from tests.builders.wire import a_destination_id, a_transfer_id

NOW = datetime(2030, 1, 2, tzinfo=UTC)
PREFIX = "https://viewer.hospital.example/s/"
LINK = f"{PREFIX}abc123"
DIRECTORY = Directory(
    ("hospital.example",), {"Radiology": "radiology@hospital.example"}, "post@hospital.example"
)
HEAD = Letterhead("passbox@hospital.example", "Klinik Beispiel", Language.GERMAN, PREFIX)
LINKS = re.compile(
    r"[a-z][a-z0-9+.-]*:[^\s]|www\.|//|\\\\|@|[\w-]+\.[a-z]{2,}\b(?!\w)", re.IGNORECASE
)
"""What mail programs make links of, more rather than less."""
TYPES = re.compile(r"<!doctype html>|<[^<>]*>|&#?\w+;", re.IGNORECASE)


def bodies(mail: EmailMessage) -> list[str]:
    """Return the parts as a reader's mail program has them, from the bytes on the wire."""
    parsed = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    return [part.get_content() for part in parsed.walk() if not part.is_multipart()]


def notice_for(recipient: str, department: str) -> EmailMessage:
    """Return the notice a sender's wishes lead to."""
    return notice(
        HEAD,
        transfer=a_transfer_id(),
        recipient=DIRECTORY.recipient(recipient, department),
        link=LINK,
        phone_code="ABCD-EFGH",
        complete=True,
        now=NOW,
    )


def test_hostile_names_leave_one_link() -> None:
    """Each mail has the viewer's link once in text and page, and nothing else becomes a link."""
    check_names(hostile_names(500)[::7])


def check_names(names: Sequence[str]) -> None:
    """Look at the mail that each name leads to."""
    for name in names:
        for body in bodies(notice_for(name, name)):
            assert body.count(LINK) == 1
            assert LINKS.findall(TYPES.sub(" ", body.replace(LINK, ""))) == []
            assert "evil" not in body
            assert not any(c in body for c in "\x1b\u202e\u2066\u200b")


def test_the_search_for_links_finds_them() -> None:
    """The test above sees what it is about: each of the names itself is a hit."""
    assert [name for name in hostile_names(500) if not LINKS.search(name)] == []


def test_injections_add_no_header_and_no_recipient() -> None:
    """Whatever stands in a subject, an address or a department, the mail has its own headers."""
    check_injections(itertools.islice(injections(1000), 0, None, 13))


def check_injections(texts: Iterable[str]) -> None:
    """Look at the headers of the mail that each text leads to."""
    headers = notice_for("", "").keys()
    plain = build(subject="s").keys()
    for text in texts:
        mail = notice_for(text, text)
        assert raw(mail).keys() == headers
        assert mail["To"] in {"post@hospital.example", "radiology@hospital.example"}
        assert raw(build(subject=text)).keys() == plain
        for field in ("sender", "recipient", "message_id"):
            assert refused_or_clean(field, text, plain)


def build(**wanted: str) -> EmailMessage:
    """Return a mail with some of its fields as wanted."""
    fields = {
        "sender": "passbox@hospital.example",
        "recipient": "post@hospital.example",
        "subject": "s",
        "message_id": "<1@hospital.example>",
    }
    return build_mail(**(fields | wanted), body="b", now=NOW)


def raw(mail: EmailMessage) -> EmailMessage:
    """Return what a mail server reads."""
    parsed = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def refused_or_clean(field: str, text: str, headers: list[str]) -> bool:
    """Return whether a hostile address or id is refused or leads to no header of its own."""
    try:
        mail = build(**{field: text})
    except MailRefused:
        return True
    return raw(mail).keys() == headers


def test_alarms_of_both_programs_carry_no_link() -> None:
    """Whatever numbers a hostile DMZ sends, mails to admins have no link and their own headers."""
    admins = Admins(
        a_destination_id(), "p@hospital.example", ["a@hospital.example"], Language.GERMAN
    )
    section = MailSection.model_validate(
        {"host": "mail.example", "sender": "p@hospital.example", "admins": ["a@hospital.example"]}
    )
    for kind in AlarmKind:
        alarms = [Alarm(2**60, kind, 2**32, 2**62, 2**62)]
        mails = [*alarm_mails(admins, alarms, NOW), *receiver_alarm_mails(section, alarms, NOW)]
        assert len(mails) == 2
        for mail in mails:
            assert mail["To"] == "a@hospital.example"
            for body in bodies(mail):
                assert LINKS.findall(re.sub(r"\d\d:\d\d", "", body)) == []
