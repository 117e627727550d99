"""Step 6: everything at a glance, the sender's word, and the start."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from passbox_client.gui import words
from passbox_client.gui.parts import Box, Button, Card, Flow, Text
from passbox_client.gui.sheet import Sheet
from passbox_client.window.disc import Disc
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate


class StartPage(Sheet):
    """Whose images, from whom, to whom."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(
            translate("Start", "Is everything right?"),
            translate("Start", "Nothing has been sent yet."),
        )
        self._presenter = presenter
        card = Card()
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(24)
        self.grid.setVerticalSpacing(12)
        self.grid.setColumnStretch(1, 1)
        card.body.addLayout(self.grid)
        self.whose = self._row(translate("Start", "Images of"), "large")
        self.what = self._row(translate("Start", "What is sent"))
        self.to = self._row(translate("Start", "To"))
        self.told = self._row(translate("Start", "Who is told"))
        self.from_whom = self._row(translate("Start", "From"))
        self.going_on = Card("warn")
        self.going_on_words = Text("", "head")
        self.going_on.body.addWidget(self.going_on_words)
        self.going_on.body.addWidget(
            Text(translate("Start", "It continues where it stopped. Nothing is sent twice."))
        )
        self.add = Button(translate("Start", "Add another disc or folder …"))
        self.add.clicked.connect(presenter.add_medium)
        self.expecting = Text(
            translate("Start", "You are asked for the next disc when this one has been read.")
        )
        self.none_after_all = Button(translate("Start", "There is no other disc"), "link")
        self.none_after_all.clicked.connect(presenter.forget_expected)
        more = Flow()
        for part in (self.add, self.none_after_all):
            more.addWidget(part)
        card.body.addSpacing(6)
        card.body.addWidget(self.expecting)
        card.body.addLayout(more)
        self.sworn = Box(translate("Start", "These are my images, or I am allowed to send them."))
        self.sworn.toggled.connect(lambda on: presenter.swear(sworn=on))
        self.body.addWidget(self.going_on)
        self.body.addWidget(card)
        self.body.addWidget(
            Text(
                translate(
                    "Start",
                    "The images travel sealed: only the hospital can open them. They go one "
                    "way: you cannot see or fetch them here afterwards.",
                ),
                "quiet",
            )
        )
        self.body.addWidget(self.sworn)
        self.back.name(translate("Start", "Back"))
        self.back.show()
        self.back.clicked.connect(presenter.back)
        self.primary.clicked.connect(presenter.go_on)

    def _row(self, label: str, role: str = "") -> Text:
        row = self.grid.rowCount()
        value = Text("", role)
        self.grid.addWidget(Text(label, "quiet"), row, 0)
        self.grid.addWidget(value, row, 1)
        return value

    def draw(self, state: WindowState) -> None:
        form, card, media = state.form, state.card, state.media
        if not media or card is None or state.destination is None:
            return
        nobody = translate("Start", "nobody named on the disc")
        whose = [
            ", ".join([row.name or nobody, _born(row.birth_date, state.language)])
            for disc in media
            for row in disc.ticked_patients
        ]
        self.intro.setVisible(state.trouble is None)
        self.whose.say("\n".join(dict.fromkeys(whose)) or nobody)
        self.what.say(_what(media))
        self.expecting.setVisible(state.expecting)
        self.none_after_all.setVisible(state.expecting)
        self.add.setVisible(not state.expecting)
        to = [card.profile.hospital, state.destination.name, form.department]
        self.to.say(", ".join(dict.fromkeys(part for part in to if part)))
        self.told.say(form.recipient or translate("Start", "the department"))
        sender = form.sender
        self.from_whom.say(", ".join(p for p in (sender.name, sender.email, sender.phone) if p))
        self.sworn.tick(on=state.sworn)
        self.going_on.setVisible(state.going_on)
        unfinished = media[0].unfinished
        if state.going_on and unfinished is not None:
            said = translate("Start", "This continues the transfer {day}.")
            day = words.day(unfinished.since, state.language)
            self.going_on_words.say(said.format(day=day))
        self.primary.name(
            translate("Start", "Continue sending")
            if state.going_on
            else translate("Start", "Send now")
        )
        self.allow(allowed=state.sworn, why_not=translate("Start", "Please tick the box to send."))

    def first(self) -> QWidget:
        return self.sworn.box


def _born(date: str, language: str) -> str:
    if not date:
        return translate("Start", "date of birth unknown")
    return f"* {words.date(date, language)}".replace(" ", "\u00a0")  # one thing, one line


def _what(media: tuple[Disc, ...]) -> str:
    """Return what is sent, with the names of the discs where there are several."""
    studies = sum(len(row.study_indexes & disc.ticked) for disc in media for row in disc.patients)
    sent = [words.images(sum(disc.ticked_images for disc in media))]
    if studies:
        sent.append(translate("Start", "%n examination(s)", "", studies))
    names = ", ".join(translate("Start", "“{name}”").format(name=d.label) for d in media)
    from_where = translate("Start", "from %n discs or folders: ", "", len(media)) + names
    return ", ".join(sent) + (f"\n{from_where}" if len(media) > 1 else "")
