"""Step 6: everything at a glance, the sender's word, and the start."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from passbox_client.gui import words
from passbox_client.gui.parts import Box, Card, Sheet, Text
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
        disc, form, card = state.disc, state.form, state.card
        if disc is None or disc.result is None or card is None or state.destination is None:
            return
        nobody = translate("Start", "nobody named on the disc")
        whose = [
            f"{row.name or nobody}, * {words.date(row.birth_date, state.language)}"
            for row in disc.ticked_patients
        ]
        self.whose.say("\n".join(whose) or nobody)
        studies = sum(len(row.study_indexes & disc.ticked) for row in disc.patients)
        sent = [words.images(disc.ticked_images)]
        if studies:
            sent.append(translate("Start", "%n examination(s)", "", studies))
        self.what.say(", ".join(sent))
        to = [card.profile.hospital, state.destination.name, form.department]
        self.to.say(", ".join(dict.fromkeys(part for part in to if part)))
        self.told.say(form.recipient or translate("Start", "the department"))
        sender = form.sender
        self.from_whom.say(", ".join(p for p in (sender.name, sender.email, sender.phone) if p))
        self.sworn.tick(on=state.sworn)
        self.going_on.setVisible(state.going_on)
        if state.going_on and disc.unfinished is not None:
            said = translate("Start", "This continues the transfer {day}.")
            day = words.day(disc.unfinished.since, state.language)
            self.going_on_words.say(said.format(day=day))
        self.primary.name(
            translate("Start", "Continue sending")
            if state.going_on
            else translate("Start", "Send now")
        )
        self.allow(allowed=state.sworn, why_not=translate("Start", "Please tick the box to send."))

    def first(self) -> QWidget:
        return self.sworn.box
