"""Choosing a medium, looking at it while it is read, ticking whose images go.

The rule: with several people on it, a person answers before anything goes on; a new medium ends
the scan of the one before.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from passbox_client.found import ScanResult
from passbox_client.progress import ScanProgress
from passbox_client.unfinished import begun_over
from passbox_client.window.desk import Desk
from passbox_client.window.disc import Disc, Growing, progressed, scanned
from passbox_client.window.jobs import ScanJob
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume, inserted


class MediumDesk(Desk):
    """Intentions about the medium, and the events of its scan."""

    _growing = Growing()
    _scan: ScanJob | None = None

    def media_changed(self, volumes: Iterable[Volume]) -> None:
        """Show the discs and sticks that are there now."""
        found = tuple(volumes)
        if found == self.state.volumes:
            return
        came = inserted(self.state.volumes, found)
        self._to(volumes=found)
        disc = self.state.disc
        if disc is not None and disc.gone and any(disc.path.is_relative_to(v.root) for v in came):
            self.medium_is_back(back=True)

    def choose(self, path: Path, password: str | None = None) -> None:
        """Look at a medium."""
        if self.state.consent is None or self.state.page not in {Page.MEDIUM, Page.REVIEW}:
            return
        self._end_scan()
        self._growing = Growing()
        self._to(page=Page.REVIEW, disc=self._fresh(path), trouble=None, sworn=False)
        self._unless_further(going_on=False)
        self._scan = self._jobs.scan(path, password, self)

    def let_medium_go(self) -> None:
        """Go back to the choice of a medium."""
        self._end_scan()
        self._to(page=Page.MEDIUM, disc=None, trouble=None, sworn=False)
        self._unless_further(going_on=False)

    def _fresh(self, path: Path) -> Disc:
        return Disc(path)

    def _unless_further(self, *, going_on: bool) -> None:
        """Say whether a transfer is gone on with; its first medium decides."""
        if not self.state.earlier:
            self._to(going_on=going_on)

    def medium_is_back(self, *, back: bool) -> None:
        """Answer the question for a medium that was taken out."""
        if self._scan is not None:
            self._scan.answers.put(back)
            self._to_disc(gone=False)

    def tick(self, studies: frozenset[int], *, on: bool) -> None:
        """Tick or untick examinations."""
        disc = self.state.disc
        if disc is not None and disc.result is not None:
            ticked = disc.ticked | studies if on else disc.ticked - studies
            self._to(disc=replace(disc, ticked=ticked, answered=False))
            self._unless_further(going_on=False)

    def answer(self, *, right: bool) -> None:
        """Say that the ticked people are the right ones."""
        self._to_disc(answered=right)

    def swear(self, *, sworn: bool) -> None:
        """Say that these images may be sent."""
        self._to(sworn=sworn)

    def _to_disc(self, **changes: object) -> None:
        if self.state.disc is not None:
            self._to(disc=replace(self.state.disc, **changes))  # type: ignore[arg-type]  # by name

    def _end_scan(self) -> None:
        if self._scan is not None:
            self._scan.halt()
            self._scan = None

    def scan_progressed(self, progress: ScanProgress) -> None:
        """Show what came up."""
        self._growing.take(progress)
        if self.state.disc is not None:
            self._to(disc=progressed(self.state.disc, self._growing, progress))

    def scan_asks_for_medium(self) -> None:
        """Ask for the medium that was taken out."""
        self._to_disc(gone=True)

    def scan_ended(self, result: ScanResult) -> None:
        """Show the whole medium, and whether a transfer of it waits."""
        if self.state.disc is None:
            return
        disc = scanned(self.state.disc, result)
        begun = begun_over(result, self.state.waiting)
        if begun is not None:
            unfinished, studies = begun
            disc = replace(disc, ticked=studies, unfinished=unfinished)
        self._to(disc=disc)
        self._unless_further(going_on=begun is not None)

    def scan_failed(self, error: Exception) -> None:
        """Say why there is nothing to see."""
        self._to(page=Page.MEDIUM, disc=None, trouble=error)

    def picture_drawn(self, series: int, png: bytes | None) -> None:
        """Show a picture."""
        disc = self.state.disc
        if disc is not None and (png is not None or series not in disc.pictures):
            self._to_disc(pictures={**disc.pictures, series: png})
