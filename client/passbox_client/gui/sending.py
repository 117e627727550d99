"""Step 7 while it runs: how far, how fast, how long; pause, go on, cancel."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from passbox_client.errors import Trouble
from passbox_client.gui import words
from passbox_client.gui.asking import ask
from passbox_client.gui.parts import Button, Card, Text
from passbox_client.gui.sheet import Sheet
from passbox_client.progress import SendPhase
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import Activity, WindowState

translate = QCoreApplication.translate
_FINE = 1000


class SendingPage(Sheet):
    """A bar, and in words what it means; said aloud at each quarter."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(translate("Sending", "The images are on their way"))
        self._presenter = presenter
        self.status = Text("", "head")
        self.bar = QProgressBar()
        self.bar.setRange(0, _FINE)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(translate("Sending", "Progress of the transfer"))
        self.percent = Text("", "large")
        self.amount = Text()
        self.speed = Text()
        self.left = Text()
        card = Card()
        for part in (self.status, self.bar, self.percent, self.amount, self.speed, self.left):
            card.body.addWidget(part)
        self.body.addWidget(card)
        self.advice = Text()
        self.add = Button(translate("Sending", "Add another disc or folder …"))
        self.add.clicked.connect(presenter.add_medium)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch(1)
        self.body.addWidget(self.advice)
        self.call = Text("", "quiet")
        self.body.addWidget(self.call)
        self.body.addLayout(row)
        self.cancel = Button(translate("Sending", "Cancel …"))
        self.back.hide()
        self.buttons.insertWidget(0, self.cancel)
        self.cancel.clicked.connect(self.ask_to_stop)
        self.primary.clicked.connect(self._pause_or_go_on)
        self._said: int | None = None

    def draw(self, state: WindowState) -> None:
        pulse, activity = state.pulse, state.activity
        checking = pulse.phase is SendPhase.CHECKING
        self.title.say(
            translate("Sending", "The hospital is checking the images …")
            if checking
            else translate("Sending", "The images are on their way")
        )
        self.status.say(_status(state))
        self.bar.setValue(int(pulse.fraction * _FINE))
        self.percent.say(f"{int(pulse.fraction * 100)} %")
        self.amount.say(
            translate("Sending", "{images} of {all} files, {bytes} of {total}").format(
                images=words.count(pulse.images),
                all=words.count(pulse.images_total),
                bytes=words.size(pulse.bytes),
                total=words.size(pulse.bytes_total),
            )
            if pulse.bytes_total
            else ""
        )
        flowing = activity is Activity.RUNNING and pulse.phase is SendPhase.SENDING
        speed = pulse.speed if flowing and not pulse.stalled else None
        said = translate("Sending", "Speed of the line: {size} per second")
        self.speed.say(said.format(size=words.size(speed)) if speed else "")
        self.left.say(words.time_left(pulse.seconds_left) if flowing and not pulse.stalled else "")
        self.advice.say(_advice(state))
        self.call.say(_call(state))
        early = pulse.phase in {SendPhase.OPENING, SendPhase.SENDING}
        self.add.setVisible(
            early and not state.expecting and activity in {Activity.RUNNING, Activity.PAUSED}
        )
        self.primary.name(
            translate("Sending", "Go on")
            if activity is Activity.PAUSED
            else translate("Sending", "Pause")
        )
        may_pause = activity in {Activity.RUNNING, Activity.PAUSED} and not checking
        self.primary.setVisible(may_pause)
        self.cancel.setEnabled(activity is not Activity.STOPPING)
        self._announce(pulse.milestone, checking=checking)

    def _announce(self, milestone: int, *, checking: bool) -> None:
        key = 101 if checking else milestone
        if key != self._said:
            self._said = key
            said = self.title.text() if checking else f"{milestone} %"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.bar, said))

    def _pause_or_go_on(self) -> None:
        if self._presenter.state.activity is Activity.PAUSED:
            self._presenter.resume()
        else:
            self._presenter.pause()

    def ask_to_stop(self) -> None:
        """Ask what cancelling means."""
        ask(
            self,
            translate("Sending", "Cancel the transfer?"),
            translate(
                "Sending",
                "If you stop now, what has arrived is kept for some days, and you can continue "
                "with the same disc, stick or folder. If you take everything back, the hospital’s "
                "server deletes what has arrived.",
            ),
            translate("Sending", "Keep on sending"),
            {
                translate("Sending", "Stop now, continue another day"): self._stop_for_now,
                translate("Sending", "Take everything back"): self._take_back,
            },
        )

    def _stop_for_now(self) -> None:
        self._presenter.stop(withdraw=False)

    def _take_back(self) -> None:
        self._presenter.stop(withdraw=True)

    def first(self) -> QWidget:
        return self.primary if self.primary.isVisibleTo(self) else self.cancel


def _status(state: WindowState) -> str:
    if state.activity is Activity.STOPPING:
        return translate("Sending", "Stopping …")
    if state.activity is Activity.PAUSED:
        return translate("Sending", "Paused. What has arrived is kept.")
    if state.activity is Activity.LINE_LOST or state.pulse.stalled:
        return translate(
            "Sending",
            "⚠  No connection at the moment. We try again by ourselves; nothing is lost.",
        )
    if state.activity is Activity.MEDIUM_GONE:
        said = translate(
            "Sending",
            "⚠  “{name}” is not there. Please put the same disc or stick in again; then it goes "
            "on by itself.",
        )
        return said.format(name=state.gone.name or state.gone if state.gone else "")
    return {
        SendPhase.OPENING: translate("Sending", "Connecting with the hospital …"),
        SendPhase.SENDING: translate("Sending", "Sending"),
        SendPhase.CLOSING: translate("Sending", "Almost done …"),
        SendPhase.CHECKING: translate("Sending", "Everything has been handed over."),
    }[state.pulse.phase]


def _call(state: WindowState) -> str:
    """Return whom to call and the code, where a person may have to do something."""
    codes = {Activity.LINE_LOST: Trouble.NO_CONNECTION, Activity.MEDIUM_GONE: Trouble.MEDIUM_GONE}
    code = codes.get(state.activity)
    if code is None:
        return ""
    return "\n".join(part for part in (words.call_words(state), words.code_words(code)) if part)


def _advice(state: WindowState) -> str:
    if state.pulse.phase is SendPhase.CHECKING:
        return translate(
            "Sending",
            "Please leave this window open for a moment. The receipt comes when the hospital has "
            "signed that it has every image.",
        )
    if state.activity is Activity.LINE_LOST:
        return translate(
            "Sending",
            "Please check whether the cable or Wi-Fi of this computer is connected. There is "
            "nothing to press here.",
        )
    if state.activity is Activity.MEDIUM_GONE:
        return translate("Sending", "What has arrived is kept.")
    if state.expecting:
        return translate(
            "Sending",
            "You are asked for the next disc as soon as this one has been read. Please leave this "
            "one in until then.",
        )
    return translate(
        "Sending",
        "You may use the computer for other things meanwhile. Please leave the disc or stick in.",
    )
