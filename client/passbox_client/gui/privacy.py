"""The page before the first step: the hospital's privacy statement, to be accepted."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from passbox_client.gui.parts import Box, Text
from passbox_client.gui.sheet import Sheet
from passbox_client.gui.waiting import Waiting
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate
_SHORT, _TALL = 170, 300


class PrivacyPage(Sheet):
    """Welcome, statement, a box to tick; what an earlier day left unfinished."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(translate("Privacy", "Send images to the hospital"))
        self.statement = QPlainTextEdit()
        self.statement.setReadOnly(True)
        self.statement.setTabChangesFocus(True)
        self.statement.setAccessibleName(translate("Privacy", "Privacy statement"))
        self.accepted = Box(
            translate("Privacy", "I have read the privacy statement and agree to it.")
        )
        self.accepted.toggled.connect(lambda on: presenter.accept(accepted=on))
        self.version = Text("", "quiet")
        self.fingerprint = Text("", "quiet")
        self.waiting = Waiting(presenter)
        self.body.addWidget(self.waiting)
        self.body.addWidget(Text(translate("Privacy", "Privacy statement"), "head"))
        self.body.addWidget(self.statement, 1)
        self.body.addWidget(self.version)
        self.body.addWidget(self.accepted)
        self.body.addWidget(self.fingerprint)
        self.primary.name(translate("Privacy", "Continue"))
        self.primary.clicked.connect(presenter.go_on)

    def draw(self, state: WindowState) -> None:
        texts = state.texts
        self.intro.say(texts.welcome if texts else "")
        privacy = texts.privacy if texts else ""
        if self.statement.toPlainText() != privacy:
            self.statement.setPlainText(privacy)
        self.version.say(
            translate("Privacy", "Version {version}").format(version=texts.privacy_version)
            if texts
            else ""
        )
        self.accepted.tick(on=state.consent is not None)
        self.allow(
            allowed=state.consent is not None,
            why_not=translate("Privacy", "Please read the statement and tick the box."),
        )
        self.waiting.setVisible(bool(state.waiting))
        self.waiting.draw(state)
        # Beside the question of yesterday the box to tick stays in sight.
        self.statement.setMinimumHeight(_SHORT if state.waiting else _TALL)
        if state.card is not None:
            said = translate(
                "Privacy",
                "Is this the right hospital? Its letter shows this fingerprint:\n{fingerprint}",
            )
            self.fingerprint.say(said.format(fingerprint=state.card.fingerprint))

    def first(self) -> QWidget:
        return self.statement
