"""The window itself, driven as people drive it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget

from passbox_client.errors import ExitCode, ReceiverRefused, StateFailed, Trouble
from passbox_client.gui.drawings import SIDE, Drawing
from passbox_client.gui.medium import MediumPage
from passbox_client.gui.people import PeoplePage
from passbox_client.gui.report import ReportPage
from passbox_client.gui.review import ReviewPage
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume, VolumeKind
from passbox_wire.problems import Code, Problem
from tests.client.hospital import FakeHospital
from tests.client.media import images, two_patients, write
from tests.window import walk
from tests.window.conftest import Opened
from tests.window.hands import Hands
from tests.window.looking import cut_off, overlapping


def inserted(folder: Path, files: dict[str, bytes]) -> Volume:
    """Return a disc that was inserted."""
    return Volume(write(folder / "disc", files), "RADIOLOGY", VolumeKind.DISC)


def test_the_whole_way_goes_by_keyboard_alone(opened: Opened, tmp_path: Path) -> None:
    """From the privacy statement to the receipt nobody needs a mouse, and everything has a name."""
    disc = inserted(tmp_path, two_patients())
    hospital = FakeHospital()
    client = opened(hospital=hospital, media=(disc,))
    hands = walk.through(client, disc.root)
    assert hands.nameless == []
    assert client.presenter.state.is_complete
    assert client.presenter.exit_code is ExitCode.ALL
    envelope = hospital.look().inventory.envelope
    assert envelope is not None
    assert (envelope.sender.email, envelope.recipient) == (
        "ada@practice.example",
        "beck@hospital.example",
    )
    assert len(hospital.look().files) == 2


def test_practice_software_hands_over_folder_recipient_and_language(
    opened: Opened, tmp_path: Path
) -> None:
    """What the command line names is filled in, and the folder is looked at without a click."""
    disc = write(tmp_path / "export", images(2))
    client = opened("--folder", str(disc), "--recipient", "ct@hospital.example", "--lang", "de")
    hands = Hands(client)
    walk.accept(hands)
    people = client.window.pages[Page.PEOPLE]
    assert isinstance(people, PeoplePage)
    assert people.recipient.text() == "ct@hospital.example"
    assert people.title.text() == "Wer sendet, und für wen?"
    walk.fill_in(hands, recipient="")
    walk.look_at(hands, disc)
    walk.send(hands)
    assert client.presenter.exit_code is ExitCode.ALL


def test_everything_that_takes_the_focus_has_a_name(opened: Opened) -> None:
    """On every page, shown or not, a screen reader has something to say."""
    client = opened()
    nameless = [
        f"{page}: {type(widget).__name__}"
        for page, sheet in client.window.pages.items()
        for widget in sheet.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.parent() is not None
        and not widget.accessibleName()
        and not isinstance(widget, QPushButton)
        and not widget.objectName().startswith("qt_")
        and not widget.window().testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        and "Scroll" not in type(widget).__name__
        and "View" not in type(widget).__name__
        and "Container" not in type(widget).__name__
    ]
    assert nameless == []


def test_every_page_has_one_primary_button(opened: Opened) -> None:
    """What to press next is never a question."""
    client = opened()
    for sheet in client.window.pages.values():
        primary = [b for b in sheet.findChildren(QPushButton) if b.property("role") == "primary"]
        assert len(primary) == 1


def test_the_focus_can_be_seen(opened: Opened) -> None:
    """A field looks different when it has the focus."""
    client = opened()
    client.presenter.accept(accepted=True)
    client.presenter.go_on()
    client.window.activateWindow()
    assert QTest.qWaitForWindowActive(client.window, 60_000)
    page = client.window.pages[Page.PEOPLE]
    assert isinstance(page, PeoplePage)
    for widget in (page.email, page.department, page.remember.box, page.primary):
        page.name.setFocus()
        before = widget.grab().toImage()
        widget.setFocus()
        assert widget.grab().toImage() != before


def test_the_seven_steps_are_always_there(opened: Opened) -> None:
    """Numbers, words and how far each is, on every page."""
    client = opened()
    for page in Page:
        client.window.draw(replace(client.presenter.state, page=page))
        said = [bubble.accessibleName() for bubble in client.window.rail.bubbles.values()]
        assert len(said) == 7
        assert said[0].startswith("Step 1: Your name")


def test_names_and_findings_of_a_disc_are_never_markup(opened: Opened, tmp_path: Path) -> None:
    """Whatever a header says is shown letter by letter."""
    client = opened()
    for label in client.window.findChildren(QLabel):
        if label.text():
            assert label.textFormat() is not Qt.TextFormat.RichText
    texts = [label for label in client.window.findChildren(QLabel) if label.property("role") == ""]
    assert texts
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in texts)


def test_a_trouble_says_what_happened_what_to_do_whom_to_call_and_a_code(
    opened: Opened, tmp_path: Path
) -> None:
    """Everything a help desk needs stands on the page where it happened."""
    disc = inserted(tmp_path, images(1))
    hospital = FakeHospital(accepting=False)
    client = opened(hospital=hospital, media=(disc,))
    hands = Hands(client)
    walk.accept(hands)
    walk.fill_in(hands)
    walk.look_at(hands, disc.root)
    page = client.window.pages[Page.START]
    client.presenter.swear(sworn=True)
    hands.press(page.primary)
    hands.until(lambda state: state.trouble is not None)
    assert page.trouble.isVisibleTo(page)
    assert "takes nothing" in page.trouble.what.text()
    assert "Try again later" in page.trouble.do.text()
    assert "+49 30 987654" in page.trouble.call.text()
    assert "not_accepting" in page.trouble.code.text()


def test_what_was_interrupted_goes_on_with_one_button(opened: Opened, tmp_path: Path) -> None:
    """The report of an interrupted transfer has a button that goes on with it."""
    disc = inserted(tmp_path, images(3))
    hospital = FakeHospital()
    hospital.refuse("put", ReceiverRefused(Problem(Code.STORE_FULL)))
    client = opened(hospital=hospital, media=(disc,))
    hands = walk.through(client, disc.root)
    assert client.presenter.state.can_go_on
    report = client.window.pages[Page.REPORT]
    hands.press(report.primary)
    hands.until(lambda state: state.is_complete)


def test_a_full_disk_is_told_and_is_one_click(opened: Opened, tmp_path: Path) -> None:
    """What happened, that nothing is lost, what to do: de and en; with room again one button."""
    disc = inserted(tmp_path, images(3))
    hospital = FakeHospital()
    hospital.refuse("put", StateFailed(Trouble.STATE_FULL))  # as the journal does without room
    client = opened(hospital=hospital, media=(disc,))
    hands = walk.through(client, disc.root)
    report = client.window.pages[Page.REPORT]
    assert isinstance(report, ReportPage)
    english = f"{report.verdict_words.text()} {report.verdict_do.text()}"
    assert "disk is full" in english
    assert "Free some space, then continue the transfer; what has arrived is kept" in english
    assert "state_full" in report.verdict_code.text()
    client.presenter.speak("de")
    report = client.window.pages[Page.REPORT]
    assert isinstance(report, ReportPage)
    german = f"{report.verdict_words.text()} {report.verdict_do.text()}"
    assert "Festplatte dieses Computers ist voll" in german
    assert "Schaffen Sie Platz, und setzen Sie die Sendung dann fort" in german
    assert "--" not in english + german
    hands.press(report.primary)
    hands.until(lambda state: state.is_complete)


def test_the_report_can_be_copied_and_saved(opened: Opened, tmp_path: Path) -> None:
    """The receipt code goes to the clipboard, the report into a PDF that names it."""
    from passbox_client.gui.paper import document_of

    disc = inserted(tmp_path, images(1))
    client = opened(media=(disc,))
    hands = walk.through(client, disc.root)
    report = client.window.pages[Page.REPORT]
    assert isinstance(report, ReportPage)
    state = client.presenter.state
    assert state.result is not None
    assert report.code.text() == state.result.receipt_code
    assert ", 2 January 2030, " in report.signed.text()
    assert not report.qr.pixmap().isNull()
    client.presenter.save(tmp_path / "receipt")
    hands.until(lambda state: state.saved is not None)
    assert report.keeping.saved.text() == "✓  Saved as receipt.pdf"
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF")
    told = client.presenter.report()
    assert told is not None
    assert state.result.receipt_code in document_of(told, "en").toPlainText()
    client.presenter.save(tmp_path / "nowhere" / "receipt.pdf")
    hands.until(lambda state: state.save_trouble is not None)
    assert report.trouble.isVisibleTo(report)


def test_the_language_changes_everything_at_once(opened: Opened) -> None:
    """One click, and no English word is left on the page."""
    client = opened()
    client.window.header.languages["de"].click()
    page = client.window.pages[Page.PRIVACY]
    assert page.title.text() == "Bilder an die Klinik senden"
    assert client.presenter.state.language == "de"
    assert client.window.rail.words[next(iter(client.window.rail.words))].text() == "Ihr Name"


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_small_screen_at_200_percent_loses_nothing(opened: Opened, language: str) -> None:
    """At 640 by 400 every page scrolls down and none needs to be scrolled sideways."""
    client = opened("--lang", language)
    client.window.resize(640, 400)
    for page, sheet in client.window.pages.items():
        client.window.draw(replace(client.presenter.state, page=page))
        QApplication.processEvents()
        assert cut_off(sheet) == []
        assert overlapping(sheet) == []


def test_the_window_is_not_closed_while_it_sends(opened: Opened, tmp_path: Path) -> None:
    """Closing asks first; what is on its way is not dropped by a slip."""
    disc = inserted(tmp_path, images(1))
    hospital = FakeHospital(reluctant=True)
    client = opened(hospital=hospital, media=(disc,))
    hands = Hands(client)
    walk.accept(hands)
    walk.fill_in(hands)
    walk.look_at(hands, disc.root)
    client.presenter.swear(sworn=True)
    client.presenter.start()
    assert not client.window.close()
    assert client.window.isVisible()
    client.presenter.stop(withdraw=False)
    hands.until(lambda state: state.page is not Page.SENDING)


def test_a_disc_that_is_inserted_shows_by_itself(opened: Opened, tmp_path: Path) -> None:
    """Nobody searches a drive: the disc's name and picture are on a button."""
    disc = inserted(tmp_path, images(1))
    client = opened(media=(disc,))
    hands = Hands(client)
    walk.accept(hands)
    walk.fill_in(hands)
    hands.until(lambda state: bool(state.volumes))
    page = client.window.pages[Page.MEDIUM]
    assert isinstance(page, MediumPage)
    button = page.buttons_of[disc]
    assert button.text() == "Disc: RADIOLOGY"
    assert not button.icon().isNull()
    assert page.disc.isHidden()
    assert page.computer.isVisible()


