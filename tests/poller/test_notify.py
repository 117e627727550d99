"""The mail about a delivery: no patient, no sender, one link, only to the hospital's addresses."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passbox_base.mail import parse_address
from passbox_poller.errors import PeerWrong
from passbox_poller.notify import Directory, Letterhead, notice
from passbox_poller.words import Language
from passbox_wire.inventory import FileKind, Inventory
from tests.builders.clocks import FakeClock
from tests.builders.wire import (
    a_sender,
    a_series,
    a_study,
    a_transfer_id,
    an_envelope,
    an_inventory,
)
from tests.parts.smtp import MailSink
from tests.poller.fake_viewer import LINK
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices

PREFIX = "https://viewer.hospital.example/s/"
DIRECTORY = Directory(
    ("hospital.example", "clinic.example"),
    {"Radiology": "radiology@hospital.example"},
    "post@hospital.example",
)
HOSTILE = [
    "Eve\r\nBcc: everybody@hospital.example",
    "http://evil.example/login",
    "www.evil.example",
    "\u202eelpmaxe.live//:sptth",
    "<a href='https://evil.example'>click</a>",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "{link} %s {0.__class__}",
    "evil@evil.example",
]
LINKS = re.compile(
    r"[a-z][a-z0-9+.-]*://|www\.|mailto:|[\w-]+\.(?:example|com|de)\b", re.IGNORECASE
)


def a_notice(
    *,
    language: Language = Language.ENGLISH,
    link: str = LINK,
    complete: bool = True,
    prefix: str = PREFIX,
) -> EmailMessage:
    """Return a notice."""
    return notice(
        Letterhead("passbox@hospital.example", "Example Hospital", language, prefix),
        transfer=a_transfer_id(),
        recipient="post@hospital.example",
        link=link,
        phone_code="ABCD-1234",
        complete=complete,
        now=FakeClock().now(),
    )


def bodies(mail: EmailMessage) -> tuple[str, str]:
    """Return text and page of a mail."""
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    return text.get_content(), page.get_content()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("complete", [True, False])
def test_text_and_html_carry_exactly_one_link(language: Language, complete: bool) -> None:
    """Both forms have the viewer's link once, and nothing else a mail program makes a link of."""
    for body in bodies(a_notice(language=language, complete=complete)):
        assert body.count(LINK) == 1
        assert LINKS.findall(body.replace(LINK, "")) == []
        assert "ABCD-1234" in body


def test_a_partial_delivery_says_so() -> None:
    """Who gets the mail learns from it that something is missing."""
    assert "not all" in bodies(a_notice(complete=False))[0]
    assert "nicht vollständig" in bodies(a_notice(language=Language.GERMAN, complete=False))[0]


def test_the_same_delivery_has_one_message_id() -> None:
    """A mail enqueued twice after a crash is recognised as one."""
    assert a_notice()["Message-ID"] == a_notice()["Message-ID"]


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://evil.example/s/abc",
        "javascript:alert(1)",
        PREFIX + "abc https://evil.example",
        PREFIX + 'abc"><script>',
        PREFIX + "a" * 500,
        PREFIX + "abc\r\nBcc: x@evil.example",
        PREFIX + "ä",
    ],
)
def test_only_a_plain_link_with_the_prefix_is_mailed(link: str) -> None:
    """A link that is not the viewer's, or could be more than one link, is not mailed."""
    with pytest.raises(PeerWrong):
        a_notice(link=link)


@pytest.mark.parametrize(
    ("recipient", "department", "address"),
    [
        ("mri@hospital.example", "Radiology", "mri@hospital.example"),
        ("mri@CLINIC.example", "", "mri@clinic.example"),
        ("mri@elsewhere.example", "Radiology", "radiology@hospital.example"),
        ("mri@sub.hospital.example", " radiology ", "radiology@hospital.example"),
        ("", "Cardiology", "post@hospital.example"),
        ("mri@hospital.example, eve@evil.example", "", "post@hospital.example"),
        ("mri@hospital.example\r\nBcc: eve@evil.example", "", "post@hospital.example"),
        ("Eve <eve@evil.example>", "Radiology", "radiology@hospital.example"),
        ('"mri@evil.example"@hospital.example', "", "post@hospital.example"),
    ],
)
def test_only_the_hospitals_own_addresses_are_mailed(
    recipient: str, department: str, address: str
) -> None:
    """An allowed address, else the department's mailbox, else the fallback; nobody else."""
    assert DIRECTORY.recipient(recipient, department) == address


@given(st.one_of(st.text(max_size=80), st.emails(), st.sampled_from(HOSTILE)), st.text(max_size=40))
def test_whatever_a_sender_asks_for_stays_inside(recipient: str, department: str) -> None:
    """Any text at all leads to one plain address in a domain of the hospital's."""
    address = DIRECTORY.recipient(recipient, department)
    assert parse_address(address).domain in {"hospital.example", "clinic.example"}


class Hostile(Sending):
    """A transfer in which every word a sender can choose is ``text``."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__([*slices(1), SentFile(b"%PDF-1.4", FileKind.PDF, path=text)], name=name)
        self._text = text

    @property
    def inventory(self) -> Inventory:
        sender = a_sender(self._text, self._text, self._text, self._text)
        envelope = an_envelope(sender=sender, recipient=self._text, department=self._text)
        return an_inventory(
            envelope=envelope,
            medium=self._text,
            studies=[a_study(patient=self._text)],
            series=[a_series()],
            files=super().inventory.files,
        )


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def test_no_word_of_a_sender_is_in_the_mail(house: House) -> None:
    """Whatever a sender writes, every mail is the fixed text with one link."""
    sendings = [Hostile(text, f"hostile {number}") for number, text in enumerate(HOSTILE)]
    with house.polling():
        for sending in sendings:
            house.send(sending)
        known = [house.wait_until_finished(sending.transfer) for sending in sendings]
        # Control characters are no text of the contract: those never get as far as a mail.
        mails = [house.sink.next_mail() for transfer in known if transfer.announced]
    assert len(mails) >= len(HOSTILE) - 2
    assert {mail.recipients for mail in mails} == {("post@hospital.example",)}
    texts = {bodies(mail.message) for mail in mails}
    assert {tuple(mail.message.keys()) for mail in mails} == {tuple(a_notice().keys())}
    for text, page in texts:
        assert (text.count(LINK), page.count(LINK)) == (1, 1)
        assert LINKS.findall((text + page).replace(LINK, "")) == []
        assert not any(word in text + page for word in ("evil", "Doe", "click", "Bcc"))


def test_the_mail_server_may_be_away(house: House) -> None:
    """A mail the server turns away waits in the outbox and does not hold up the receipt."""
    house.sink.refuse_with = "451 come back later"
    sending = Sending(slices(1))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
    assert len(list((house.spool / "mail" / "queued").glob("*.mail"))) == 1


def test_nothing_of_the_patient_is_in_the_mail_or_the_ledger(house: House) -> None:
    """Canaries in names, paths and sender fields are in neither the raw mail nor the spool."""
    canary = "Canary-Zwitscher-4711"
    with house.polling():
        sending = Hostile(canary, "canary")
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        mail = house.sink.next_mail()
    assert canary not in mail.message.as_string()
    kept = [path for path in house.spool.rglob("*") if path.is_file()]
    assert any(path.name.startswith("ledger") for path in kept)
    assert [path for path in kept if canary.encode() in path.read_bytes()] == []
