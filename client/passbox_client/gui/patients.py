"""Whose images are on the medium: a card a person, its examinations, a picture of each series.

Cards grow while the scan runs; nothing is built twice, so a large disc stays quick.
"""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from passbox_client.gui import words
from passbox_client.gui.parts import Box, Card, Flow, Text, picture_of
from passbox_client.window.disc import Disc, PatientRow, SeriesRow, StudyRow

translate = QCoreApplication.translate
SIDE: Final = 112
_MOST_LETTERS: Final = 13
"""Of one word below a picture; a longer one goes into two lines."""
MOST_PICTURES: Final = 12
"""Of one examination: more would not help to see whether it is the right one."""
Tick = Callable[[frozenset[int], bool], None]


class SeriesPicture(QWidget):
    """A picture of a series with its name and number of images."""

    def __init__(self, row: SeriesRow) -> None:
        super().__init__()
        self.setFixedWidth(SIDE + 28)
        self.picture = QLabel("…")
        self.picture.setProperty("role", "picture")
        self.picture.setFixedSize(SIDE, SIDE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setWordWrap(True)
        self.words = Text("", "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.picture)
        column.addWidget(self.words)
        column.addStretch(1)
        self._shown: bytes | None = None
        self.draw(row)

    def draw(self, row: SeriesRow) -> None:
        """Show the name and, once it is counted, how many images."""
        name = row.description or row.modality or translate("Review", "Series")
        counted = "" if row.images is None else f"\n{words.images(row.images)}"
        self.words.say(words.breakable(name[:60], _MOST_LETTERS) + counted)
        self.picture.setAccessibleName(
            translate("Review", "Series {name}").format(name=f"{name} {row.modality}{counted}")
        )

    def show_picture(self, png: bytes | None) -> None:
        """Show a PNG, or that there is none."""
        if png is None:
            self.picture.setText(translate("Review", "no preview"))
        elif png is not self._shown:
            self._shown = png
            side = Qt.AspectRatioMode.KeepAspectRatio
            smooth = Qt.TransformationMode.SmoothTransformation
            self.picture.setPixmap(picture_of(png).scaled(SIDE - 2, SIDE - 2, side, smooth))


class StudyPart(QWidget):
    """An examination with its box and its pictures."""

    def __init__(self, row: StudyRow, tick: Tick) -> None:
        super().__init__()
        self.box = Box("")
        self.box.toggled.connect(lambda on: tick(frozenset({row.index}), on))
        self.series: dict[int, SeriesPicture] = {}
        self.flow = Flow()
        self.more = Text("", "quiet")
        self.more.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(8)
        column.addWidget(self.box)
        column.addLayout(self.flow)
        column.addWidget(self.more)
        self._row: StudyRow | None = None

    def draw(self, row: StudyRow, disc: Disc, language: str) -> None:
        """Show what is known now."""
        if row != self._row:
            self._row = row
            what = row.description or translate("Review", "Examination without a name")
            counted = [] if row.images is None else [words.images(row.images)]
            self.box.say(", ".join([what, words.date(row.date, language), *counted]))
            self._draw_series(row)
        self.box.tick(on=row.index in disc.ticked)
        self.box.box.setEnabled(disc.result is not None)

    def _draw_series(self, row: StudyRow) -> None:
        for each in row.series[:MOST_PICTURES]:
            if each.index in self.series:
                self.series[each.index].draw(each)
            else:
                self.series[each.index] = SeriesPicture(each)
                self.flow.addWidget(self.series[each.index])
        left = len(row.series) - MOST_PICTURES
        self.more.say(translate("Review", "and %n more series", "", left) if left > 0 else "")


class PatientCard(Card):
    """A person: name and birth date large, a box for everything."""

    def __init__(self, row: PatientRow, tick: Tick) -> None:
        super().__init__()
        self._row = row
        self.box = Box("", "large")
        self.box.toggled.connect(lambda on: tick(self._row.study_indexes, on))
        self.left_out = Text("", "quiet")
        self.studies: dict[int, StudyPart] = {}
        self.parts = QVBoxLayout()
        self.parts.setContentsMargins(34, 0, 0, 0)
        self.parts.setSpacing(8)
        self.body.addWidget(self.box)
        self.body.addWidget(self.left_out)
        self.body.addLayout(self.parts)
        self._tick = tick

    def shows(self, row: PatientRow) -> bool:
        """Whether it is this person whose card it is: the end of a scan puts them in order."""
        return self.studies.keys() <= row.study_indexes

    def draw(self, row: PatientRow, disc: Disc, language: str) -> None:
        """Show what is known now."""
        self._row = row
        name = row.name or translate("Review", "No name on the disc")
        born = translate("Review", "{name}\nborn {date}")
        unknown = translate("Review", "{name}\ndate of birth unknown")
        date = words.date(row.birth_date, language)
        self.box.say((born if row.birth_date else unknown).format(name=name, date=date))
        ticked = bool(row.study_indexes & disc.ticked)
        self.box.tick(on=ticked)
        self.box.box.setEnabled(disc.result is not None)
        out = disc.result is not None and not ticked
        self.left_out.say(translate("Review", "These images are not sent.") if out else "")
        for study in row.studies:
            if study.index not in self.studies:
                self.studies[study.index] = StudyPart(study, self._tick)
                self.parts.addWidget(self.studies[study.index])
            self.studies[study.index].draw(study, disc, language)

    def show_pictures(self, pictures: Mapping[int, bytes | None]) -> None:
        """Show the pictures that are there."""
        for study in self.studies.values():
            for index, series in study.series.items():
                if index in pictures:
                    series.show_picture(pictures[index])
