"""Starting, pausing, ending and going on with a sending, and how it ends.

The rule: only what is ticked goes, and only after the sender's word that it may; success is what
the hospital has signed.
"""

from dataclasses import replace
from pathlib import Path

from passbox_client.outcome import SendResult
from passbox_client.progress import SendProgress
from passbox_client.report import SenderReport
from passbox_client.saving import JSON, PDF
from passbox_client.unfinished import begun_over
from passbox_client.window.adding_desk import AddingDesk, next_medium
from passbox_client.window.disc import Disc
from passbox_client.window.further import Further
from passbox_client.window.pulse import Feeling, Pulse
from passbox_client.window.send_job import Order
from passbox_client.window.state import Activity
from passbox_client.window.steps import Page
from passbox_client.window.valve import Valve


class SendingDesk(AddingDesk):
    """Intentions about the sending, and its events."""

    _feeling = Feeling()
    _valve: Valve | None = None
    _withdrawing = False

    def start(self) -> None:
        """Send what is ticked; goes on with a transfer of this medium that waits."""
        order = self._order()
        if order is None:
            return
        self._end_scan()
        self._feeling, self._withdrawing = Feeling(), False
        self._to(
            page=Page.SENDING,
            pulse=Pulse(),
            activity=Activity.RUNNING,
            trouble=None,
            result=None,
            saved=None,
            save_trouble=None,
            under_way=True,
            wanted=False,
        )
        self._valve = self._jobs.send(order, self)

    def _order(self) -> Order | None:
        state = self.state
        first = state.media[0] if state.media else None
        if first is None or first.result is None or state.card is None or state.consent is None:
            return None
        form = state.form
        self._further = self._promised(first)
        return Order(
            first.result,
            state.card,
            form.sender,
            form.destination or None,
            form.recipient.strip(),
            form.department,
            first.ticked,
            state.language,
            state.consent,
            state.going_on,
            self._further,
        )

    def _promised(self, first: Disc) -> Further:
        """Return the media behind the first one, and how many more will be asked for.

        A transfer that is gone on with wants every disc it had.
        """
        behind = [medium for disc in self.state.media[1:] if (medium := next_medium(disc))]
        goes_on = first.unfinished if self.state.going_on else None
        had = len(goes_on.remembered.parts) if goes_on else 1
        missing = max(0, had - 1 - len(behind))
        self._to(expecting=self.state.expecting or missing > 0)
        return Further(behind, expected=max(missing, int(self.state.expecting)))

    def pause(self) -> None:
        """Hold the sending; what is under way still arrives."""
        if self._valve is not None:
            self._valve.pause()
            self._to(activity=Activity.PAUSED)

    def resume(self) -> None:
        """Let the sending go on."""
        if self._valve is not None:
            self._feeling.rest()
            self._valve.go_on()
            self._to(activity=Activity.RUNNING)

    def stop(self, *, withdraw: bool) -> None:
        """End the sending; ``withdraw`` takes back what has arrived, else it may go on later."""
        if self._valve is not None:
            self._withdrawing = withdraw
            self._to(page=Page.SENDING, activity=Activity.STOPPING, **self._last_reviewed())
            self._end_scan()
            self._valve.halt()
            self._further.enough()

    def send_progressed(self, progress: SendProgress, now: float) -> None:
        """Show how far it has come."""
        pulse = self._feeling.feel(progress, now)
        activity = self.state.activity
        if activity in {Activity.LINE_LOST, Activity.MEDIUM_GONE}:
            activity = Activity.RUNNING
        self._to(pulse=pulse, activity=activity)

    def send_lost_line(self) -> None:
        """Say that the line is gone and will be tried again."""
        self._feeling.rest()
        if self.state.activity is not Activity.STOPPING:
            self._to(activity=Activity.LINE_LOST)

    def send_lost_medium(self, root: Path) -> None:
        """Ask for a disc that was taken out; it goes on by itself when it is back."""
        self._feeling.rest()
        if self.state.activity is not Activity.STOPPING:
            self._to(activity=Activity.MEDIUM_GONE, gone=root)

    def send_ended(self, result: SendResult) -> None:
        """Show how it ended."""
        self._over(page=Page.REPORT, result=result, trouble=result.trouble)

    def send_failed(self, error: Exception) -> None:
        """Nothing was begun: say why, on the page it was started from."""
        self._over(page=Page.START, trouble=error, waiting=self._waiting())

    def _over(self, **changes: object) -> None:
        """Show that nothing is under way any more; a further medium not accepted is forgotten."""
        self._valve = None
        self._end_scan()
        kept = self._last_reviewed()
        self._to(under_way=False, expecting=False, wanted=False, **kept, **changes)

    def send_halted(self) -> None:
        """The person ended it."""
        self._over()
        self._find_unfinished()
        disc = self.state.disc
        unfinished = disc.unfinished if disc else None
        if self._withdrawing and unfinished is not None and self.state.card is not None:
            self._jobs.withdraw(unfinished, self.state.card, self)
        else:
            self._to(page=Page.START, activity=Activity.RUNNING)

    def withdrawn(self, error: Exception | None) -> None:
        """A transfer was taken back, or could not be."""
        self._find_unfinished()
        page = Page.START if self.state.page is Page.SENDING else self.state.page
        self._to(page=page, trouble=error, activity=Activity.RUNNING)

    def discard(self) -> None:
        """Take back the newest transfer that waits, without sending."""
        if self.state.waiting and self.state.card is not None:
            self._jobs.withdraw(self.state.waiting[0], self.state.card, self)

    def go_on_later(self) -> None:
        """Go on now with a transfer that was interrupted."""
        if self.state.can_go_on:
            self._find_unfinished()
            self.start()

    def save(self, path: Path) -> None:
        """Save this page's report under a name the person chose: PDF unless it says JSON."""
        report = self.report()
        if report is not None:
            known = path.suffix.lower() in {PDF, JSON}
            named = path if known else path.with_name(f"{path.name}{PDF}")
            self._to(saved=None, save_trouble=None)
            self._jobs.save(report, named, self.state.language, self)

    def report(self) -> SenderReport | None:
        """Return what may be saved or printed now."""
        return self.state.report(self._clock.now())

    def report_saved(self, path: Path, error: Exception | None) -> None:
        """The report is on this computer, or why not."""
        self._to(saved=None if error else path, save_trouble=error)

    def again(self) -> None:
        """Send another medium; who sends stays."""
        self._to(
            page=Page.MEDIUM,
            disc=None,
            earlier=(),
            result=None,
            trouble=None,
            sworn=False,
            saved=None,
            going_on=False,
            continuing=False,
        )

    def _find_unfinished(self) -> None:
        """Look again which transfers wait, and whether this medium is one of them."""
        found = self._waiting()
        disc = self.state.disc
        first = self.state.media[0] if self.state.media else None
        begun = begun_over(first.result, found) if first and first.result else None
        if disc is not None:
            disc = replace(disc, unfinished=begun[0] if begun else None)
        self._to(waiting=found, disc=disc, going_on=begun is not None)
