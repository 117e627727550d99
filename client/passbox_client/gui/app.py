"""Putting the window together: application, language, look, card, jobs."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from platformdirs import user_config_path, user_state_path
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from passbox_base.clocks import Clock, SystemClock
from passbox_client.errors import ProfileUnusable
from passbox_client.gui import style
from passbox_client.gui.parts import picture_of
from passbox_client.gui.system_proxies import system_says
from passbox_client.gui.translations import Speech, language_of_this_computer
from passbox_client.gui.watching import Watch, volumes
from passbox_client.gui.window import Window
from passbox_client.line import Receiver, connect
from passbox_client.profiles import read_profile, refuse_expired
from passbox_client.proxies import ProxyChoice
from passbox_client.window.cards import Cards
from passbox_client.window.form import Form
from passbox_client.window.jobs import Jobs
from passbox_client.window.preferences import Preferences
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume
from passbox_wire.errors import ProfileRefusal
from passbox_wire.profile import Profile, SignedProfile

CARD_NAME: Final = "hospital.passbox"
"""An address card of this name beside the program is the one it is for."""


class Mail(QObject):
    """Takes calls from any thread and makes them in the window's."""

    came = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.came.connect(self._make, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Make a call in the window's thread, soon."""
        self.came.emit(call)

    @staticmethod
    def _make(call: Callable[[], None]) -> None:
        call()


class Client:
    """A window with everything behind it. Tests hand in another line, clock and media."""

    def __init__(
        self,
        application: QApplication,
        options: argparse.Namespace,
        *,
        line: Callable[[Profile], Receiver] | None = None,
        clock: Clock | None = None,
        ask_media: Callable[[], tuple[Volume, ...]] = volumes,
        settings_folder: Path | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._application = application
        self.speech = Speech(application)
        language = options.lang or language_of_this_computer()
        self.speech.speak(language)
        dress(application, high_contrast=options.high_contrast)
        self.mail = Mail()
        state_folder = options.state or user_state_path("passbox", appauthor=False)
        self._preferences = Preferences(
            settings_folder or user_config_path("passbox", appauthor=False)
        )
        self._cards = Cards(self._preferences.folder)
        self._doubted: Path | None = None
        self.presenter = Presenter(
            WindowState(
                Page.CARD,
                language,
                form=Form(department=options.department, recipient=options.recipient),
                connection=self._preferences.recall_connection(),
            ),
            Jobs(self.mail.post, state_folder, self._clock, line or self._line),
            self._preferences,
            state_folder,
            self._clock,
        )
        self._asked = options.folder is not None
        if options.folder is not None:
            self.presenter.give_medium(options.folder)
        self._open_first_card(options.profile)
        self.window = Window(
            self.presenter,
            speak=self.speech.speak,
            open_card=self.open_card,
            trust_card=self.trust_card,
        )
        self._show_icon()
        self.watch = Watch(
            lambda found: self.mail.post(lambda: self.presenter.media_changed(found)), ask_media
        )

    def _line(self, profile: Profile) -> Receiver:
        """Connect as the person chose; called in a job's thread, where the system may be asked."""
        wanted = self.presenter.state.connection.wanted
        return connect(profile, proxy=ProxyChoice(wanted, system_says))

    def open_card(self, path: Path) -> None:
        """Open an address card, or say why it cannot be used."""
        try:
            self._use(path, read_profile(path))
        except ProfileUnusable as error:
            other = error.code == f"profile_{ProfileRefusal.OTHER_SIGNER}"
            self._doubted = path
            self.presenter.refuse_card(error, read_profile(path) if other else None)

    def trust_card(self) -> None:
        """Use a card that somebody else has signed: its fingerprint was compared."""
        if self._doubted is not None and self.presenter.state.doubted is not None:
            card = read_profile(self._doubted)
            if card == self.presenter.state.doubted:
                self._keep(self._doubted, card)
                self.open_card(self._doubted)

    def _use(self, path: Path, card: SignedProfile) -> None:
        refuse_expired(card, self._clock, self._cards.known(card))
        self._keep(path, card)
        self.presenter.open_card(card)

    def _keep(self, path: Path, card: SignedProfile) -> None:
        content = path.read_bytes()
        self._cards.keep(card, content)
        if path != self._preferences.card:
            self._preferences.keep_card(content)

    def _open_first_card(self, named: Path | None) -> None:
        """Open the card that was named, else the first usable one; say why when none is."""
        known = [*_cards_of_the_program(), self._preferences.card]
        candidates = [named] if named else [path for path in known if path.is_file()]
        for path in candidates:
            self.open_card(path)
            if self.presenter.state.page is not Page.CARD:
                return

    def _show_icon(self) -> None:
        card = self.presenter.state.card
        if card is not None and card.profile.logo:
            picture: QPixmap = picture_of(card.profile.logo)
            self._application.setWindowIcon(QIcon(picture))

    @property
    def exit_code(self) -> int:
        """What the program says to the shell: 0 also when nobody asked it for anything."""
        state = self.presenter.state
        asked = self._asked or state.result is not None or state.page is Page.CARD
        return int(self.presenter.exit_code) if asked else 0

    def close(self) -> None:
        """End everything."""
        self.watch.stop()
        self.speech.fall_silent()
        self.presenter.close()


def _cards_of_the_program() -> list[Path]:
    beside = [Path(sys.executable).parent, Path(getattr(sys, "_MEIPASS", sys.prefix))]
    return [folder / CARD_NAME for folder in beside] if getattr(sys, "frozen", False) else []


def dress(application: QApplication, *, high_contrast: bool) -> None:
    """Give the program its look; the system's wish for high contrast counts where Qt knows it."""
    application.setStyle(QStyleFactory.create("Fusion"))
    colours = style.CONTRAST if high_contrast or _wants_contrast() else style.CALM
    palette = application.palette()
    palette.setColor(QPalette.ColorRole.Window, QColor(colours.page))
    palette.setColor(QPalette.ColorRole.PlaceholderText, QColor(colours.quiet))
    application.setPalette(palette)
    application.setStyleSheet(style.sheet(colours))


def _wants_contrast() -> bool:
    hints = QGuiApplication.styleHints()
    accessibility = getattr(hints, "accessibility", None)  # since Qt 6.10
    if accessibility is None:
        return False
    return bool(accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)
