"""The way to the internet as a person chooses it: off the main path, and by keyboard."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from passbox_client.errors import Trouble
from passbox_client.gui.connection import ConnectionPage
from passbox_client.proxies import DIRECT, shown_proxy
from passbox_client.window.connection import By, Connection
from passbox_client.window.preferences import Preferences
from passbox_client.window.steps import Page
from tests.builders.tls_peers import connect_proxy
from tests.builders.wire import a_receipt_code
from tests.client.media import images, write
from tests.window import walk
from tests.window.conftest import Opened
from tests.window.hands import Hands

FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
THROUGH = Connection(By.ADDRESS, "proxy.example:3128", remember=True)


def page_of(hands: Hands) -> ConnectionPage:
    """Return the page."""
    page = hands.client.window.pages[Page.CONNECTION]
    assert isinstance(page, ConnectionPage)
    return page


def test_a_proxy_is_chosen_by_keyboard(opened: Opened) -> None:
    """Link, list, address, box, done: all by Tab, all with names; one is back where one was."""
    hands = Hands(opened())
    hands.client.window.resize(1080, 760)  # a narrow one shows the steps' numbers alone
    hands.press(hands.client.window.rail.connection, Qt.Key.Key_Return)
    page = page_of(hands)
    assert not page.address.isVisibleTo(page)
    for _ in range(2):
        hands.press(page.by, Qt.Key.Key_Down)
    hands.write(page.address, "proxy.example:3128")
    hands.press(page.remember)
    hands.press(page.primary)
    state = hands.until(lambda state: state.page is Page.PRIVACY)
    assert state.connection == THROUGH
    assert hands.nameless == []
    assert {"As this computer says (recommended)", "Address of the proxy"} <= set(hands.heard)
    assert page.by.accessibleName() == "Way to the internet"  # on Linux said by its label


def test_what_is_no_address_is_told_at_once(opened: Opened) -> None:
    """One sentence what is wrong, one what to type, and it goes as soon as it is mended."""
    client = opened()
    presenter = client.presenter
    presenter.open_connection()
    presenter.set_connection(Connection(By.ADDRESS, "not an address"))
    presenter.leave_connection()
    assert presenter.state.page is Page.CONNECTION
    shown = client.window.pages[Page.CONNECTION].trouble
    assert shown.isVisibleTo(client.window)
    assert "proxy.practice.example:3128" in shown.do.text()
    presenter.set_connection(THROUGH)
    assert not shown.isVisibleTo(client.window)
    presenter.leave_connection()
    assert client.window.stack.currentWidget() is client.window.pages[Page.PRIVACY]


def test_it_is_remembered_on_request_without_a_password(opened: Opened, tmp_path: Path) -> None:
    """The next window knows the proxy and no password; without the wish it knows nothing."""
    client = opened()
    for address, remember, known in (
        ("anna:secret@proxy.example:3128", True, THROUGH),
        ("proxy.example:3128", False, Connection()),
    ):
        client.presenter.open_connection()
        client.presenter.set_connection(Connection(By.ADDRESS, address, remember))
        client.presenter.leave_connection()
        assert Preferences(tmp_path / "settings").recall_connection() == known


@pytest.mark.parametrize(
    "kept", ["", "[]", "{}", '{"by": "address", "address": "ftp://x"}', '{"by": 1, "address": ""}']
)
def test_what_was_remembered_is_not_believed(tmp_path: Path, kept: str) -> None:
    """A file that is damaged, or names no proxy, is as if there were none."""
    (tmp_path / "connection.json").write_text(kept)
    assert Preferences(tmp_path).recall_connection() == Connection()


def test_a_look_up_and_a_sending_go_that_way(opened: Opened, tmp_path: Path) -> None:
    """With a proxy that refuses both fail with its name; nothing is asked another way."""
    client = opened(over_the_network=True)
    hands, presenter = Hands(client), client.presenter
    with connect_proxy(answer=FORBIDDEN) as (proxy, asked):
        presenter.set_connection(Connection(By.ADDRESS, proxy))
        presenter.open_look_up()
        presenter.look_up(str(a_receipt_code()))
        looked_up = hands.until(lambda state: state.trouble is not None)
        presenter.leave_look_up()
        walk.accept(hands)
        walk.fill_in(hands)
        presenter.choose(write(tmp_path / "disc", images(2)))
        hands.until(lambda state: bool(state.disc and state.disc.result))
        presenter.go_on()
        presenter.swear(sworn=True)
        presenter.go_on()
        sent = hands.until(lambda state: state.trouble is not None and state.page is Page.START)
    for state in (looked_up, sent):
        assert state.sentence is not None
        assert state.sentence.code == Trouble.PROXY_REFUSED
        assert shown_proxy(proxy) in state.sentence.what
    assert set(asked) == {"images.hospital.example:8443"}


def test_a_choice_says_what_the_line_takes() -> None:
    """System, none, an address: as the line understands them."""
    assert [replace(THROUGH, by=by).wanted for by in By] == [None, DIRECT, "proxy.example:3128"]
