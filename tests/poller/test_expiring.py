"""The mail about images that will be deleted, from the viewer's event to the mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_poller.errors import PeerWrong
from passbox_poller.expiring import expiry_notice
from passbox_poller.notify import Letterhead
from passbox_poller.words import Language
from passbox_wire.inner.viewer import EventKind
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_transfer_id
from tests.parts.smtp import MailSink
from tests.poller.fake_viewer import LINK
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices
from tests.poller.test_notify import LINKS, PREFIX

CHRISTMAS = 1_924_430_400


def a_warning(language: Language = Language.ENGLISH, link: str = LINK) -> str:
    """Return the text of a mail about a deletion on 25 December 2030."""
    mail = expiry_notice(
        Letterhead("passbox@hospital.example", "Example Hospital", language, PREFIX),
        transfer=a_transfer_id(),
        recipient="post@hospital.example",
        link=link,
        deleted=CHRISTMAS,
        now=FakeClock().now(),
    )
    return str(mail.get_content())


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


@pytest.mark.parametrize(
    ("language", "day"), [(Language.GERMAN, "Dezember 2030"), (Language.ENGLISH, "December 2")]
)
def test_it_tells_the_day_and_has_one_link(language: Language, day: str) -> None:
    """The day as people write it, exactly one link, nothing about anybody."""
    text = a_warning(language)
    assert day in text
    assert text.count(LINK) == 1
    assert LINKS.findall(text.replace(LINK, "")) == []


def test_a_foreign_link_is_not_mailed() -> None:
    """Only what begins as the viewer's links do."""
    with pytest.raises(PeerWrong):
        a_warning(link="https://evil.example/s/x")


def test_the_mailbox_of_the_first_mail_gets_it(house: House) -> None:
    """After the notice comes the warning, to the same mailbox, and only once."""
    sending = Sending(slices(1))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        first = house.sink.next_mail()
        house.viewer.say(sending.transfer, EventKind.EXPIRING, LINK)
        second = house.sink.next_mail()

    assert first.recipients == second.recipients
    assert "gelöscht" in str(second.message["Subject"])
    assert str(second.message["Message-ID"]) != str(first.message["Message-ID"])
