"""Step 5, the choice: a disc or stick that was inserted, a folder, a ZIP file, or drag and drop."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from passbox_client.gui.drawings import Drawing, Thing, put_on
from passbox_client.gui.parts import Button, Card, Flow, Text
from passbox_client.gui.sheet import Sheet
from passbox_client.gui.waiting import Waiting
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState
from passbox_client.window.volumes import Volume, VolumeKind

translate = QCoreApplication.translate
_ICON: Final = 40
_THINGS: Final = {VolumeKind.DISC: Thing.DISC, VolumeKind.STICK: Thing.STICK}


class Place(Card):
    """One place where images may be: a picture of it, what it is, what to do."""

    def __init__(self, thing: Thing, what: str, do: str, *buttons: Button) -> None:
        super().__init__()
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addStretch(1)
        words.addWidget(Text(what, "head"))
        words.addWidget(Text(do))
        if buttons:
            row = Flow()
            for button in buttons:
                row.addWidget(button)
            words.addLayout(row)
        words.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addWidget(Drawing(thing), 0, Qt.AlignmentFlag.AlignTop)
        both.addLayout(words, 1)
        self.body.addLayout(both)


class MediumPage(Sheet):
    """What is inserted shows by itself; everything else is a click away."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(translate("Medium", "Where are the images?"))
        self._presenter = presenter
        self.waiting = Waiting(presenter)
        self.same_drive = Card()
        self._fill_same_drive()
        self.found = QVBoxLayout()
        self.found.setSpacing(10)
        self.buttons_of: dict[Volume, Button] = {}
        self.disc = Place(
            Thing.DISC,
            translate("Medium", "CD or DVD"),
            translate(
                "Medium",
                "Put it into the drive. It shows here by itself; that may take half a minute.",
            ),
        )
        self.stick = Place(
            Thing.STICK,
            translate("Medium", "USB stick"),
            translate("Medium", "Plug it in. It shows here by itself."),
        )
        self.folder = Button(translate("Medium", "Choose a folder …"))
        self.archive = Button(translate("Medium", "Choose a ZIP file …"))
        self.folder.clicked.connect(self._choose_folder)
        self.archive.clicked.connect(self._choose_archive)
        self.computer = Place(
            Thing.FOLDER,
            translate("Medium", "On this computer: a folder, or a file you have downloaded"),
            translate("Medium", "Choose it here, or drag it into this window with the mouse."),
            self.folder,
            self.archive,
        )
        self.body.addWidget(self.waiting)
        self.body.addLayout(self.found)
        self.body.addWidget(self.same_drive)
        for place in (self.disc, self.stick, self.computer):
            self.body.addWidget(place)
        self.back.show()
        self.back.clicked.connect(presenter.back)
        self.primary.name(translate("Medium", "Look at the images"))
        self.primary.clicked.connect(self._look_at_first)

    def _fill_same_drive(self) -> None:
        said = translate("Medium", "The next disc goes into the same drive?")
        self.same_drive.body.addWidget(Text(said, "head"))
        self.same_drive.body.addWidget(
            Text(
                translate(
                    "Medium",
                    "Please leave the first disc in. You are asked for the next one as soon as the "
                    "first has been read.",
                )
            )
        )
        self.later = Button(translate("Medium", "Yes, ask me for it then"))
        self.later.clicked.connect(self._presenter.ask_for_it_later)
        row = QHBoxLayout()
        row.addWidget(self.later)
        row.addStretch(1)
        self.same_drive.body.addLayout(row)

    def draw(self, state: WindowState) -> None:
        self._draw_words(state)
        self.waiting.draw(state)
        self.waiting.setVisible(bool(state.waiting) and not state.earlier)
        free = tuple(each for each in state.volumes if not state.is_being_read(each.root))
        self.same_drive.setVisible(bool(state.earlier) and not state.wanted)
        for place in (self.disc, self.stick):
            place.setVisible(not free and not (state.earlier and not state.wanted))
        self.primary.setVisible(len(free) == 1)
        if tuple(self.buttons_of) != free:
            self._show_volumes(free)

    def _draw_words(self, state: WindowState) -> None:
        if state.wanted:
            self.title.say(translate("Medium", "Please put in the next disc"))
            self.intro.say(
                translate(
                    "Medium",
                    "Everything so far has been read; you may take that disc out. The transfer "
                    "waits for the next one.",
                )
            )
        elif state.earlier:
            self.title.say(translate("Medium", "Where is the other disc or folder?"))
            self.intro.say(
                translate("Medium", "It goes into the same transfer, under the same receipt.")
            )
        elif state.continuing:
            self.title.say(translate("Medium", "Please put in the same disc again"))
            self.intro.say("")
        else:
            self.title.say(translate("Medium", "Where are the images?"))
            self.intro.say(
                translate("Medium", "Click where your images are.")
                if len(state.volumes) > 1
                else translate("Medium", "Is it the right one?")
                if state.volumes
                else translate("Medium", "No disc or stick has been found yet.")
            )
        self.back.name(
            translate("Medium", "There is no other disc")
            if state.earlier
            else translate("Medium", "Back")
        )

    def _show_volumes(self, volumes: tuple[Volume, ...]) -> None:
        for volume in [known for known in self.buttons_of if known not in volumes]:
            button = self.buttons_of.pop(volume)
            self.found.removeWidget(button)
            button.hide()  # deleted a moment later
            button.deleteLater()
        for volume in volumes:
            if volume not in self.buttons_of:
                button = Button(_words(volume), "medium")
                put_on(button, _THINGS[volume.kind], _ICON)
                button.clicked.connect(lambda _=False, v=volume: self._presenter.choose(v.root))
                self.found.addWidget(button)
                self.buttons_of[volume] = button
        self.buttons_of = {volume: self.buttons_of[volume] for volume in volumes}

    def _look_at_first(self) -> None:
        if self.buttons_of:
            self._presenter.choose(next(iter(self.buttons_of)).root)

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
        if self.primary.isVisibleTo(self):
            return self.primary
        return next(iter(self.buttons_of.values()), self.folder)


def _words(volume: Volume) -> str:
    kind = {
        VolumeKind.DISC: translate("Medium", "Disc"),
        VolumeKind.STICK: translate("Medium", "USB stick"),
    }[volume.kind]
    return f"{kind}: {volume.label}"
