import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passbox_base.errors import MailRefused
from passbox_base.mail import (
    MAX_SUBJECT,
    build_mail,
    clean_header,
    parse_address,
    stable_message_id,
)

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


def _mail(*, subject: str = "New transfer", recipient: str = "a@h.example") -> EmailMessage:
    return build_mail(
        sender="passbox@h.example",
        recipient=recipient,
        subject=subject,
        body="Grüße\n",
        message_id=stable_message_id("h.example", "visible", "ab" * 16),
        now=NOW,
    )


@given(subject=st.text(max_size=400))
def test_a_subject_is_one_clean_line(subject: str) -> None:
    """Whatever is in a subject, the mail keeps its headers and the subject has no controls."""
    parsed = email.message_from_bytes(
        _mail(subject=subject).as_bytes(), policy=email.policy.default
    )

    assert parsed.keys() == _mail().keys()
    shown = str(parsed["Subject"] or "")
    assert all(c.isprintable() for c in shown)
    assert parsed.get_content().splitlines() == ["Grüße"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\r\nBcc: b@evil.example", "a Bcc: b@evil.example"),
        ("a\x1b[31mb", "a[31mb"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\x85b\u2028c\x00d", "a b cd"),
        ("x" * 500, "x" * MAX_SUBJECT),
    ],
)
def test_controls_are_taken_out(text: str, clean: str) -> None:
    """Line ends become blanks; C0, C1 and direction controls go; the length has an end."""
    assert clean_header(text) == clean


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "@b.example",
        "a@b.example, c@d.example",
        "a@b.example\nBcc: c@d.example",
        "Name <a@b.example>",
        '"a b"@b.example',
        "a@b.example\x00",
        "ä@b.example",
        "a@b@c.example",
        "a..b@c.example",
        "x" * 250 + "@b.example",
    ],
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    """One plain address, or none."""
    with pytest.raises(MailRefused):
        parse_address(address)
    with pytest.raises(MailRefused):
        _mail(recipient=address)


def test_a_mail_asks_for_no_answer() -> None:
    """Automatic mail is marked as such (RFC 3834), so that nobody's absence notice comes back."""
    assert _mail()["Auto-Submitted"] == "auto-generated"


def test_the_same_mail_has_the_same_id() -> None:
    """A Message-ID is made from what the mail is about, and from nothing that varies."""
    one = stable_message_id("h.example", "visible", "ab", "c")

    assert one == stable_message_id("h.example", "visible", "ab", "c")
    assert one != stable_message_id("h.example", "visible", "a", "bc")
