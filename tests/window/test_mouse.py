"""The window as most people use it: by mouse."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from passbox_client.gui.lookup import LookUpPage
from passbox_client.gui.medium import MediumPage
from passbox_client.gui.people import PeoplePage
from passbox_client.gui.privacy import PrivacyPage
from passbox_client.gui.report import ReportPage
from passbox_client.gui.review import ReviewPage
from passbox_client.gui.sending import SendingPage
from passbox_client.gui.start import StartPage
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume, VolumeKind
from tests.client.hospital import FakeHospital
from tests.client.media import an_image, images, two_patients, write
from tests.window.conftest import Opened
from tests.window.mouse import Mouse

OTHERS = {"B1": an_image(50), "B2": an_image(51)}


def to_the_medium(mouse: Mouse) -> MediumPage:
    """Accept, say who sends, and come to the choice of a medium."""
    pages = mouse.client.window.pages
    privacy, people, medium = pages[Page.PRIVACY], pages[Page.PEOPLE], pages[Page.MEDIUM]
    assert isinstance(privacy, PrivacyPage)
    assert isinstance(people, PeoplePage)
    assert isinstance(medium, MediumPage)
    mouse.click(privacy.accepted.label)
    mouse.click(privacy.primary)
    mouse.write(people.name, "Ada Example")
    mouse.write(people.email, "ada@practice.example")
    mouse.click(people.primary)
    return medium


def test_the_whole_way_goes_by_mouse_with_a_second_disc(opened: Opened, tmp_path: Path) -> None:
    """Two discs, one of them of two people, one receipt; nothing clicked is under something."""
    first = Volume(write(tmp_path / "disc", two_patients()), "RADIOLOGY", VolumeKind.DISC)
    second = Volume(write(tmp_path / "stick", OTHERS), "STICK", VolumeKind.STICK)
    hospital = FakeHospital()
    client = opened(hospital=hospital, media=(first, second))
    mouse, pages = Mouse(client), client.window.pages
    medium = to_the_medium(mouse)
    mouse.hands.until(lambda state: len(state.volumes) == 2)
    mouse.click(medium.buttons_of[first])
    review, start = pages[Page.REVIEW], pages[Page.START]
    assert isinstance(review, ReviewPage)
    assert isinstance(start, StartPage)
    mouse.hands.until(lambda state: bool(state.disc and state.disc.result))
    mouse.click(review.answer.label)
    mouse.click(review.primary)
    mouse.click(start.add)
    assert first not in medium.buttons_of
    mouse.click(medium.primary)
    mouse.hands.until(lambda state: bool(state.disc and state.disc.result))
    mouse.click(review.primary)
    assert "RADIOLOGY" not in start.what.text()  # called as the folder is, not as the drive
    assert "“disc”, “stick”" in start.what.text()
    mouse.click(start.sworn.label)
    mouse.click(start.primary)
    mouse.hands.until(lambda state: state.page is Page.REPORT)
    assert client.presenter.state.is_complete
    assert set(hospital.look().files.values()) == {*images(2).values(), *OTHERS.values()}


def test_the_next_disc_is_asked_for_in_the_window(opened: Opened, tmp_path: Path) -> None:
    """One drive: promised on the start page, asked for while it is sent, refused when foreign."""
    drive = Volume(write(tmp_path / "disc", images(2)), "CT", VolumeKind.DISC)
    hospital = FakeHospital()
    client = opened(hospital=hospital, media=(drive,))
    mouse, pages = Mouse(client), client.window.pages
    medium = to_the_medium(mouse)
    review, start = pages[Page.REVIEW], pages[Page.START]
    assert isinstance(review, ReviewPage)
    assert isinstance(start, StartPage)
    mouse.hands.until(lambda state: bool(state.volumes))
    mouse.click(medium.primary)
    mouse.hands.until(lambda state: bool(state.disc and state.disc.result))
    mouse.click(review.primary)
    mouse.click(start.add)
    assert not medium.primary.isVisible()
    mouse.click(medium.later)
    assert start.expecting.isVisible()
    mouse.click(start.sworn.label)
    mouse.click(start.primary)
    mouse.hands.until(lambda state: state.wanted and state.page is Page.MEDIUM)
    assert medium.title.text() == "Please put in the next disc"
    assert not client.window.rail.look_up.isEnabled()
    for path in (drive.root / "IMG").iterdir():
        path.unlink()
    foreign = an_image(9, patient="Roe^Richard", patient_id="ID-2", uid_root="1.2.9")
    write(drive.root, {"IMG/X": foreign})
    mouse.click(medium.primary)
    mouse.hands.until(lambda state: bool(state.disc and state.disc.result))
    assert "somebody else" in review.question_words.text()
    assert "Roe, Richard" in review.question_words.text()
    assert not review.primary.isEnabled()
    mouse.click(review.back)
    mouse.click(medium.back)
    mouse.hands.until(lambda state: state.page is Page.REPORT)
    assert set(hospital.look().files.values()) == set(images(2).values())


def test_a_folder_is_dropped_into_the_window(opened: Opened, tmp_path: Path) -> None:
    """Dragging one is as good as choosing it, on the page that asks for it."""
    client = opened()
    mouse = Mouse(client)
    folder = write(tmp_path / "disc", images(1))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    drop = QDropEvent(QPointF(99, 99), copy, data, left, none)
    client.window.dropEvent(drop)
    assert client.presenter.state.disc is None  # the privacy statement comes first
    to_the_medium(mouse)
    with pytest.deprecated_call():  # Qt has no other way to make one
        enter = QDragEnterEvent(QPoint(99, 99), copy, data, left, none)
    client.window.dragEnterEvent(enter)
    assert enter.isAccepted()
    client.window.dropEvent(drop)
    state = mouse.hands.until(lambda state: bool(state.disc and state.disc.result))
    assert state.disc is not None
    assert state.disc.path == folder


def test_a_sending_is_paused_and_cancelled_by_mouse(opened: Opened, tmp_path: Path) -> None:
    """Cancelling asks what becomes of what has arrived; taken back, nothing is left."""
    disc = Volume(write(tmp_path / "disc", images(3)), "CT", VolumeKind.DISC)
    hospital = FakeHospital(reluctant=True)
    client = opened(hospital=hospital, media=(disc,))
    mouse, pages = Mouse(client), client.window.pages
    medium = to_the_medium(mouse)
    review, start, sending = pages[Page.REVIEW], pages[Page.START], pages[Page.SENDING]
    assert isinstance(review, ReviewPage)
    assert isinstance(start, StartPage)
    assert isinstance(sending, SendingPage)
    mouse.hands.until(lambda state: bool(state.volumes))
    mouse.click(medium.primary)
    mouse.hands.until(lambda state: bool(state.disc and state.disc.result))
    mouse.click(review.primary)
    mouse.click(start.sworn.label)
    mouse.click(start.primary)
    mouse.hands.until(lambda state: state.pulse.phase.value == "checking")
    mouse.click(sending.cancel)
    box = sending.findChild(QMessageBox)
    assert box is not None
    assert box.informativeText()
    words = {button.text(): button for button in box.findChildren(QPushButton)}
    assert set(words) == {
        "Keep on sending",
        "Stop now, continue another day",
        "Take everything back",
    }
    words["Take everything back"].click()
    mouse.hands.until(lambda state: state.page is Page.START)
    assert "cancel" in hospital.calls


def test_what_was_looked_up_is_kept_like_a_report(opened: Opened, tmp_path: Path) -> None:
    """By mouse to the answer: its moment, a PDF, a JSON, and a page for the printer."""
    from passbox_client.gui.paper import document_of

    disc = Volume(write(tmp_path / "disc", images(2)), "CT", VolumeKind.DISC)
    client = opened(media=(disc,))
    mouse, pages = Mouse(client), client.window.pages
    medium = to_the_medium(mouse)
    mouse.hands.until(lambda state: bool(state.volumes))
    mouse.click(medium.primary)
    mouse.hands.until(lambda state: bool(state.disc and state.disc.result))
    client.presenter.go_on()
    client.presenter.swear(sworn=True)
    client.presenter.start()
    mouse.hands.until(lambda state: state.page is Page.REPORT)
    report, look_up = pages[Page.REPORT], pages[Page.LOOKUP]
    assert isinstance(report, ReportPage)
    assert isinstance(look_up, LookUpPage)
    mouse.click(report.copy)
    code = QApplication.clipboard().text()
    mouse.click(client.window.rail.look_up)
    mouse.write(look_up.code, code)
    mouse.click(look_up.primary)
    mouse.hands.until(lambda state: state.looked_up is not None)
    assert look_up.answer_time.text().startswith("As of 2 January 2030, ")
    for name in ("later.pdf", "later.json"):
        client.presenter.save(tmp_path / name)
        wanted = tmp_path / name
        mouse.hands.until(lambda state: state.saved == wanted)  # noqa: B023 - called here alone
        assert look_up.keeping.saved.text() == f"✓  Saved as {name}"
    assert (tmp_path / "later.pdf").read_bytes().startswith(b"%PDF")
    assert code in (tmp_path / "later.json").read_text()
    told = client.presenter.report()
    assert told is not None
    printed = document_of(told, "en").toPlainText()
    assert "The hospital’s word of 2 January 2030" in printed
    assert code in printed
