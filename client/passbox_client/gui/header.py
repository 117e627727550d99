"""The top of the window: whose it is, whom to call, in which language."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from passbox_client.gui.parts import Button, Text, picture_of, repolish
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate
_LOGO = 48
LANGUAGES = {"de": "Deutsch", "en": "English"}


class Header(QWidget):
    """Logo, name, address and telephone number of the hospital; a button a language.

    In a narrow window a menu holds what else is beside the pages.
    """

    def __init__(self, speak: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.logo = QLabel()
        self.logo.hide()
        self.hospital = Text("", "hospital")
        self.call = Text("", "quiet")
        self.languages: dict[str, Button] = {}
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.hospital)
        names.addWidget(self.call)
        self._narrow = False
        self.row = row = QHBoxLayout(self)
        row.setSpacing(16)
        row.addWidget(self.logo)
        row.addLayout(names, 1)
        for tag, name in LANGUAGES.items():
            button = Button(name, "language")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, tag=tag: speak(tag))
            self.languages[tag] = button
            row.addWidget(button)
        self.menu = Button(f"☰  {translate('Window', 'More')}", "language")
        self.menu.setAccessibleName(translate("Window", "More"))
        self.menu.setProperty("narrow", "true")
        self.menu.clicked.connect(self._open_menu)
        self.entries: tuple[Button, ...] = ()
        row.addWidget(self.menu)
        self._logo: bytes | None = None
        self._address = ""
        self._phone = ""
        self.be_narrow(narrow=False)

    def be_narrow(self, *, narrow: bool) -> None:
        """Show the telephone number alone, or the address as well."""
        self._narrow = narrow
        self.menu.setVisible(narrow)
        self.row.setContentsMargins(*((12, 6, 12, 6) if narrow else (20, 12, 20, 12)))
        for tag, button in self.languages.items():
            button.setText(tag.upper() if narrow else LANGUAGES[tag])
            button.setProperty("narrow", narrow)
            repolish(button)
        self._say_whom_to_call()

    def more(self, *entries: Button) -> None:
        """Take the links that have no room in a narrow window."""
        self.entries = entries

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for entry in self.entries:
            action = menu.addAction(entry.accessibleName(), entry.click)
            action.setEnabled(entry.isEnabled())
            if menu.activeAction() is None and entry.isEnabled():
                menu.setActiveAction(action)
        below = self.menu.mapToGlobal(self.menu.rect().bottomLeft())
        if not self.isRightToLeft():  # inside the window
            below -= QPoint(menu.sizeHint().width() - self.menu.width(), 0)
        menu.popup(below)

    def _say_whom_to_call(self) -> None:
        parts = (self._phone,) if self._narrow and self._phone else (self._phone, self._address)
        self.call.say("   ·   ".join(part for part in parts if part))

    def draw(self, state: WindowState) -> None:
        """Show the hospital of a state."""
        if state.card is None:
            self.logo.hide()
            self.hospital.say(translate("Window", "Send images to a hospital"))
            self._phone = self._address = ""
        else:
            profile = state.card.profile
            self.hospital.say(profile.hospital)
            said = translate("Window", "Questions? Please call {phone}")
            self._phone = said.format(phone=profile.phone) if profile.phone else ""
            self._address = profile.address
            if profile.logo:
                self._show_logo(profile.logo, profile.hospital)
        self._say_whom_to_call()
        for tag, button in self.languages.items():
            button.setChecked(tag == state.language)
            spoken = translate("Window", "Language: {name}").format(name=LANGUAGES[tag])
            button.setAccessibleName(spoken)

    def _show_logo(self, png: bytes, name: str) -> None:
        if png is not self._logo:
            self._logo = png
            self._paint_logo(png, name)
        self.logo.setVisible(not self.logo.pixmap().isNull())

    def _paint_logo(self, png: bytes, name: str) -> None:
        picture = picture_of(png)
        if not picture.isNull():
            smooth = Qt.TransformationMode.SmoothTransformation
            self.logo.setPixmap(picture.scaledToHeight(_LOGO, smooth))
            self.logo.setAccessibleName(name)
