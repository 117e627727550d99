"""The window before there is anything in it, and what comes into it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from passbox_client.gui.opening import NAME, Opening
from passbox_client.window.steps import Page
from tests.window.conftest import ROOT, Opened

_LOADED = """
import sys
import passbox_client.gui.opening
print(*sorted(name for name in sys.modules if name.startswith(("passbox", "numpy", "requests"))))
"""


class Shown(QObject):
    """Notes every window that comes up."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self.windows: list[str] = []
        self._application = application
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(type(watched).__name__)
        return False

    def look_away(self) -> None:
        """Note no more."""
        self._application.removeEventFilter(self)


@pytest.fixture(name="shown")
def _shown(qapp: QApplication) -> Iterator[Shown]:
    shown = Shown(qapp)
    yield shown
    shown.look_away()


def test_nothing_but_qt_is_loaded_before_it_is_up() -> None:
    """What scanning and sending need comes when a window is there to look at."""
    run = [sys.executable, "-c", _LOADED]
    said = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["passbox_client", "passbox_client.gui", "passbox_client.gui.opening"]


def test_a_window_comes_up_alone(opened: Opened, shown: Shown) -> None:
    """No part of it flashes up as a window of its own before it is in its place."""
    opened()
    assert shown.windows == ["Window"]


def test_what_is_taken_in_has_the_title_and_the_say(opened: Opened) -> None:
    """The title follows, and a sending that runs is not closed away."""
    client = opened()
    opening = Opening()
    opening.show()
    assert opening.windowTitle() == NAME
    opening.take_in(client.window)
    assert opening.centralWidget() is client.window
    assert opening.focusWidget() is client.window.pages[Page.PRIVACY].first()
    state = client.presenter.state
    sending = replace(state, page=Page.SENDING, under_way=True)
    client.presenter.state = sending
    client.window.draw(sending)
    assert opening.windowTitle().startswith("0 %")
    assert not opening.close()
    assert opening.isVisible()
    client.presenter.state = state
    client.window.draw(state)
    assert opening.close()
    client.window.setParent(None)
