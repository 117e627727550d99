"""Somebody who has a keyboard and no mouse, and a screen reader instead of eyes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from passbox_client.gui.app import Client
from passbox_client.window.state import WindowState

PATIENCE = 60.0
_MOST_TABS = 60


@dataclass
class Hands:
    """Goes through the window by Tab; ``heard`` are the names of everything that had the focus."""

    client: Client
    heard: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)

    def here(self) -> QWidget:
        """Return what has the focus."""
        window = self.client.window
        if not window.isActiveWindow():  # a list of suggestions was open
            window.activateWindow()
            QCoreApplication.processEvents()
        focused = QApplication.focusWidget()
        mine = focused is not None and focused.window() is window
        widget = focused if mine else window.focusWidget()
        assert widget is not None, "nothing has the focus"
        return widget

    def reach(self, wanted: QWidget) -> None:
        """Press Tab until ``wanted`` has the focus; hear what is passed."""
        target = wanted.focusProxy() or wanted
        for _ in range(_MOST_TABS):
            self._hear()
            if self.here() is target:
                return
            QTest.keyClick(self.here(), Qt.Key.Key_Tab)
        raise AssertionError(f"{target.accessibleName()!r} cannot be reached; heard {self.heard}")

    def press(self, wanted: QWidget, key: Qt.Key = Qt.Key.Key_Space) -> None:
        """Go there and press a key."""
        self.reach(wanted)
        QTest.keyClick(self.here(), key)

    def write(self, wanted: QWidget, text: str) -> None:
        """Go there and type."""
        self.reach(wanted)
        QTest.keyClicks(self.here(), text)

    def until(
        self, holds: Callable[[WindowState], bool], patience: float = PATIENCE
    ) -> WindowState:
        """Let the window live until something holds."""
        deadline = time.monotonic() + patience
        while not holds(self.client.presenter.state):
            state = self.client.presenter.state
            assert time.monotonic() < deadline, f"still {state.page}, {state.trouble!r}"
            QCoreApplication.processEvents()
            QTest.qWait(5)
        QCoreApplication.processEvents()
        return self.client.presenter.state

    def _hear(self) -> None:
        said = QAccessible.queryAccessibleInterface(self.here()).text(QAccessible.Text.Name)
        if said.strip():
            self.heard.append(said)
        else:
            self.nameless.append(type(self.here()).__name__)
