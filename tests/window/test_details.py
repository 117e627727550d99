"""What a technician gets to see of a trouble, and what nobody copies by accident."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from passbox_client.errors import LineFailed, ReceiverRefused, Trouble
from passbox_client.window.connection import By, Connection
from passbox_client.window.details import details_of
from passbox_client.window.state import WindowState
from passbox_client.window.steps import Page
from passbox_wire.problems import Code, Problem
from tests.builders.wire import a_profile, a_signed_profile
from tests.client.media import images
from tests.window.conftest import Opened
from tests.window.hands import Hands
from tests.window.house import Desk
from tests.window.looking import cut_off, overlapping
from tests.window.test_presenter import fill_in, look_at, send


def a_line_that_failed() -> LineFailed:
    """Return a trouble with what the system said behind it."""
    try:
        try:
            raise ConnectionRefusedError(111, "refused")
        except OSError as error:
            raise LineFailed(Trouble.NO_CONNECTION, proxy="proxy.example:3128") from error
    except LineFailed as failed:
        return failed


def test_they_say_what_runs_where_and_what_the_system_said() -> None:
    """Program, page, code, the chain of causes, the server's address and the way there."""
    card = a_signed_profile()
    way = Connection(By.ADDRESS, "anna:secret@proxy.example:3128")
    state = WindowState(Page.START, "de", card=card, connection=way)
    lines = details_of(state, a_line_that_failed(), "passbox/1.0, Qt 6").splitlines()
    assert lines == [
        "program: passbox/1.0, Qt 6",
        "page: start",
        "code: no_connection",
        "error: LineFailed < ConnectionRefusedError 111",
        "proxy: proxy.example:3128",
        f"server: {card.profile.url}",
        f"address file: serial {card.profile.serial}, {card.fingerprint}",
        "connection: proxy proxy.example:3128",
    ]
    assert details_of(replace(state, language="en"), a_line_that_failed(), "passbox/1.0, Qt 6") == (
        "\n".join(lines)
    )


def test_nothing_of_patient_or_sender_is_in_them(tmp_path: Path) -> None:
    """Not of an interrupted transfer either: its numbers are there, its receipt code is not."""
    desk = Desk(tmp_path)
    fill_in(desk)
    look_at(desk, images(2))
    desk.hospital.refuse("put", *[ReceiverRefused(Problem(Code.STORE_FULL))] * 100)
    send(desk)
    state = desk.until(lambda state: state.page is Page.REPORT)
    assert state.trouble is not None
    assert state.result is not None
    said = details_of(state, state.trouble, "passbox/1.0")
    assert f"transfer: {state.result.transfer}" in said
    assert "\ntime: " in said
    row = state.media[0].patients[0]
    form = state.form
    private = (row.name, form.name, form.email, str(tmp_path), state.result.receipt_code)
    assert [word for word in private if word and word in said] == []
    assert state.media[0].patients[0].name


def test_they_are_shown_and_copied_by_keyboard(opened: Opened) -> None:
    """Folded away until a technician asks, whole in a small window, and gone with the trouble."""
    client = opened()
    hands = Hands(client)
    window, state = client.window, client.presenter.state
    profile = replace(a_profile(), url=f"https://{'images.' * 12}hospital.example")
    state = replace(state, card=replace(a_signed_profile(), profile=profile))
    window.resize(640, 400)
    for page, trouble in (
        (Page.START, a_line_that_failed()),
        (Page.LOOKUP, LineFailed(Trouble.WRONG_PIN)),
    ):
        window.draw(replace(state, page=page, trouble=trouble))
        technician = window.pages[page].trouble.technician
        assert technician.lines.isHidden()
        hands.press(technician.more)
        hands.press(technician.copy, Qt.Key.Key_Return)
        QApplication.processEvents()
        assert cut_off(window.pages[page]) == []
        assert overlapping(window.pages[page]) == []
        copied = QGuiApplication.clipboard().text()
        assert f"server: {profile.url}" in copied
        assert f"code: {trouble.code}" in copied
        assert copied == technician.lines.text().replace("\u200b", "")
        assert technician.copy.text() == "✓  Copied"
        window.draw(replace(state, page=page))
        assert technician.more.isHidden()
        assert technician.lines.isHidden()
