"""Step 5, the choice: a disc or stick that was inserted, a folder, a ZIP file, or drag and drop."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from passbox_client.gui.parts import Button, Card, Sheet, Text
from passbox_client.gui.privacy import waiting_words
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState
from passbox_client.window.volumes import Volume, VolumeKind

translate = QCoreApplication.translate


class MediumPage(Sheet):
    """What is inserted shows by itself; everything else is a click away."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(
            translate("Medium", "Where are the images?"),
            translate("Medium", "Put in the CD, DVD or USB stick. It shows here by itself."),
        )
        self._presenter = presenter
        self.waiting = Card("warn")
        self.waiting_words = Text("", "head")
        self.waiting.body.addWidget(self.waiting_words)
        self.waiting.body.addWidget(
            Text(translate("Medium", "Choose the same disc, stick or folder as before."))
        )
        self.found = QVBoxLayout()
        self.found.setSpacing(10)
        self.buttons_of: dict[Volume, Button] = {}
        self.nothing = Card()
        self.nothing.body.addWidget(
            Text(translate("Medium", "No disc or stick has been found yet."), "head")
        )
        self.nothing.body.addWidget(
            Text(translate("Medium", "A disc may take half a minute to start."), "quiet")
        )
        self.other = Text(translate("Medium", "The images are somewhere else?"), "head")
        self.folder = Button(translate("Medium", "Choose a folder …"))
        self.archive = Button(translate("Medium", "Choose a ZIP file …"))
        self.folder.clicked.connect(self._choose_folder)
        self.archive.clicked.connect(self._choose_archive)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.folder)
        row.addWidget(self.archive)
        row.addStretch(1)
        self.body.addWidget(self.waiting)
        self.body.addLayout(self.found)
        self.body.addWidget(self.nothing)
        self.body.addSpacing(8)
        self.body.addWidget(self.other)
        self.body.addLayout(row)
        self.body.addWidget(
            Text(translate("Medium", "Or drag a folder or ZIP file into this window."), "quiet")
        )
        self.back.name(translate("Medium", "Back"))
        self.back.show()
        self.back.clicked.connect(presenter.back)
        self.primary.name(translate("Medium", "Look at the images"))
        self.primary.clicked.connect(self._look_at_first)

    def draw(self, state: WindowState) -> None:
        self.waiting.setVisible(bool(state.waiting))
        if state.waiting:
            self.waiting_words.say(waiting_words(state))
        self.nothing.setVisible(not state.volumes)
        self.primary.setVisible(len(state.volumes) == 1)
        if tuple(self.buttons_of) != state.volumes:
            self._show_volumes(state.volumes)

    def _show_volumes(self, volumes: tuple[Volume, ...]) -> None:
        for volume in [known for known in self.buttons_of if known not in volumes]:
            button = self.buttons_of.pop(volume)
            self.found.removeWidget(button)
            button.deleteLater()
        for volume in volumes:
            if volume not in self.buttons_of:
                button = Button(_words(volume), "medium")
                button.clicked.connect(lambda _=False, v=volume: self._presenter.choose(v.root))
                self.found.addWidget(button)
                self.buttons_of[volume] = button
        self.buttons_of = {volume: self.buttons_of[volume] for volume in volumes}

    def _look_at_first(self) -> None:
        if self._presenter.state.volumes:
            self._presenter.choose(self._presenter.state.volumes[0].root)

    def _choose_folder(self) -> None:
        said = translate("Medium", "Choose the folder with the images")
        chosen = QFileDialog.getExistingDirectory(self, said)
        if chosen:
            self._presenter.choose(Path(chosen))

    def _choose_archive(self) -> None:
        said = translate("Medium", "Choose the ZIP file with the images")
        kinds = translate("Medium", "ZIP files") + " (*.zip *.ZIP)"
        chosen, _ = QFileDialog.getOpenFileName(self, said, "", kinds)
        if chosen:
            self._presenter.choose(Path(chosen))

    def first(self) -> QWidget:
        if self._presenter.state.volumes:
            return (
                self.primary
                if self.primary.isVisibleTo(self)
                else next(iter(self.buttons_of.values()))
            )
        return self.folder


def _words(volume: Volume) -> str:
    kind = {
        VolumeKind.DISC: translate("Medium", "Disc"),
        VolumeKind.STICK: translate("Medium", "USB stick"),
    }[volume.kind]
    return f"{kind}: {volume.label}"
