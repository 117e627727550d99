"""The top of the window: whose it is, whom to call, in which language."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from passbox_client.gui.parts import Button, Text, picture_of
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate
_LOGO = 48
LANGUAGES = {"de": "Deutsch", "en": "English"}


class Header(QWidget):
    """Logo, name, address and telephone number of the hospital; a button a language."""

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
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 12, 20, 12)
        row.setSpacing(16)
        row.addWidget(self.logo)
        row.addLayout(names, 1)
        for tag, name in LANGUAGES.items():
            button = Button(name, "language")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, tag=tag: speak(tag))
            self.languages[tag] = button
            row.addWidget(button)
        self._logo: bytes | None = None

    def draw(self, state: WindowState) -> None:
        """Show the hospital of a state."""
        if state.card is None:
            self.logo.hide()
            self.hospital.say(translate("Window", "Send images to a hospital"))
            self.call.say("")
        else:
            profile = state.card.profile
            self.hospital.say(profile.hospital)
            said = translate("Window", "Questions? Please call {phone}")
            phone = said.format(phone=profile.phone) if profile.phone else ""
            self.call.say("   ·   ".join(p for p in (phone, profile.address) if p))
            if profile.logo:
                self._show_logo(profile.logo, profile.hospital)
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
