"""The page without a hospital: its address file is opened, or said why it cannot be used."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog

from passbox_client.gui.parts import Button, Card, Flow, Text
from passbox_client.gui.sheet import Sheet
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate


class CardPage(Sheet):
    """One button: open the hospital's address file."""

    def __init__(self, open_card: Callable[[Path], None], trust_card: Callable[[], None]) -> None:
        super().__init__(
            translate("Card", "Which hospital is it for?"),
            translate(
                "Card",
                "Please open the hospital’s address file. Its name ends in .passbox, and you find "
                "it on the hospital’s web page or in its e-mail.",
            ),
        )
        self._open_card = open_card
        self.primary.name(translate("Card", "Open the address file …"))
        self.primary.clicked.connect(self._choose)

        self.doubt = Card("warn")
        self.fingerprint = Text("", "head")
        self.trust = Button(translate("Card", "It is the one in the letter: use this file"))
        self.trust.clicked.connect(trust_card)
        asked = translate(
            "Card",
            "Compare this fingerprint with the hospital’s letter, group by group. If it differs, "
            "do not use the file, and call the hospital by the number in the letter.",
        )
        row = Flow()
        row.addWidget(self.trust)
        for part in (Text(asked), self.fingerprint):
            self.doubt.body.addWidget(part)
        self.doubt.body.addLayout(row)
        self.body.addWidget(self.doubt)

    def draw(self, state: WindowState) -> None:
        self.doubt.setVisible(state.doubted is not None)
        self.fingerprint.say(state.doubted.fingerprint if state.doubted else "")

    def _choose(self) -> None:
        said = translate("Card", "Open the hospital’s address file")
        kinds = translate("Card", "Address files") + " (*.passbox)"
        chosen, _ = QFileDialog.getOpenFileName(self, said, "", kinds)
        if chosen:
            self._open_card(Path(chosen))
