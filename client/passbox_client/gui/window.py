"""The window: header, the seven steps, one page. Draws states, passes on intentions.

Everything is made anew when the language changes; there is nothing in a widget that is not in the
state, but for a receipt code being typed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from passbox_client.gui.awake import tidy_up
from passbox_client.gui.card import CardPage
from passbox_client.gui.connection import ConnectionPage
from passbox_client.gui.header import Header
from passbox_client.gui.lookup import LookUpPage
from passbox_client.gui.medium import MediumPage
from passbox_client.gui.people import PeoplePage
from passbox_client.gui.privacy import PrivacyPage
from passbox_client.gui.rail import Rail
from passbox_client.gui.report import ReportPage
from passbox_client.gui.review import ReviewPage
from passbox_client.gui.sending import SendingPage
from passbox_client.gui.sheet import Sheet
from passbox_client.gui.start import StartPage
from passbox_client.gui.taskbar import Taskbar
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import Activity, WindowState
from passbox_client.window.steps import Page

translate = QCoreApplication.translate
NARROW: Final = 820
"""Logical pixels below which the steps are numbers alone: a small screen at 200 %."""


class Window(QMainWindow):
    """One transfer after the other. ``speak`` changes the language of the program."""

    def __init__(
        self,
        presenter: Presenter,
        *,
        speak: Callable[[str], None],
        open_card: Callable[[Path], None],
        trust_card: Callable[[], None],
    ) -> None:
        super().__init__()
        self._presenter = presenter
        self._speak = speak
        self._open_card = open_card
        self._trust_card = trust_card
        self._page: Page | None = None
        self._narrow = False
        self.taskbar = Taskbar()
        self.setAcceptDrops(True)
        room = self.screen().availableSize()
        self.resize(QSize(1080, 780).boundedTo(room))
        self.setMinimumSize(480, 360)
        self._build()
        presenter.show = self.draw
        self.draw(presenter.state)

    def _build(self) -> None:
        presenter = self._presenter
        self.pages: dict[Page, Sheet] = {
            Page.CARD: CardPage(self._open_card, self._trust_card),
            Page.PRIVACY: PrivacyPage(presenter),
            Page.PEOPLE: PeoplePage(presenter),
            Page.MEDIUM: MediumPage(presenter),
            Page.REVIEW: ReviewPage(presenter),
            Page.START: StartPage(presenter),
            Page.SENDING: SendingPage(presenter),
            Page.REPORT: ReportPage(presenter),
            Page.LOOKUP: LookUpPage(presenter),
            Page.CONNECTION: ConnectionPage(presenter),
        }
        self.stack = QStackedWidget()
        for page in self.pages.values():
            self.stack.addWidget(page)
        # Made in the order in which Tab goes: the page first, then what surrounds it.
        whole = QWidget()
        self.stack.setParent(whole)
        self.rail = Rail()
        self.rail.setParent(whole)
        self.rail.look_up.clicked.connect(presenter.open_look_up)
        self.rail.connection.clicked.connect(presenter.open_connection)
        self.header = Header(self._language_chosen)
        self.header.setParent(whole)
        self.header.more(self.rail.look_up, self.rail.connection)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self.stack, 1)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(middle, 1)
        self.setCentralWidget(whole)
        self._narrow = False
        self._fit(self.width())

    def _fit(self, width: int) -> None:
        narrow = width < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self.rail.be_narrow(narrow=narrow)
            self.header.be_narrow(narrow=narrow)
            for sheet in self.pages.values():
                sheet.be_narrow(narrow=narrow)

    def _language_chosen(self, language: str) -> None:
        self._speak(language)
        self._build()
        self._page = None
        self._presenter.speak(language)
        self.draw(self._presenter.state)
        self.header.languages[language].setFocus(Qt.FocusReason.OtherFocusReason)

    def draw(self, state: WindowState) -> None:
        """Show a state."""
        sheet = self.pages[state.page]
        self.header.draw(state)
        self.rail.draw(state)
        elsewhere = state.page not in {Page.CARD, Page.CONNECTION} and not state.under_way
        self.rail.look_up.setEnabled(elsewhere and state.page is not Page.LOOKUP)
        self.rail.connection.setEnabled(elsewhere)
        self._draw_trouble(sheet, state)
        sheet.draw(state)
        self.setWindowTitle(_title(state))
        self.taskbar.show(_percent(state), held=state.activity is not Activity.RUNNING)
        if state.page is not self._page:
            self._page = state.page
            self.stack.setCurrentWidget(sheet)
            sheet.area.verticalScrollBar().setValue(0)
            sheet.first().setFocus(Qt.FocusReason.OtherFocusReason)
            if state.page is Page.MEDIUM and not state.under_way:
                tidy_up()

    def _draw_trouble(self, sheet: Sheet, state: WindowState) -> None:
        if state.page is not Page.REPORT:  # it says itself how a transfer ended
            sheet.trouble.tell(state, state.trouble)

    # What Qt tells

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit(event.size().width())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if _dropped(event) and self._presenter.state.page in {Page.MEDIUM, Page.REVIEW}:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self._presenter.choose(path)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if self._presenter.state.is_busy:
            event.ignore()
            sending = self.pages[Page.SENDING]
            if isinstance(sending, SendingPage):
                sending.ask_to_stop()
            return
        self._presenter.close()
        super().closeEvent(event)


def _dropped(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    local = [url.toLocalFile() for url in urls if url.isLocalFile()]
    return Path(local[0]) if len(local) == 1 else None


def _title(state: WindowState) -> str:
    """Return the title; the taskbar shows it, so progress comes first."""
    hospital = state.card.profile.hospital if state.card else ""
    what = translate("Window", "Send images")
    title = f"{what} – {hospital}" if hospital else what
    if state.page is Page.SENDING:
        return f"{_percent(state)} % – {title}"
    return title


def _percent(state: WindowState) -> int | None:
    return int(state.pulse.fraction * 100) if state.page is Page.SENDING else None
