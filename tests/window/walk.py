"""The way through the window by keyboard alone, step by step: privacy to receipt."""

from pathlib import Path

from PySide6.QtCore import Qt

from passbox_client.gui.app import Client
from passbox_client.gui.people import PeoplePage
from passbox_client.gui.privacy import PrivacyPage
from passbox_client.gui.report import ReportPage
from passbox_client.gui.review import ReviewPage
from passbox_client.gui.start import StartPage
from passbox_client.window.steps import Page
from tests.window.hands import Hands


def through(client: Client, medium: Path) -> Hands:
    """Go the whole way from the privacy statement to the report with an inserted medium."""
    hands = Hands(client)
    accept(hands)
    fill_in(hands)
    look_at(hands, medium)
    send(hands)
    return hands


def accept(hands: Hands) -> None:
    """Read, tick, continue."""
    page = hands.client.window.pages[Page.PRIVACY]
    assert isinstance(page, PrivacyPage)
    assert not page.primary.isEnabled()
    hands.press(page.accepted)
    hands.press(page.primary, Qt.Key.Key_Return)
    hands.until(lambda state: state.page is Page.PEOPLE)


def fill_in(hands: Hands, recipient: str = "beck@hospital.example") -> None:
    """Say who sends, and for whom."""
    page = hands.client.window.pages[Page.PEOPLE]
    assert isinstance(page, PeoplePage)
    hands.write(page.name, "Ada Example")
    hands.write(page.email, "ada@practice.example")
    hands.press(page.department, Qt.Key.Key_Down)
    hands.write(page.recipient, recipient)
    hands.press(page.primary)
    hands.until(lambda state: state.page in {Page.MEDIUM, Page.REVIEW})


def look_at(hands: Hands, medium: Path) -> None:
    """Look at a medium that was inserted, and go on."""
    window = hands.client.window
    page = window.pages[Page.MEDIUM]
    if hands.client.presenter.state.page is Page.MEDIUM:
        hands.until(lambda state: any(v.root == medium for v in state.volumes))
        hands.press(page.primary)
    review = window.pages[Page.REVIEW]
    assert isinstance(review, ReviewPage)
    state = hands.until(lambda state: bool(state.disc and state.disc.result))
    assert state.disc is not None
    if state.disc.is_question:
        hands.press(review.answer)
    hands.press(review.primary)
    hands.until(lambda state: state.page is Page.START)


def send(hands: Hands) -> None:
    """Give one's word, start, wait for the receipt."""
    page = hands.client.window.pages[Page.START]
    assert isinstance(page, StartPage)
    hands.press(page.sworn)
    hands.press(page.primary)
    hands.until(lambda state: state.page is Page.REPORT)
    report = hands.client.window.pages[Page.REPORT]
    assert isinstance(report, ReportPage)
    hands.reach(report.copy)
    hands.reach(report.primary)
