"""What went wrong, for a person and, on request, for a technician."""

import platform
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout

from passbox_client.gui.parts import Button, Card, Text
from passbox_client.gui.words import breakable, call_words, code_words
from passbox_client.line import client_name
from passbox_client.window.details import details_of
from passbox_client.window.state import WindowState, sentence_of

translate = QCoreApplication.translate
_MOST_LETTERS: Final = 32
"""Of one word in the details; addresses are longer than a small window is wide."""


class Technician:
    """A button that shows technical details, and one that copies them.

    Lives in a ``card``, the first one ``beside`` the words that are there anyway.
    """

    def __init__(self, card: Card, beside: Text) -> None:
        self.more = Button("", "link")
        self.lines = Text("", "details")
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = Button("")
        self.more.clicked.connect(self._toggle)
        self.copy.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.addWidget(beside, 1)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignBottom)
        card.body.addLayout(row)
        card.body.addWidget(self.lines)
        card.body.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeading)
        self._told: Exception | None = None
        self._details = ""
        self._fold(folded=True)

    def tell(self, state: WindowState, trouble: Exception | None) -> None:
        """Take the trouble; folded again when it is another one."""
        self.more.setVisible(trouble is not None)
        if trouble is self._told:
            return
        self._told = trouble
        if trouble is not None:
            program = f"{client_name()}, Qt {qVersion()}, {platform.platform(terse=True)}"
            self._details = details_of(state, trouble, program)
            lines = self._details.splitlines()
            self.lines.setText("\n".join(breakable(line, _MOST_LETTERS) for line in lines))
        self._fold(folded=True)

    def _fold(self, *, folded: bool) -> None:
        self.lines.setVisible(not folded)
        self.copy.setVisible(not folded)
        self.copy.name(translate("Notice", "Copy the details"))
        self.more.name(
            translate("Notice", "Details for the technician")
            if folded
            else translate("Notice", "Hide the details")
        )

    def _toggle(self) -> None:
        self._fold(folded=not self.lines.isHidden())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
        self.copy.name(translate("Notice", "✓  Copied"))


class Notice(Card):
    """One sentence what happened, one what to do, whom to call, and a code for the help desk."""

    def __init__(self, kind: str = "bad") -> None:
        super().__init__(kind)
        self.what = Text("", "head")
        self.do = Text()
        self.call = Text()
        self.code = Text("", "quiet")
        for part in (self.what, self.do, self.call):
            self.body.addWidget(part)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.technician = Technician(self, self.code)
        self.hide()

    def tell(self, state: WindowState, trouble: Exception | None) -> None:
        """Show a trouble with whom to call, or nothing."""
        if trouble is not None:
            said = sentence_of(trouble, state.language)
            self.what.say(f"⚠  {said.what}")
            self.do.say(said.do)
            self.call.say(call_words(state))
            self.code.say(code_words(said.code))
        self.technician.tell(state, trouble)
        self.setVisible(trouble is not None)
