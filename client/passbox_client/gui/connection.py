"""How the hospital is reached, for who was told to change it: off the main path."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from passbox_client.gui.parts import Box, Choice, Text
from passbox_client.gui.sheet import Sheet
from passbox_client.window.connection import By, Connection
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate


class ConnectionPage(Sheet):
    """A choice of three, and an address for the third."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(
            translate("Connection", "Connection to the hospital"),
            translate(
                "Connection",
                "Nothing needs to be changed here unless your IT support says so. Whatever you "
                "choose, only the hospital can open the images.",
            ),
        )
        self._presenter = presenter
        label = translate("Connection", "Way to the internet")
        self.by = Choice()
        self.by.setAccessibleName(label)
        for by, said in _choices().items():
            self.by.addItem(said, by.value)
        self.address_label = Text(translate("Connection", "Address of the proxy"))
        self.address = QLineEdit()
        self.address.setMaxLength(200)
        self.address.setPlaceholderText("proxy.example:3128")
        self.address.setAccessibleName(self.address_label.text())
        self.address_label.setBuddy(self.address)
        self.remember = Box(
            translate("Connection", "Remember this on this computer (never a password)")
        )
        words = Text(label)
        words.setBuddy(self.by)
        for part in (words, self.by, self.address_label, self.address, self.remember):
            self.body.addWidget(part)
        self.primary.name(translate("Connection", "Done"))
        self.primary.clicked.connect(presenter.leave_connection)
        self.address.returnPressed.connect(presenter.leave_connection)
        self.by.activated.connect(self._changed)
        self.address.textEdited.connect(self._changed)
        self.remember.toggled.connect(self._changed)

    def _changed(self) -> None:
        self._presenter.set_connection(
            Connection(
                By(self.by.currentData()), self.address.text(), self.remember.box.isChecked()
            )
        )

    def draw(self, state: WindowState) -> None:
        connection = state.connection
        self.by.setCurrentIndex(self.by.findData(connection.by.value))
        if self.address.text() != connection.address:
            self.address.setText(connection.address)
        for part in (self.address_label, self.address):
            part.setVisible(connection.by is By.ADDRESS)
        self.remember.tick(on=connection.remember)

    def first(self) -> QWidget:
        return self.by


def _choices() -> dict[By, str]:
    return {
        By.SYSTEM: translate("Connection", "As this computer says (recommended)"),
        By.DIRECT: translate("Connection", "Without a proxy"),
        By.ADDRESS: translate("Connection", "Through this proxy"),
    }
