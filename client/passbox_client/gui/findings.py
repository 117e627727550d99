"""What is odd on a medium, in plain words: what is missing first, notes on request."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from passbox_client import sentences
from passbox_client.found import Finding, FindingCode, Severity
from passbox_client.gui.parts import Button, Card, Text
from passbox_client.window.state import without_options

translate = QCoreApplication.translate
NOTHING = frozenset({FindingCode.NO_IMAGES, FindingCode.NOTHING_THERE})
_ASKED_ELSEWHERE = NOTHING | {FindingCode.SEVERAL_PATIENTS}
_MOST = 12


class Findings(QWidget):
    """One card a finding; a field for the password where something is locked."""

    unlock = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.loud = QVBoxLayout()
        self.loud.setSpacing(10)
        self.quiet = QWidget()
        self.quiet_column = QVBoxLayout(self.quiet)
        self.quiet_column.setContentsMargins(0, 0, 0, 0)
        self.quiet.hide()
        self.more = Button("", "link")
        self.more.clicked.connect(self._toggle)
        self.more.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.loud)
        column.addWidget(self.more)
        column.addWidget(self.quiet)
        self._shown: tuple[tuple[Finding, ...], str] | None = None
        self._notes = 0

    def draw(self, findings: tuple[Finding, ...], language: str) -> None:
        """Show findings, the loudest first."""
        if self._shown == (findings, language):
            return
        self._shown = (findings, language)
        for column in (self.loud, self.quiet_column):
            while (item := column.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
        told = [f for f in findings if f.code not in _ASKED_ELSEWHERE]
        notes = [f for f in told if f.severity is Severity.NOTE]
        for finding in [f for f in told if f.severity is not Severity.NOTE][:_MOST]:
            self.loud.addWidget(self._card(finding, language))
        for finding in notes[:_MOST]:
            self.quiet_column.addWidget(self._card(finding, language))
        self._notes = len(notes)
        self.more.setVisible(bool(notes))
        self._name_more()

    def _card(self, finding: Finding, language: str) -> Card:
        kinds = {Severity.NOTE: "cardframe", Severity.LOOK: "warn", Severity.LOSS: "bad"}
        heads = {
            Severity.NOTE: translate("Findings", "For your information"),
            Severity.LOOK: translate("Findings", "⚠  Please check"),
            Severity.LOSS: translate("Findings", "⚠  Something is missing"),
        }
        card = Card(kinds[finding.severity])
        card.body.setSpacing(6)
        card.body.addWidget(Text(heads[finding.severity], "head"))
        card.body.addWidget(Text(sentences.of_finding(finding, language)))
        if finding.code is FindingCode.LOCKED:
            self._ask_for_password(card)
        elif advice := without_options(sentences.advice_on(finding, language)):
            card.body.addWidget(Text(advice))
        return card

    def _ask_for_password(self, card: Card) -> None:
        asked = translate("Findings", "Type the password and look again.")
        card.body.addWidget(Text(asked))
        line = QLineEdit()
        line.setEchoMode(QLineEdit.EchoMode.Password)
        line.setAccessibleName(translate("Findings", "Password"))
        button = Button(translate("Findings", "Look again"))
        button.clicked.connect(lambda: self.unlock.emit(line.text()))
        line.returnPressed.connect(button.click)
        card.body.addWidget(line)
        card.body.addWidget(button)

    def _toggle(self) -> None:
        self.quiet.setVisible(not self.quiet.isVisibleTo(self))
        self._name_more()

    def _name_more(self) -> None:
        shown = self.quiet.isVisibleTo(self)
        self.more.name(
            translate("Findings", "Show fewer notes")
            if shown
            else translate("Findings", "Show %n note(s) about this disc", "", self._notes)
        )
