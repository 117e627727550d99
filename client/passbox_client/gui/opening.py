"""The window before there is anything in it: up at once, filled as soon as the rest is loaded.

The rule: nothing but Qt is loaded before its first picture is on the screen. What comes then is put
into this same window, so nothing jumps.
"""

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDeadlineTimer, QEventLoop, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

if TYPE_CHECKING:
    from passbox_client.gui.window import Window

NAME: Final = "Passbox"
SIZE: Final = (1080, 780)
_PATIENCE_MS: Final = 500
"""For the first picture: a window that nobody shows must not keep the program."""
_AWAKE_MS: Final = 200
"""After the first page: it comes first, then what will be needed later."""


class Opening(QMainWindow):
    """Shows the program's name, then what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.was_painted = False
        self._window: Window | None = None
        self.setWindowTitle(NAME)
        self.resize(*SIZE)
        name = QLabel(NAME)
        name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCentralWidget(name)

    def take_in(self, window: "Window") -> None:
        """Show a window in this one, under its title and with its way of being closed."""
        self._window = window
        self.setWindowTitle(window.windowTitle())
        window.windowTitleChanged.connect(self.setWindowTitle)
        first = window.focusWidget()
        self.setCentralWidget(window)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        self.was_painted = True

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if self._window is None or self._window.close():
            super().closeEvent(event)
        else:
            event.ignore()


def run(options: argparse.Namespace) -> int:
    """Open the window and return the exit code of the last transfer."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    application = QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    application.setDesktopFileName(_desktop_file())
    opening = Opening()
    opening.show()
    _await_picture(application, opening)
    from passbox_client.gui.app import Client
    from passbox_client.gui.awake import stay_awake
    from passbox_client.gui.taskbar import taskbar_of

    client = Client(application, options)
    opening.take_in(client.window)
    client.window.taskbar = taskbar_of(opening.winId(), application.desktopFileName())
    QTimer.singleShot(_AWAKE_MS, stay_awake)
    application.exec()
    client.close()
    return client.exit_code


def _await_picture(application: QApplication, opening: Opening) -> None:
    deadline = QDeadlineTimer(_PATIENCE_MS)
    while not (opening.was_painted or deadline.hasExpired()):
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, _PATIENCE_MS)


def _desktop_file() -> str:
    """Return what docks know the program by: a bundle's desktop file is called as it is."""
    return Path(sys.executable).stem if getattr(sys, "frozen", False) else "passbox"
