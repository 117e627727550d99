"""The question whether a transfer of an earlier day is to be continued, wherever it is asked."""

from PySide6.QtCore import QCoreApplication

from passbox_client.gui.asking import ask
from passbox_client.gui.parts import Button, Card, Flow, Text
from passbox_client.gui.words import day
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate


class Waiting(Card):
    """Yes, no, or later; and once it is yes, what is needed for it."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__("warn")
        self.question = Text("", "head")
        self.needed = Text()
        self.other = Text()
        self.go_on = Button(translate("Waiting", "Yes, continue it"))
        self.discard = Button(translate("Waiting", "No, take it back"))
        self.not_now = Button(translate("Waiting", "Send something else first"))
        self.go_on.clicked.connect(lambda: presenter.continue_waiting(wished=True))
        self.not_now.clicked.connect(lambda: presenter.continue_waiting(wished=False))
        self._presenter = presenter
        self.discard.clicked.connect(self.ask_to_discard)
        row = Flow()
        for button in (self.go_on, self.not_now, self.discard):
            row.addWidget(button)
        for part in (self.question, self.needed, self.other):
            self.body.addWidget(part)
        self.body.addLayout(row)

    def draw(self, state: WindowState) -> None:
        """Show the newest transfer that waits."""
        if not state.waiting:
            return
        said = (
            translate("Waiting", "The transfer {day} is continued.")
            if state.continuing
            else translate("Waiting", "Continue the transfer {day}?")
        )
        self.question.say(said.format(day=day(state.waiting[0].since, state.language)))
        self.needed.say(
            translate(
                "Waiting",
                "Put in the same disc or stick: it is recognised, and the rest is sent by itself. "
                "If it was a folder or ZIP file, choose it again.",
            )
            if state.continuing
            else translate(
                "Waiting",
                "A part of it has arrived already. With the same disc, stick or folder it "
                "continues where it stopped; nothing is sent twice.",
            )
        )
        self.other.say(
            translate("Waiting", "⚠  What is in the drive now is not that disc.")
            if state.continuing and state.tried
            else ""
        )
        self.go_on.setVisible(not state.continuing)
        self.discard.setVisible(not state.continuing)
        self.not_now.setVisible(state.continuing)

    def ask_to_discard(self) -> None:
        """Ask before what has arrived is given up."""
        ask(
            self,
            translate("Waiting", "Take the transfer back?"),
            translate(
                "Waiting",
                "The hospital’s server then deletes what has arrived, and this computer forgets "
                "the transfer. The images on your disc stay.",
            ),
            translate("Waiting", "Keep it"),
            {translate("Waiting", "Take it back"): self._presenter.discard},
        )
