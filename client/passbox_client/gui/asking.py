"""A question in a box of its own: what it means in words, large buttons below each other."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QWidget

_ROLE = QMessageBox.ButtonRole


def ask(
    parent: QWidget, title: str, text: str, keep: str, choices: dict[str, Callable[[], None]]
) -> QMessageBox:
    """Ask; ``keep`` changes nothing, is the default and what Escape means."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(text)
    stay = box.addButton(keep, _ROLE.RejectRole)
    made = {box.addButton(words, _ROLE.AcceptRole): do for words, do in choices.items()}
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    buttons = box.findChild(QDialogButtonBox)
    if buttons is not None:
        buttons.setOrientation(Qt.Orientation.Vertical)
    box.buttonClicked.connect(lambda button: made[button]() if button in made else None)
    box.open()
    return box
