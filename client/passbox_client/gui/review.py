"""Step 5, the look: whose images, which examinations, what is odd; while the scan still runs."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from passbox_client import sentences
from passbox_client.gui import words
from passbox_client.gui.findings import NOTHING, Findings
from passbox_client.gui.parts import Box, Button, Card, Text
from passbox_client.gui.patients import PatientCard
from passbox_client.gui.sheet import Sheet
from passbox_client.window.disc import Disc
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState, without_options

translate = QCoreApplication.translate
_FINE = 1000


class ReviewPage(Sheet):
    """Cards of people; with several, a loud question that somebody has to answer."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(translate("Review", "Are these the right images?"))
        self._presenter = presenter
        self.state_words = Text()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(translate("Review", "Looking at the disc"))
        self.gone = Card("warn")
        self._fill_gone()
        self.question = Card("warn")
        self.question_words = Text("", "head")
        self.answer = Box(translate("Review", "I have checked whose images are ticked."))
        self.answer.toggled.connect(lambda on: presenter.answer(right=on))
        self.question.body.addWidget(self.question_words)
        self.question.body.addWidget(
            Text(
                translate(
                    "Review",
                    "Perhaps the disc holds somebody else’s images, too. Tick only the people "
                    "whose images you are allowed to send.",
                )
            )
        )
        self.question.body.addWidget(self.answer)
        self.nothing = Card("bad")
        self.nothing_words = Text("", "head")
        self.nothing_do = Text()
        self.nothing_call = Text()
        self.nothing_code = Text("", "quiet")
        for text in (self.nothing_words, self.nothing_do, self.nothing_call, self.nothing_code):
            self.nothing.body.addWidget(text)
        self.warnings = Button("", "link")
        self.warnings.hide()
        self.people = QVBoxLayout()
        self.people.setSpacing(14)
        self.cards: list[PatientCard] = []
        self.findings = Findings()
        self.findings.unlock.connect(self._unlock)
        self.warnings.clicked.connect(lambda: self.area.ensureWidgetVisible(self.findings))
        for part in (self.state_words, self.bar, self.gone, self.nothing, self.question):
            self.body.addWidget(part)
        self.body.addWidget(self.warnings)
        self.body.addLayout(self.people)
        self.unsure = Text("", "quiet")
        self.body.addWidget(self.unsure)
        self.body.addWidget(self.findings)
        self.back.name(translate("Review", "Choose something else"))
        self.back.show()
        self.back.clicked.connect(presenter.back)
        self.primary.clicked.connect(self._go_on)
        self._label: object = None

    def _fill_gone(self) -> None:
        back = Button(translate("Review", "It is in again"))
        enough = Button(translate("Review", "Go on without the rest"))
        back.clicked.connect(lambda: self._presenter.medium_is_back(back=True))
        enough.clicked.connect(lambda: self._presenter.medium_is_back(back=False))
        said = translate("Review", "⚠  The disc or stick was taken out. Please put it in again.")
        self.gone.body.addWidget(Text(said, "head"))
        row = QHBoxLayout()
        row.addWidget(back)
        row.addWidget(enough)
        row.addStretch(1)
        self.gone.body.addLayout(row)

    def _go_on(self) -> None:
        if self.nothing.isVisibleTo(self):
            self._presenter.back()
        else:
            self._presenter.go_on()

    def _unlock(self, password: str) -> None:
        if self._presenter.state.disc is not None:
            self._presenter.choose(self._presenter.state.disc.path, password)

    def draw(self, state: WindowState) -> None:
        disc = state.disc
        if disc is None:
            return
        self._draw_progress(disc)
        self.gone.setVisible(disc.gone)
        self.question.setVisible(disc.is_question)
        self.question_words.say(_question(disc))
        self.answer.tick(on=disc.answered)
        self.answer.box.setEnabled(disc.result is not None and bool(disc.ticked))
        nothing = disc.result is not None and not disc.result.found and not disc.result.attached
        self._draw_nothing(disc, state, nothing=nothing)
        self.primary.name(
            translate("Review", "Choose something else")
            if nothing
            else translate("Review", "Yes, send these as well")
            if state.under_way
            else translate("Review", "Yes, continue")
        )
        self._draw_people(disc, state.language)
        self.unsure.say("" if nothing or disc.result is None else _unsure(state))
        self.findings.draw(disc.findings, state.language)
        self._draw_warnings(disc)
        self.allow(allowed=nothing or disc.may_go_on, why_not=_why_not(disc))

    def _draw_nothing(self, disc: Disc, state: WindowState, *, nothing: bool) -> None:
        self.nothing.setVisible(nothing)
        self.back.setVisible(not nothing)
        self.title.say(
            translate("Review", "There are no images here")
            if nothing
            else translate("Review", "Are these the right images?")
        )
        if not nothing:
            return
        why = next((finding for finding in disc.findings if finding.code in NOTHING), None)
        what = sentences.of_finding(why, state.language) if why else ""
        nothing_here = translate("Review", "There is nothing here that could be sent.")
        self.nothing_words.say(f"⚠  {what or nothing_here}")
        self.nothing_do.say(
            without_options(sentences.advice_on(why, state.language)) if why else ""
        )
        self.nothing_call.say(words.call_words(state))
        self.nothing_code.say(words.code_words(why.code.value) if why else "")

    def _draw_warnings(self, disc: Disc) -> None:
        """Say above the people what stands below them."""
        loud = self.findings.loud.count() if disc.patients else 0
        self.warnings.name(
            translate("Review", "⚠  %n warning(s) about this disc, further down", "", loud)
        )
        self.warnings.setVisible(loud > 0)

    def _draw_progress(self, disc: Disc) -> None:
        running = disc.result is None
        self.bar.setVisible(running)
        if disc.fraction is None:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, _FINE)
            self.bar.setValue(int(disc.fraction * _FINE))
        if running:
            said = translate("Review", "Looking at “{name}”: {files}, {images} so far.")
        elif disc.is_question or not disc.patients:
            said = translate("Review", "“{name}”: {files}, {images}.")
        else:
            said = translate(
                "Review", "“{name}”: {files}, {images}. Please compare name and birth date."
            )
        self.state_words.say(
            said.format(
                name=disc.label,
                files=translate("Review", "%n file(s)", "", disc.files),
                images=words.images(disc.images),
            )
        )

    def _draw_people(self, disc: Disc, language: str) -> None:
        drawn = zip(self.cards, disc.patients, strict=False)
        others = any(not card.shows(row) for card, row in drawn)
        if others or self._label != disc.path or len(self.cards) > len(disc.patients):
            self._label = disc.path
            for card in self.cards:
                self.people.removeWidget(card)
                card.hide()  # deleted a moment later
                card.deleteLater()
            self.cards = []
        for index, row in enumerate(disc.patients):
            if index == len(self.cards):
                card = PatientCard(row, lambda s, on: self._presenter.tick(s, on=on))
                self.cards.append(card)
                self.people.addWidget(card)
            self.cards[index].draw(row, disc, language)
            self.cards[index].show_pictures(disc.pictures)

    def first(self) -> QWidget:
        return self.back if self.back.isVisibleTo(self) else self.primary


def _question(disc: Disc) -> str:
    strangers = [row.name or translate("Review", "No name on the disc") for row in disc.strangers]
    if strangers:
        said = translate(
            "Review",
            "⚠  This is somebody else than on the disc before: {names}. May these images be sent "
            "in the same transfer?",
        )
        return said.format(names="; ".join(strangers))
    return translate(
        "Review",
        "⚠  There are images of %n different people. Whose may be sent?",
        "",
        len(disc.patients),
    )


def _unsure(state: WindowState) -> str:
    """Return whom to ask; empty when the hospital gives no number."""
    phone = state.card.profile.phone if state.card else ""
    said = translate("Review", "Not sure whose images these are? Please call {phone}.")
    return said.format(phone=phone) if phone else ""


def _why_not(disc: Disc) -> str:
    if disc.result is None:
        return translate("Review", "One moment, the disc is being read.")
    if not disc.ticked:
        return translate("Review", "Please tick whose images are to be sent.")
    return translate("Review", "Please answer the question at the top.")
