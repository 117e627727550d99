"""The window's words in the person's language, by Qt Linguist.

The sources are translations/*.ts; `make translations` compiles them. English is written in the code
and has a file only for its plurals. What Qt itself says comes with Qt.
"""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from passbox_client.gui.words import locale_of

FOLDER: Final = Path(__file__).parent / "translations"
LANGUAGES: Final = ("de", "en")


class Speech:
    """What the program speaks; one language at a time."""

    def __init__(self, application: QApplication, folder: Path = FOLDER) -> None:
        self._application = application
        self._folder = folder
        self._installed: list[QTranslator] = []

    def speak(self, language: str) -> None:
        """Speak a language from now on; words that are already shown stay."""
        self.fall_silent()
        QLocale.setDefault(locale_of(language))
        qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in ((f"qtbase_{language}", qt), (f"window_{language}", self._folder)):
            translator = QTranslator()
            if translator.load(name, str(folder)):
                self._application.installTranslator(translator)
                self._installed.append(translator)

    def fall_silent(self) -> None:
        """Speak as the code is written."""
        for translator in self._installed:
            self._application.removeTranslator(translator)
        self._installed = []


def language_of_this_computer() -> str:
    """Return German where the system speaks it, else English."""
    spoken = [tag.partition("-")[0] for tag in QLocale.system().uiLanguages()]
    return next((tag for tag in spoken if tag in LANGUAGES), "en")
