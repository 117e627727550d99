"""The state of a window and what every intention needs; see presenter.py."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from passbox_base.clocks import Clock
from passbox_client.unfinished import Unfinished, waiting
from passbox_client.window.jobs import Jobs
from passbox_client.window.preferences import Preferences
from passbox_client.window.state import WindowState


class Desk:
    """One window's state. ``show`` is called with every new one."""

    def __init__(
        self,
        state: WindowState,
        jobs: Jobs,
        preferences: Preferences,
        state_folder: Path,
        clock: Clock,
    ) -> None:
        self.state = state
        self.show: Callable[[WindowState], None] = lambda _state: None
        self._jobs = jobs
        self._preferences = preferences
        self._state_folder = state_folder
        self._clock = clock

    def _waiting(self) -> tuple[Unfinished, ...]:
        card = self.state.card
        return waiting(self._state_folder, card.signer) if card else ()

    def _to(self, **changes: object) -> None:
        if any(changes.get(name) for name in ("trouble", "save_trouble")):
            changes["trouble_at"] = self._clock.now()
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields by name
        self.show(self.state)
