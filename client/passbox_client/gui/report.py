"""Step 7 at the end: what the hospital signed, the receipt code, what did not arrive and why."""

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from passbox_client import sentences
from passbox_client.gui import words
from passbox_client.gui.keeping import Keeping
from passbox_client.gui.notice import Technician
from passbox_client.gui.parts import Button, Card, Flow, Text, picture_of
from passbox_client.gui.qr import qr_png
from passbox_client.gui.sheet import Sheet
from passbox_client.outcome import Outcome, SendResult, SentFile
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate
_MOST_FILES = 30
_COPIED_MILLISECONDS = 4000


class ReportPage(Sheet):
    """The verdict first, then the code to keep, then the counts."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__("")
        self._presenter = presenter
        self._drawn: tuple[SendResult, str] | None = None
        self.keeping = Keeping(self, presenter)
        self.verdict = Card("good")
        self.verdict_words = Text("", "head")
        self.verdict_do = Text()
        self.verdict_call = Text("", "quiet")
        self.verdict_code = Text("", "quiet")
        self.signed = Text()
        for part in (self.verdict_words, self.signed, self.verdict_do, self.verdict_call):
            self.verdict.body.addWidget(part)
        self.technician = Technician(self.verdict, self.verdict_code)
        self.body.addWidget(self.verdict)
        self.body.addWidget(self._code_card())
        self.studies = Text()
        self.studies.setAccessibleName(translate("Report", "Examinations"))
        self.files_head = Text(translate("Report", "What did not arrive, and why"), "head")
        self.files = Text()
        counts = Card()
        counts.body.addWidget(Text(translate("Report", "Images of this transfer"), "head"))
        counts.body.addWidget(self.studies)
        counts.body.addWidget(self.files_head)
        counts.body.addWidget(self.files)
        self.body.addWidget(counts)
        self.next = Text("", "quiet")
        self.body.addWidget(self.next)
        self._add_buttons()

    def _code_card(self) -> Card:
        card = Card()
        self.qr = QLabel()
        self.qr.setFixedSize(150, 150)
        self.qr.setAccessibleName(translate("Report", "Receipt code as a square code"))
        self.code = Text("", "code")
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.code.setAccessibleName(translate("Report", "Receipt code"))
        self.phone = Text()
        self.copy = Button(translate("Report", "Copy the code"))
        self.copy.clicked.connect(self._copy)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(Text(translate("Report", "Your receipt code. Please keep it."), "head"))
        column.addWidget(self.code)
        column.addWidget(self.phone)
        row = Flow()
        for button in (self.copy, self.keeping.paper, self.keeping.file):
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self.keeping.saved)
        column.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addLayout(column, 1)
        both.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(both)
        return card

    def _add_buttons(self) -> None:
        self.again = Button(translate("Report", "Send another disc"))
        self.again.clicked.connect(self._presenter.again)
        self.buttons.insertWidget(0, self.again)
        self.primary.clicked.connect(self._primary)

    def draw(self, state: WindowState) -> None:
        result = state.result
        self.trouble.hide()
        self.keeping.draw(state, self.trouble)
        if result is None or self._drawn == (result, state.language):
            return
        self._drawn = (result, state.language)
        self._draw_verdict(result, state)
        self.signed.say(_signed(result, state))
        self.code.say(result.receipt_code)
        self.qr.setPixmap(picture_of(qr_png(result.receipt_code)).scaled(150, 150))
        said = translate("Report", "To read out on the telephone: {code}")
        self.phone.say(said.format(code=result.phone_code) if result.phone_code else "")
        self.studies.say("\n".join(_study_lines(result, state.language)))
        lost = [f for f in result.files if sentences.why_not(f, state.language)]
        self.files_head.setVisible(bool(lost))
        self.files.say("\n".join(_file_lines(lost, state.language)))
        self.keeping.file.setVisible(state.can_go_on)
        self.primary.name(
            translate("Report", "Continue sending now")
            if state.can_go_on
            else translate("Report", "Save the receipt …")
        )

    def _draw_verdict(self, result: SendResult, state: WindowState) -> None:
        good = result.outcome is Outcome.COMPLETE
        self.verdict.be("good" if good else "warn" if _half_good(result.outcome) else "bad")
        self.title.say(_titles()[result.outcome])
        what, do = sentences.of_outcome(result.outcome, state.language)[:2]
        trouble = state.sentence
        if result.outcome is Outcome.INTERRUPTED:
            do = translate("Report", "Continue now, or another day with the same disc or folder.")
            what = trouble.what if trouble else what
        self.verdict_words.say(f"{'✓' if good else '⚠'}  {what}")
        also = [] if trouble is None else [trouble.what, trouble.do]
        self.verdict_do.say("\n".join(part for part in (*also, do) if part and part != what))
        code = trouble.code if trouble else result.outcome.value
        self.verdict_call.say("" if good else words.call_words(state))
        self.verdict_code.say("" if good else words.code_words(code))
        self.technician.tell(state, state.trouble)
        waits = result.outcome is not Outcome.INTERRUPTED
        self.next.say(
            translate(
                "Report",
                "You may take out the disc. Please bring the receipt to your appointment. With its "
                "code you can look up later what became of the images. What the hospital does not "
                "take into your record it deletes; its privacy statement says when.",
            )
            if waits
            else ""
        )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())
        self.copy.name(translate("Report", "✓  Copied"))
        copy = self.copy
        QTimer.singleShot(
            _COPIED_MILLISECONDS, copy, lambda: copy.name(translate("Report", "Copy the code"))
        )

    def _primary(self) -> None:
        if self._presenter.state.can_go_on:
            self._presenter.go_on_later()
        else:
            self.keeping.save()

    def first(self) -> QWidget:
        return self.primary


def _titles() -> dict[Outcome, str]:
    return {
        Outcome.COMPLETE: translate("Report", "Done: the hospital has all images"),
        Outcome.PARTIAL: translate("Report", "The hospital has a part of the images"),
        Outcome.REFUSED: translate("Report", "The hospital has not taken the images"),
        Outcome.UNCONFIRMED: translate("Report", "Handed over, but not yet confirmed"),
        Outcome.INTERRUPTED: translate("Report", "The transfer was interrupted"),
    }


def _signed(result: SendResult, state: WindowState) -> str:
    """Return who signed the receipt, and when."""
    if result.receipt is None or state.card is None:
        return ""
    return translate("Report", "{hospital}, {time}").format(
        hospital=state.card.profile.hospital,
        time=words.moment(result.receipt.as_of, state.language),
    )


def _half_good(outcome: Outcome) -> bool:
    return outcome in {Outcome.PARTIAL, Outcome.UNCONFIRMED, Outcome.INTERRUPTED}


def _study_lines(result: SendResult, language: str) -> list[str]:
    lines = []
    for study in result.studies:
        what = study.description or translate("Review", "Examination without a name")
        date = words.date(study.study_date, language)
        lines.append(f"{what}, {date}: {words.arrived(study.claimed, study.delivered)}")
    return lines


def _file_lines(lost: list[SentFile], language: str) -> list[str]:
    lines = [f"✗  {file.path}: {sentences.why_not(file, language)}" for file in lost[:_MOST_FILES]]
    if len(lost) > _MOST_FILES:
        left = len(lost) - _MOST_FILES
        lines.append(
            translate("Report", "and %n more; the saved receipt names all of them", "", left)
        )
    return lines
