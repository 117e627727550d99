"""The seven steps beside the page, numbered, always visible; numbers alone where it is narrow."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from passbox_client.gui.parts import Button, Text, repolish
from passbox_client.window.state import WindowState
from passbox_client.window.steps import Standing, Step, standings

translate = QCoreApplication.translate
WIDE = 272
NARROW = 62
_SIGNS = {Standing.DONE: "✓"}


class Rail(QWidget):
    """Draws how far each step is; by number, sign and word, not by colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bubbles: dict[Step, QLabel] = {}
        self.words: dict[Step, Text] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(14)
        grid.setColumnStretch(1, 1)
        for row, (step, word) in enumerate(_words().items()):
            self.bubbles[step] = QLabel(str(int(step)))
            self.bubbles[step].setProperty("role", "bubble")
            self.bubbles[step].setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.words[step] = Text(word, "step")
            grid.addWidget(self.bubbles[step], row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.words[step], row, 1)
        self.look_up = Button(translate("Rail", "Look up a receipt"), "link")
        self.connection = Button(translate("Rail", "Connection"), "link")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 26, 12, 16)
        self.column.addLayout(grid)
        self.column.addStretch(1)
        self.column.addWidget(self.look_up)
        self.column.addWidget(self.connection)
        self.setFixedWidth(WIDE)

    def draw(self, state: WindowState) -> None:
        """Show how far the steps are."""
        for step, standing in standings(state.page, finished=state.is_complete).items():
            bubble, word = self.bubbles[step], self.words[step]
            said = translate("Rail", "Step {number}: {name}, {standing}").format(
                number=int(step), name=word.text(), standing=_standing(standing)
            )
            bubble.setText(_SIGNS.get(standing, str(int(step))))
            bubble.setAccessibleName(said)
            bubble.setToolTip(said)
            word.setAccessibleName(said)
            for label in (bubble, word):
                if label.property("standing") != standing.value:
                    label.setProperty("standing", standing.value)
                    repolish(label)

    def be_narrow(self, *, narrow: bool) -> None:
        """Show numbers alone, or words as well."""
        for word in self.words.values():
            word.setVisible(not narrow)
        self.look_up.setVisible(not narrow)
        self.connection.setVisible(not narrow)
        self.column.setContentsMargins(*((14, 20, 14, 16) if narrow else (18, 26, 12, 16)))
        self.setFixedWidth(NARROW if narrow else WIDE)


def _words() -> dict[Step, str]:
    return {
        Step.NAME: translate("Rail", "Your name"),
        Step.EMAIL: translate("Rail", "Your e-mail"),
        Step.DEPARTMENT: translate("Rail", "Department"),
        Step.RECIPIENT: translate("Rail", "Who is told"),
        Step.IMAGES: translate("Rail", "Choose the images"),
        Step.START: translate("Rail", "Check and send"),
        Step.REPORT: translate("Rail", "Progress and receipt"),
    }


def _standing(standing: Standing) -> str:
    return {
        Standing.OPEN: translate("Rail", "not yet done"),
        Standing.NOW: translate("Rail", "now"),
        Standing.DONE: translate("Rail", "done"),
    }[standing]
