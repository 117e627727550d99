"""What a person does becomes the next state; what jobs tell becomes the next state.

The rule: nothing starts before the privacy statement is accepted, nothing is sent that was not
ticked, and success is said only when the hospital has signed. Not thread-safe: everything is called
where the window lives.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from passbox_client.errors import ClientError, ExitCode
from passbox_client.profiles import texts_of
from passbox_client.receipts import VerifiedReceipt
from passbox_client.window.connection_desk import ConnectionDesk
from passbox_client.window.continuing_desk import ContinuingDesk
from passbox_client.window.form import Fault, Field, Form, faults_of
from passbox_client.window.steps import Page
from passbox_wire.inventory import Consent
from passbox_wire.profile import SignedProfile

_BACK: Final = {
    Page.PEOPLE: Page.PRIVACY,
    Page.MEDIUM: Page.PEOPLE,
    Page.REVIEW: Page.MEDIUM,
    Page.START: Page.REVIEW,
}
_NOTHING_SAVED: Final[dict[str, object]] = {"saved": None, "save_trouble": None}


class Presenter(ContinuingDesk, ConnectionDesk):
    """All intentions of one window."""

    _came_from: Page = Page.PRIVACY
    _medium_given: Path | None = None

    # The beginning

    def open_card(self, card: SignedProfile) -> None:
        """Take a hospital's address card; the form is what this computer remembers."""
        form = self._preferences.recall()
        known = {destination.id for destination in card.profile.destinations}
        first = card.profile.destinations[0].id
        given = self.state.form
        self._to(
            page=Page.PRIVACY,
            card=card,
            doubted=None,
            trouble=None,
            form=replace(
                form,
                destination=form.destination if form.destination in known else first,
                department=given.department or form.department,
                recipient=given.recipient or form.recipient,
            ),
        )
        self._to(waiting=self._waiting())

    def refuse_card(self, error: ClientError, doubted: SignedProfile | None = None) -> None:
        """Say why a card cannot be used; ``doubted`` may be, when its fingerprint is compared."""
        self._to(page=Page.CARD, trouble=error, doubted=doubted)

    def give_medium(self, path: Path) -> None:
        """Take a medium that was named at the start: it is looked at once one may."""
        self._medium_given = path

    def accept(self, *, accepted: bool) -> None:
        """Tick or untick the privacy statement."""
        consent = None
        if accepted and self.state.card is not None:
            texts = texts_of(self.state.card, self.state.language)
            moment = int(self._clock.now().timestamp())
            consent = Consent(texts.privacy_version, texts.language, moment) if texts else None
        self._to(consent=consent)

    def speak(self, language: str) -> None:
        """Change the language. What was accepted in another one is asked again."""
        if language == self.state.language:
            return
        before_start = self.state.page is Page.PRIVACY
        self._to(language=language, consent=None if before_start else self.state.consent)

    # From page to page

    def go_on(self) -> None:
        """Do what the page's primary button says, if it may be done."""
        state = self.state
        if state.page is Page.PRIVACY and state.consent is not None:
            self._to(page=Page.PEOPLE, trouble=None)
            if state.continuing and not self._faults(state.form):
                self._leave_people()  # who sends is remembered
        elif state.page is Page.PEOPLE:
            self._leave_people()
        elif state.page is Page.REVIEW and state.disc is not None and state.disc.may_go_on:
            if state.under_way:
                self.send_along()
            else:
                self._to(page=Page.START, trouble=None)
        elif state.page is Page.START and state.sworn:
            self.start()

    def back(self) -> None:
        """Go one page back; a scan that runs ends."""
        page = _BACK.get(self.state.page)
        if page is None:
            return
        if page is Page.MEDIUM:
            self.let_medium_go()
        elif page is Page.PEOPLE and self.state.earlier:
            self.no_more_media()
        else:
            self._to(page=page, trouble=None)

    def _leave_people(self) -> None:
        faults = self._faults(self.state.form)
        if faults:
            self._to(faults=faults, checked=frozenset(Field))
            return
        self._preferences.keep(self.state.form)
        self._to(page=Page.MEDIUM, faults={}, trouble=None)
        if self._medium_given is not None:
            path, self._medium_given = self._medium_given, None
            self.choose(path)
        self._seek()

    # Who, and for whom

    def enter(self, form: Form) -> None:
        """Take what was typed; a fault that is shown goes as soon as it is mended."""
        self._to(form=form, faults=self._faults(form))

    def leave_field(self, field: Field) -> None:
        """Show what is wrong with a field that was left."""
        empty = not getattr(self.state.form, field.value).strip()
        if not empty:
            self._to(checked=self.state.checked | {field}, faults=self._faults(self.state.form))

    def _faults(self, form: Form) -> dict[Field, Fault]:
        destination = replace(self.state, form=form).destination
        return dict(faults_of(form, destination)) if destination else {}

    # Looking up a receipt

    def open_look_up(self) -> None:
        """Show where a receipt code is typed."""
        if self.state.page not in {Page.LOOKUP, Page.CARD} and not self.state.under_way:
            self._came_from = self.state.page
            self._to(page=Page.LOOKUP, trouble=None, looked_up=None, **_NOTHING_SAVED)

    def leave_look_up(self) -> None:
        """Go back to where one came from."""
        gone = {"looked_up": None, "looking_up": False, "code": "", **_NOTHING_SAVED}
        self._to(page=self._came_from, trouble=None, **gone)

    def look_up(self, code: str) -> None:
        """Ask what became of a transfer."""
        if self.state.card is not None and not self.state.looking_up:
            self._to(looking_up=True, trouble=None, looked_up=None, code=code, saved=None)
            self._jobs.look_up(code, self.state.card, self)

    def looked_up(self, verified: VerifiedReceipt) -> None:
        """Show what the hospital signed."""
        self._to(looking_up=False, looked_up=verified)

    def look_up_failed(self, error: Exception) -> None:
        """Say why there is nothing to show."""
        self._to(looking_up=False, trouble=error)

    # The end

    @property
    def exit_code(self) -> ExitCode:
        """What the program says to the shell: of the last transfer, or why there was none."""
        if self.state.result is not None:
            return self.state.result.exit_code
        if isinstance(self.state.trouble, ClientError):
            return self.state.trouble.exit_code
        return ExitCode.USAGE

    def close(self) -> None:
        """End what runs; a transfer that was begun may be gone on with."""
        self._end_scan()
        if self._valve is not None:
            self._valve.halt()
            self._further.enough()
