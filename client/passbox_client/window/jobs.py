"""The work behind the window, each in a thread of its own, speaking by events.

The rule: no event is handled in a job's thread. ``post`` takes a call and makes it where the window
lives; events of a job that was halted are dropped there, so an old disc never shows in a new one.
What a job needs is loaded in its thread, or ahead of it (gui/awake.py): the window is up sooner.
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from passbox_base.clocks import Clock
from passbox_client.errors import ClientError
from passbox_client.found import FoundInstance, ScanResult
from passbox_client.line import Receiver, connect
from passbox_client.progress import ScanProgress
from passbox_client.receipts import VerifiedReceipt, look_up
from passbox_client.report import SenderReport
from passbox_client.unfinished import Unfinished
from passbox_client.window.send_job import Order, SendEvents, SendJob
from passbox_client.window.valve import Halted, Valve
from passbox_dicom.drives import is_optical
from passbox_wire.profile import Profile, SignedProfile

Post = Callable[[Callable[[], None]], None]
_TELL_SECONDS: Final = 0.1
"""A screen shows no more than ten states a second."""


class ScanEvents(Protocol):
    """What a scan tells."""

    def scan_progressed(self, progress: ScanProgress) -> None: ...
    def scan_asks_for_medium(self) -> None: ...
    def scan_ended(self, result: ScanResult) -> None: ...
    def scan_failed(self, error: Exception) -> None: ...
    def picture_drawn(self, series: int, png: bytes | None) -> None: ...


class LookUpEvents(Protocol):
    """What a look-up tells."""

    def looked_up(self, verified: VerifiedReceipt) -> None: ...
    def look_up_failed(self, error: Exception) -> None: ...


class WithdrawEvents(Protocol):
    """What a withdrawal tells."""

    def withdrawn(self, error: Exception | None) -> None: ...


class SaveEvents(Protocol):
    """What saving a report tells."""

    def report_saved(self, path: Path, error: Exception | None) -> None: ...


@dataclass(slots=True)
class ScanJob:
    """A scan that runs; halt() ends it and its pictures."""

    valve: Valve = field(default_factory=Valve)
    answers: "queue.Queue[bool]" = field(default_factory=queue.Queue)
    _samples: "queue.Queue[tuple[int, FoundInstance] | None]" = field(default_factory=queue.Queue)

    def halt(self) -> None:
        """End it."""
        self.valve.halt()
        self.answers.put(item=False)
        self._samples.put(None)


class Jobs:
    """Starts jobs. ``line`` makes the connection to a hospital; a test hands in its own."""

    def __init__(
        self,
        post: Post,
        state_folder: Path,
        clock: Clock,
        line: Callable[[Profile], Receiver] = connect,
        sleep: Callable[[Valve, float], None] = Valve.sleep,
    ) -> None:
        self._post = post
        self._state_folder = state_folder
        self._clock = clock
        self._line = line
        self._sleep = sleep

    # The medium

    def scan(self, path: Path, password: str | None, events: ScanEvents) -> ScanJob:
        """Look at a medium; pictures follow while it runs, on a disc drive after it."""
        job = ScanJob()
        ScanThread(job, path, password, events, self._posting(job.valve)).start()
        return job

    def _posting(self, valve: Valve) -> Post:
        def post(call: Callable[[], None]) -> None:
            self._post(lambda: None if valve.is_halted else call())

        return post

    # The sending

    def send(self, order: Order, events: SendEvents) -> Valve:
        """Send; the valve pauses and halts it."""
        valve = Valve()
        job = SendJob(
            order,
            valve,
            events,
            self._post,
            self._state_folder,
            self._clock,
            self._line,
            partial(self._sleep, valve),
        )
        _start("send", job.run)
        return valve

    # After it

    def look_up(self, code: str, profile: SignedProfile, events: LookUpEvents) -> None:
        """Ask what became of a transfer."""

        def work() -> None:
            try:
                line = self._line(profile.profile)
                found = look_up(code, profile, receiver=line, state_folder=self._state_folder)
            except Exception as error:  # noqa: BLE001 - told on the screen
                failure = error
                self._post(lambda: events.look_up_failed(failure))
            else:
                self._post(lambda: events.looked_up(found))

        _start("look-up", work)

    def save(self, report: SenderReport, path: Path, language: str, events: SaveEvents) -> None:
        """Write a report into a file: the fonts of a PDF take a moment to load."""

        def work() -> None:
            from passbox_client.saving import save_report

            failure: Exception | None = None
            try:
                save_report(report, path, language)
            except Exception as error:  # noqa: BLE001 - told on the screen
                failure = error
            self._post(lambda: events.report_saved(path, failure))

        _start("save", work)

    def withdraw(
        self, unfinished: Unfinished, profile: SignedProfile, events: WithdrawEvents
    ) -> None:
        """Take an unfinished transfer back."""

        def work() -> None:
            from passbox_client.withdrawing import withdraw

            failure: Exception | None = None
            try:
                withdraw(unfinished.remembered, self._line(profile.profile))
            except Exception as error:  # noqa: BLE001 - told on the screen
                failure = error
            self._post(lambda: events.withdrawn(failure))

        _start("withdraw", work)


def _start(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


@dataclass(slots=True)
class ScanThread:
    """The threads of one scan: reading, and drawing pictures beside it."""

    job: ScanJob
    path: Path
    password: str | None
    events: ScanEvents
    post: Post
    _told: float = -1.0
    _series: int = 0

    def start(self) -> None:
        """Begin."""
        _start("scan", self._scan)
        _start("pictures", self._draw_samples)

    def _scan(self) -> None:
        from passbox_client.scan import scan

        try:
            result = scan(
                self.path, self._progressed, password=self.password, when_gone=self._ask_for_medium
            )
        except Halted:
            pass
        except Exception as error:  # noqa: BLE001 - told on the screen
            failure = error
            self.post(lambda: self.events.scan_failed(failure))
        else:
            self.post(lambda: self.events.scan_ended(result))
            self._draw_middles(result)
        finally:
            self.job._samples.put(None)  # noqa: SLF001 - one thing in two halves

    def _progressed(self, progress: ScanProgress) -> None:
        self.job.valve.pass_through()
        if not is_optical(self.path):
            for at, (_series, sample) in enumerate(progress.new_series, self._series):
                if sample is not None:
                    self.job._samples.put((at, sample))  # noqa: SLF001 - as above
        self._series += len(progress.new_series)
        now = time.monotonic()
        if progress.new_series or now - self._told >= _TELL_SECONDS:
            self._told = now
            self.post(lambda: self.events.scan_progressed(progress))

    def _ask_for_medium(self) -> bool:
        self.post(self.events.scan_asks_for_medium)
        back = self.job.answers.get()
        self.job.valve.pass_through()
        return back

    def _draw_samples(self) -> None:
        from passbox_client.thumbnails import draw, drawing

        with drawing() as workers:
            while (sample := self.job._samples.get()) is not None:  # noqa: SLF001 - as above
                if self.job.valve.is_halted:
                    return
                series, instance = sample
                self._drawn(series, draw(workers, self.path, instance, password=self.password))

    def _draw_middles(self, result: ScanResult) -> None:
        from passbox_client.thumbnails import thumbnails

        with suppress(ClientError):
            for series, png in thumbnails(result, password=self.password):
                if self.job.valve.is_halted:
                    return
                self._drawn(series, png)

    def _drawn(self, series: int, png: bytes | None) -> None:
        self.post(lambda: self.events.picture_drawn(series, png))
