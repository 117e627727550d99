"""A window's presenter with a hospital behind it; events are handled where a test waits."""

import queue
import time
from collections.abc import Callable
from pathlib import Path

from passbox_base.clocks import Clock
from passbox_client.window.jobs import Jobs
from passbox_client.window.preferences import Preferences
from passbox_client.window.presenter import Presenter
from passbox_client.window.state import WindowState
from passbox_client.window.steps import Page
from passbox_wire.profile import SignedProfile
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_signed_profile
from tests.client.hospital import FakeHospital

PATIENCE = 60.0


class Desk:
    """A presenter without a window: ``until`` handles events until something holds."""

    def __init__(
        self, folder: Path, *, card: SignedProfile | None = None, clock: Clock | None = None
    ) -> None:
        self.folder = folder
        self.hospital = FakeHospital()
        self.clock = clock or FakeClock()
        self._events: queue.Queue[Callable[[], None]] = queue.Queue()
        self.states: list[WindowState] = []
        jobs = Jobs(
            self._events.put,
            folder / "state",
            self.clock,
            lambda _: self.hospital,
            lambda valve, _seconds: valve.sleep(0.001),
        )
        self.presenter = Presenter(
            WindowState(Page.CARD, "en"),
            jobs,
            Preferences(folder / "settings"),
            folder / "state",
            self.clock,
        )
        self.presenter.show = self.states.append
        self.presenter.open_card(card or a_signed_profile())

    @property
    def state(self) -> WindowState:
        """The state now."""
        return self.presenter.state

    def until(self, holds: Callable[[WindowState], bool]) -> WindowState:
        """Handle events until ``holds``; fail when that takes too long."""
        deadline = time.monotonic() + PATIENCE
        while not holds(self.state):
            left = deadline - time.monotonic()
            assert left > 0, f"still {self.state.page}, {self.state.trouble!r}"
            self._events.get(timeout=left)()
        return self.state