@pytest.mark.parametrize("look", ["", "--high-contrast"])
def test_each_place_for_images_has_a_picture(opened: Opened, look: str) -> None:
    """Disc, stick and folder are drawn, each differently, where nothing was inserted."""
    client = opened(*filter(None, [look]))
    client.window.draw(replace(client.presenter.state, page=Page.MEDIUM))
    page = client.window.pages[Page.MEDIUM]
    assert isinstance(page, MediumPage)
    places = (page.disc, page.stick, page.computer)
    assert all(place.isVisible() for place in places)
    drawings = [place.findChild(Drawing) for place in places]
    pictures = [drawing.grab().toImage() for drawing in drawings if drawing is not None]
    assert len(pictures) == 3
    for number, picture in enumerate(pictures):
        points = {picture.pixel(x, y) for x in range(0, SIDE, 4) for y in range(0, SIDE, 4)}
        assert len(points) > 2
        assert picture not in pictures[:number]


def test_a_card_grows_a_picture(opened: Opened, tmp_path: Path) -> None:
    """The review shows name and birth date large and what each series looks like."""
    from passbox.demo.phantom import write_phantom

    write_phantom(tmp_path / "disc", 2)
    disc = Volume(tmp_path / "disc", "CT", VolumeKind.DISC)
    client = opened(media=(disc,))
    hands = Hands(client)
    walk.accept(hands)
    walk.fill_in(hands)
    hands.until(lambda state: bool(state.volumes))
    hands.press(client.window.pages[Page.MEDIUM].primary)
    hands.until(lambda state: bool(state.disc and state.disc.pictures.get(0)))
    page = client.window.pages[Page.REVIEW]
    assert isinstance(page, ReviewPage)
    card = page.cards[0]
    assert card.box.label.text() == "Müller-Lüdenscheidt, Jörg\nborn 7 April 1961"
    assert not card.studies[0].series[0].picture.pixmap().isNull()


def test_a_narrow_window_keeps_its_links_in_a_menu(opened: Opened) -> None:
    """At 200 % on a small screen all is there, by keyboard, under a button with a word on it."""
    client = opened()
    client.window.resize(640, 400)
    QApplication.processEvents()
    assert not client.window.rail.look_up.isVisible()
    hands = Hands(client)
    hands.press(client.window.header.menu, Qt.Key.Key_Return)
    menu = client.window.header.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Look up a receipt", "Connection"]
    assert menu.geometry().right() <= client.window.geometry().right()
    assert menu.activeAction() is menu.actions()[0]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert client.presenter.state.page is Page.CONNECTION
    assert hands.nameless == []
    assert "More" in client.window.header.menu.text()
