"""What all pages have: title, what to do, trouble, body, and a footer with one primary button."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from passbox_client.gui.notice import Notice
from passbox_client.gui.parts import Button, Text
from passbox_client.window.state import WindowState

WIDEST: Final = 780
"""Logical pixels of a page's content: longer lines are hard to read."""


class Sheet(QWidget):
    """A page: title, one line of what to do, body, and a footer with one primary button."""

    wants_width = WIDEST

    def __init__(self, title: str, intro: str = "") -> None:
        super().__init__()
        self.setObjectName("page")
        self.title = Text(title, "title")
        self.intro = Text(intro)
        if not intro:  # to show it now would make a window of it
            self.intro.hide()
        self.trouble = Notice()
        self.body = QVBoxLayout()
        self.body.setSpacing(14)
        self.primary = Button("", "primary")
        self.back = Button("")
        self.back.hide()
        self.hint = Text("", "quiet")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self.hint.hide()
        self._lay_out()

    def _lay_out(self) -> None:
        canvas = QWidget()
        canvas.setObjectName("canvas")
        column = QWidget()
        column.setObjectName("canvas")
        column.setMaximumWidth(self.wants_width)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(14)
        for part in (self.title, self.intro, self.trouble):
            inner.addWidget(part)
        inner.addLayout(self.body)
        inner.addStretch(1)
        self.outer = outer = QHBoxLayout(canvas)
        outer.addStretch(1)
        outer.addWidget(column, 100)
        outer.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(canvas)
        self.footer = QWidget()
        self.footer.setObjectName("footer")
        self.buttons = QHBoxLayout(self.footer)
        self.buttons.setSpacing(12)
        self.buttons.addWidget(self.back)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.hint, 100)
        self.buttons.addWidget(self.primary)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(self.footer)
        self.be_narrow(narrow=False)

    def be_narrow(self, *, narrow: bool) -> None:
        """Leave less room around things on a small screen."""
        self.outer.setContentsMargins(*((14, 12, 14, 12) if narrow else (28, 24, 28, 24)))
        self.buttons.setContentsMargins(*((14, 6, 14, 6) if narrow else (28, 14, 28, 14)))

    def draw(self, state: WindowState) -> None:
        """Show a state."""

    def allow(self, *, allowed: bool, why_not: str) -> None:
        """Let the primary button be pressed, or say beside it what is missing."""
        self.primary.setEnabled(allowed)
        self.hint.say("" if allowed else why_not)

    def first(self) -> QWidget:
        """Return what gets the focus when the page comes up."""
        return self.primary
