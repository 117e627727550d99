"""Going on with a transfer of an earlier day: its disc is asked for and known by itself.

The rule: the person says once that it is to go on; then the medium that comes back is enough, for
what was ticked and sworn is in the transfer. A medium that is not the one is never sent by itself.
"""

from collections.abc import Iterable

from passbox_client.errors import Trouble, UsageRefused
from passbox_client.found import ScanResult
from passbox_client.window.sending_desk import SendingDesk
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume


class ContinuingDesk(SendingDesk):
    """The intention to continue, and what follows from it."""

    _seeking = False

    def continue_waiting(self, *, wished: bool) -> None:
        """Say whether the newest transfer that waits is to be gone on with."""
        self._to(continuing=wished and bool(self.state.waiting), tried=frozenset(), trouble=None)
        self._seek()

    def media_changed(self, volumes: Iterable[Volume]) -> None:
        """Show what is there, and try what was not there before."""
        super().media_changed(volumes)
        there = {volume.root for volume in self.state.volumes}
        if self.state.tried - there:
            self._to(tried=self.state.tried & there)
        self._seek()

    def _seek(self) -> None:
        """Look at the next disc or stick that may be the one."""
        state = self.state
        if not state.continuing or state.page is not Page.MEDIUM or state.earlier:
            return
        untried = [each.root for each in state.volumes if each.root not in state.tried]
        if untried:
            self._to(tried=state.tried | {untried[0]})
            self._seeking = True
            self.choose(untried[0])

    def scan_ended(self, result: ScanResult) -> None:
        """Go on by itself when it is the one that waits."""
        super().scan_ended(result)
        sought, self._seeking = self._seeking, False
        if not self.state.continuing or self.state.earlier:
            return
        if self.state.going_on:
            self._to(sworn=True)
            self.start()
        elif sought:
            self.let_medium_go()
            self._seek()
        else:
            wrong = UsageRefused(Trouble.NOTHING_TO_RESUME)
            self._to(continuing=False, trouble=wrong)

    def scan_failed(self, error: Exception) -> None:
        """Say why there is nothing to see; another disc may still be the one."""
        super().scan_failed(error)
        self._seeking = False
        self._seek()
