"""Further discs and folders of one transfer: added before the start, or while it is sent.

The rule: a medium of somebody else is a question, as several people on one are; the sending stays
open for what was promised, and ends only when somebody says that there is no more. A disc that is
still needed in its drive is not asked out of it: the next one for the same drive is asked for when
it has been read.
"""

from dataclasses import replace
from pathlib import Path

from passbox_client.errors import Trouble, UsageRefused
from passbox_client.found import ScanResult
from passbox_client.review import NextMedium, Selection
from passbox_client.window.disc import Disc, are_the_same
from passbox_client.window.further import Further
from passbox_client.window.medium_desk import MediumDesk
from passbox_client.window.steps import Page


def next_medium(disc: Disc) -> NextMedium | None:
    """Return a reviewed medium as the core takes it."""
    if disc.result is None:
        return None
    return NextMedium(disc.result, Selection(studies=disc.ticked))


class AddingDesk(MediumDesk):
    """Intentions about further media."""

    _further = Further()

    def add_medium(self) -> None:
        """Ask where another disc or folder of the same transfer is."""
        state = self.state
        if state.disc is None or state.disc.result is None:
            return
        if state.page is Page.START or (state.page is Page.SENDING and self._further.expect()):
            self._make_room()

    def _make_room(self) -> None:
        disc = self.state.disc
        if disc is not None and disc.result is not None:
            self._to(
                page=Page.MEDIUM,
                earlier=(*self.state.earlier, disc),
                disc=None,
                trouble=None,
                expecting=self.state.under_way or self.state.expecting,
            )

    def send_wants_medium(self) -> None:
        """Everything was read: ask for what was promised."""
        self._to(wanted=True)
        if self.state.page is Page.SENDING:
            self._make_room()

    def choose(self, path: Path, password: str | None = None) -> None:
        """Look at a medium; one that is part of the transfer already is told as such."""
        if self.state.is_being_read(path):
            self._to(page=Page.MEDIUM, disc=None, trouble=UsageRefused(Trouble.MEDIUM_TWICE))
            return
        super().choose(path, password)

    def scan_ended(self, result: ScanResult) -> None:
        """Show the whole medium, unless it is one that came before."""
        if any(d.result and are_the_same(d.result, result) for d in self.state.earlier):
            self._to(page=Page.MEDIUM, disc=None, trouble=UsageRefused(Trouble.MEDIUM_TWICE))
            return
        super().scan_ended(result)

    def ask_for_it_later(self) -> None:
        """The next disc goes into a drive that is still needed: it is asked for afterwards."""
        if self.state.earlier:
            if self.state.under_way:
                self._further.expect()
            self._back_to_the_last(expecting=True)

    def no_more_media(self) -> None:
        """There is no other disc: the sending may end with what it has."""
        self._further.enough()
        self._back_to_the_last(expecting=False)

    def forget_expected(self) -> None:
        """Before the start: nothing is to be asked for after all."""
        if not self.state.under_way:
            self._to(expecting=False)

    def send_along(self) -> None:
        """Hand a reviewed medium to the sending that waits for it, or will."""
        given = next_medium(self.state.disc) if self.state.disc else None
        if given is not None:
            self._end_scan()
            self._further.give(given)
            self._to(page=Page.SENDING, expecting=False, wanted=False, trouble=None)

    def _back_to_the_last(self, *, expecting: bool) -> None:
        self._end_scan()
        self._to(
            page=Page.SENDING if self.state.under_way else Page.START,
            trouble=None,
            expecting=expecting,
            wanted=self.state.wanted and expecting,
            **self._last_reviewed(),
        )

    def _last_reviewed(self) -> dict[str, object]:
        """Return what to change so that a further medium not yet accepted is forgotten."""
        state = self.state
        unready = state.disc is None or state.disc.result is None
        if state.earlier and (unready or state.page in {Page.MEDIUM, Page.REVIEW}):
            return {"disc": state.earlier[-1], "earlier": state.earlier[:-1]}
        return {}

    def _people_before(self) -> frozenset[tuple[str, str]]:
        people = frozenset[tuple[str, str]]()
        for disc in self.state.earlier:
            people |= disc.sent_people
        return people

    def _fresh(self, path: Path) -> Disc:
        return replace(super()._fresh(path), known=self._people_before())
