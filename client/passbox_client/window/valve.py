"""Pausing, going on and halting a job from another thread."""

import threading


class Halted(Exception):
    """The person in front of the screen ended the job; nothing is wrong."""


class Valve:
    """A job calls pass_through() now and then; whoever holds the valve stops it there."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self._halted = threading.Event()

    def pause(self) -> None:
        """Stop the job at its next step."""
        self._open.clear()

    def go_on(self) -> None:
        """Let the job go on."""
        self._open.set()

    def halt(self) -> None:
        """End the job at its next step."""
        self._halted.set()
        self._open.set()

    @property
    def is_halted(self) -> bool:
        """Whether the job is to end."""
        return self._halted.is_set()

    def pass_through(self) -> None:
        """Wait while paused; raise Halted when the job is to end."""
        self._open.wait()
        if self._halted.is_set():
            raise Halted

    def sleep(self, seconds: float) -> None:
        """Sleep, waking early when the job is to end."""
        self._halted.wait(seconds)
