"""Keeping a report: print it, or save it as PDF for people or JSON for programs."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from passbox_client.gui.notice import Notice
from passbox_client.gui.paper import print_report
from passbox_client.gui.parts import Button, Text
from passbox_client.saving import JSON, PDF
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate
_ENDINGS: Final = (PDF, JSON)


class Keeping:
    """The buttons, and the line that says what was saved. ``page`` owns the dialogs."""

    def __init__(self, page: QWidget, presenter: Presenter) -> None:
        self._page = page
        self._presenter = presenter
        self.paper = Button(translate("Report", "Print …"))
        self.file = Button(translate("Report", "Save …"))
        self.saved = Text()
        self.paper.clicked.connect(self.print)
        self.file.clicked.connect(self.save)

    def print(self) -> None:
        """Ask for a printer."""
        report = self._presenter.report()
        if report is not None:
            print_report(self._page, report, self._presenter.state.language)

    def save(self) -> None:
        """Ask for a name; its ending says in which form."""
        report = self._presenter.report()
        if report is None:
            return
        name = translate("Report", "Receipt {code}").format(code=report.receipt_code)
        kinds = {
            translate("Report", "To read and print") + " (*.pdf)": PDF,
            translate("Report", "For programs") + " (*.json)": JSON,
        }
        title = translate("Report", "Save the receipt")
        chosen, kind = QFileDialog.getSaveFileName(
            self._page, title, f"{name}{PDF}", ";;".join(kinds)
        )
        if chosen:
            self._presenter.save(_ending_in(Path(chosen), kinds.get(kind, PDF)))

    def draw(self, state: WindowState, notice: Notice) -> None:
        """Say what was saved, or why it was not."""
        said = translate("Report", "✓  Saved as {name}")
        self.saved.say(said.format(name=state.saved.name) if state.saved else "")
        if state.save_trouble is not None:
            notice.tell(state, state.save_trouble)


def _ending_in(path: Path, wanted: str) -> Path:
    """Return the name with the ending of the kind that was chosen in the dialog."""
    if path.suffix.lower() == wanted:
        return path
    if path.suffix.lower() in _ENDINGS:
        return path.with_suffix(wanted)
    return path.with_name(f"{path.name}{wanted}")
