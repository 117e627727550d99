"""When notices leave: ten an hour to one recipient, then one mail for all; nothing is lost."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from passbox_base.outbox import Outbox
from passbox_poller.errors import PeerWrong
from passbox_poller.ledger import Ledger
from passbox_poller.noticing import NOTICES_AN_HOUR, Noticing
from passbox_poller.notify import Letterhead
from passbox_poller.words import Language
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import WorkItem
from passbox_wire.states import UploadState
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_signing_key, public

PREFIX = "https://viewer.hospital.example/"
INBOX = f"{PREFIX}inbox/secret"
DOCTOR, WARD = "doctor@hospital.example", "ward@hospital.example"
KEY = public(a_signing_key("sender"))


class Desk:
    """A noticing whose clock the test moves; ``reopen`` is a restart."""

    def __init__(self, folder: Path, language: Language = Language.ENGLISH) -> None:
        self.clock = FakeClock()
        self._folder = folder
        self._language = language
        self._count = 0
        self.reopen()

    def reopen(self) -> None:
        self.ledger = Ledger.open(self._folder, self.clock)
        self.noticing = Noticing(
            notices=self.ledger.notices,
            outbox=Outbox(self._folder / "mail"),
            letterhead=Letterhead("p@hospital.example", "Klinik", self._language, PREFIX),
            inboxes={DOCTOR: INBOX},
            clock=self.clock,
            enqueued=lambda: None,
        )

    def announce(self, recipient: str, count: int = 1) -> None:
        for _ in range(count):
            transfer = TransferId(f"{self._count:032x}")
            self._count += 1
            item = WorkItem(transfer, UploadState.CLOSED, KEY, b"s", 1, 1, 0, None, None, 1, 1)
            self.ledger.begin(item)
            self.noticing.announce(transfer, recipient, f"{PREFIX}s/{transfer}")

    def mails(self) -> list[EmailMessage]:
        """Return what was enqueued so far."""
        found = []
        for path in sorted((self._folder / "mail/queued").glob("*.mail")):
            mail = message_from_bytes(path.read_bytes().split(b"\n", 1)[1], policy=policy.default)
            assert isinstance(mail, EmailMessage)
            found.append(mail)
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk of one hospital."""
    desk = Desk(tmp_path)
    yield desk
    desk.ledger.close()


def texts(desk: Desk) -> list[str]:
    """Return the text of each mail."""
    return [str(mail.get_body(("plain",))) for mail in desk.mails()]


def flood(desk: Desk, count: int) -> None:
    """Have as many deliveries announced to one doctor, restarting in between."""
    for _ in range(NOTICES_AN_HOUR + 2):
        desk.announce(DOCTOR)
        desk.noticing.turn()
        desk.ledger.close()
        desk.reopen()
    desk.announce(DOCTOR, count - NOTICES_AN_HOUR - 2)
    desk.noticing.turn()


def check_a_flood(desk: Desk, count: int) -> None:
    """A flood is ten mails and, an hour later, one that counts the rest."""
    flood(desk, count)
    assert len(desk.mails()) == NOTICES_AN_HOUR
    desk.clock.advance(timedelta(minutes=59, seconds=58))
    desk.noticing.turn()
    assert len(desk.mails()) == NOTICES_AN_HOUR
    desk.clock.advance(timedelta(seconds=3))
    for _ in range(3):
        desk.noticing.turn()
    assert len(desk.mails()) == NOTICES_AN_HOUR + 1
    (digest,) = [text for text in texts(desk) if INBOX in text]
    assert f"{count - NOTICES_AN_HOUR} transfers" in digest
    assert digest.count("https://") == 1
    assert desk.ledger.notices.waiting() == []


def test_a_flood_of_deliveries_is_ten_mails_and_a_digest(desk: Desk) -> None:
    """However often the program restarts within the hour, no eleventh mail leaves."""
    check_a_flood(desk, 60)


def test_who_has_no_inbox_gets_every_link(desk: Desk) -> None:
    """Without an inbox the rest follows as the hours allow, ten in each."""
    desk.announce(WARD, 25)
    for expected in (10, 20, 25, 25):
        desk.noticing.turn()
        assert len(desk.mails()) == expected
        desk.clock.advance(timedelta(hours=1, seconds=1))
    links = {line for text in texts(desk) for line in text.splitlines() if PREFIX in line}
    assert len(links) == 25


def test_one_recipients_flood_is_nobody_elses(desk: Desk) -> None:
    """A second recipient is told at once while the first one's digest waits."""
    desk.announce(DOCTOR, 30)
    desk.noticing.turn()
    desk.announce(WARD)
    desk.noticing.turn()
    assert [mail["To"] for mail in desk.mails()].count(WARD) == 1


@pytest.mark.parametrize("language", Language)
def test_a_digest_has_words(tmp_path: Path, language: Language) -> None:
    """In both languages, as text and page, with one link and no link of a transfer."""
    desk = Desk(tmp_path, language)
    desk.announce(DOCTOR, NOTICES_AN_HOUR + 1)
    desk.noticing.turn()
    (mail,) = desk.mails()
    desk.ledger.close()
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert body.get_content().count(INBOX) == body.get_content().count("https://") == 1
        assert "11" in body.get_content()


def test_a_link_from_elsewhere_is_not_kept(desk: Desk) -> None:
    """A link without the configured prefix is the viewer's fault and goes to nobody."""
    with pytest.raises(PeerWrong):
        desk.noticing.announce(TransferId("0" * 32), DOCTOR, "https://evil.example/s/1")
    assert desk.ledger.notices.waiting() == []
