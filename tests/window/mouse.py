"""Somebody with a mouse, and a keyboard for the fields alone: clicks what is on the screen."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from passbox_client.gui.app import Client
from tests.window.hands import Hands


@dataclass
class Mouse:
    """Scrolls a thing into view and clicks what the screen has at its middle."""

    client: Client

    @property
    def hands(self) -> Hands:
        """Whoever waits for the window."""
        return Hands(self.client)

    def click(self, wanted: QWidget) -> None:
        """Click it; fails when something else lies there, or when it cannot be seen."""
        assert wanted.isVisible(), f"{wanted.accessibleName()!r} is not on the screen"
        assert wanted.isEnabled(), f"{wanted.accessibleName()!r} is grey"
        self._scroll_to(wanted)
        window = self.client.window
        at = wanted.mapTo(window, wanted.rect().center())
        hit = window.childAt(at)
        assert hit is not None
        assert hit is wanted or wanted.isAncestorOf(hit), f"{hit} lies upon it"
        there = hit.mapFrom(window, at)
        QTest.mouseClick(hit, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, there)
        QCoreApplication.processEvents()

    def write(self, wanted: QWidget, text: str) -> None:
        """Click into a field and type."""
        self.click(wanted)
        QTest.keyClicks(wanted, text)

    def _scroll_to(self, wanted: QWidget) -> None:
        parent: QWidget | None = wanted
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(wanted)
        QApplication.processEvents()
