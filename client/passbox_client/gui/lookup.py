"""What became of a transfer: a receipt code is typed, the hospital's signed word is shown."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from passbox_client import sentences
from passbox_client.gui import words
from passbox_client.gui.keeping import Keeping
from passbox_client.gui.parts import Card, Flow, Text
from passbox_client.gui.sheet import Sheet
from passbox_client.receipts import VerifiedReceipt
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState
from passbox_wire.states import DeliveryState

translate = QCoreApplication.translate


class LookUpPage(Sheet):
    """One field, one button, one answer."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(
            translate("LookUp", "What became of my images?"),
            translate("LookUp", "Type the receipt code from your print-out."),
        )
        self.code = QLineEdit()
        self.code.setMaxLength(60)
        self.code.setPlaceholderText("XXXX-XXXX-XXXX-XXXX-X")
        self.code.setAccessibleName(translate("LookUp", "Receipt code"))
        label = Text(translate("LookUp", "Receipt code"))
        label.setBuddy(self.code)
        self.answer = Card("good")
        self.answer_words = Text("", "head")
        self.answer_counts = Text()
        self.answer.body.addWidget(self.answer_words)
        self.answer_time = Text()
        self.keeping = Keeping(self, presenter)
        buttons = Flow()
        buttons.addWidget(self.keeping.paper)
        buttons.addWidget(self.keeping.file)
        for part in (self.answer_time, self.answer_counts):
            self.answer.body.addWidget(part)
        self.answer.body.addLayout(buttons)
        self.answer.body.addWidget(self.keeping.saved)
        self.body.addWidget(label)
        self.body.addWidget(self.code)
        self.body.addWidget(self.answer)
        self.back.name(translate("LookUp", "Back"))
        self.back.show()
        self.back.clicked.connect(presenter.leave_look_up)
        self.primary.clicked.connect(lambda: presenter.look_up(self.code.text()))
        self.code.returnPressed.connect(self.primary.click)

    def draw(self, state: WindowState) -> None:
        self.primary.setEnabled(not state.looking_up)
        if state.code and not self.code.text():
            self.code.setText(state.code)
        self.primary.name(
            translate("LookUp", "Asking the hospital …")
            if state.looking_up
            else translate("LookUp", "Look up")
        )
        self.answer.setVisible(state.looked_up is not None)
        if state.looked_up is not None:
            whole = state.looked_up.report.delivery is DeliveryState.COMPLETE
            self.answer.be("good" if whole else "warn")
            sign = "✓" if whole else "⚠"
            self.answer_words.say(
                f"{sign}  {sentences.of_verdict(state.looked_up, state.language)}"
            )
            said = translate("LookUp", "As of {time}. What came later is not in it yet.")
            time = words.moment(state.looked_up.as_of, state.language)
            self.answer_time.say(said.format(time=time))
            self.answer_counts.say("\n".join(_lines(state.looked_up)))
        self.keeping.draw(state, self.trouble)

    def first(self) -> QWidget:
        return self.code


def _lines(verified: VerifiedReceipt) -> list[str]:
    said = translate("LookUp", "Examination {number}")
    return [
        f"{said.format(number=number)}: {words.arrived(study.claimed, study.delivered)}"
        for number, study in enumerate(verified.report.studies, 1)
    ]
