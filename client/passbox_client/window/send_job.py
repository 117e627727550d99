"""One sending behind the window: attempts until it ends, with pauses for a line or a medium.

The rule: what comes back by itself is waited for, and a medium that was away is looked at again
before anything is read from it: another disc under the same name is not the one that was ticked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from passbox_base.clocks import Clock
from passbox_client.errors import ClientError, LineFailed, Trouble
from passbox_client.found import ScanResult
from passbox_client.line import Receiver
from passbox_client.outcome import Outcome, SendResult
from passbox_client.progress import SendPhase, SendProgress
from passbox_client.review import Selection
from passbox_client.window.further import Further
from passbox_client.window.valve import Halted, Valve
from passbox_wire.inventory import Consent, Sender
from passbox_wire.profile import Profile, SignedProfile

AGAIN_SECONDS: Final = 20.0
"""Between two attempts to go on while there is no line."""
MEDIUM_SECONDS: Final = 2.0
"""Between two looks for a medium that was taken out."""
_TELL_SECONDS: Final = 0.1
"""A screen shows no more than ten states a second."""
_GONE: Final = frozenset({Trouble.MEDIUM_GONE, Trouble.MEDIUM_MISSING})


class SendEvents(Protocol):
    """What a sending tells."""

    def send_progressed(self, progress: SendProgress, now: float) -> None: ...
    def send_lost_line(self) -> None: ...
    def send_lost_medium(self, root: Path) -> None: ...
    def send_wants_medium(self) -> None: ...
    def send_ended(self, result: SendResult) -> None: ...
    def send_failed(self, error: Exception) -> None: ...
    def send_halted(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent to whom."""

    scan: ScanResult
    profile: SignedProfile
    sender: Sender
    destination: str | None
    recipient: str
    department: str
    studies: frozenset[int]
    language: str
    consent: Consent | None
    resume: bool
    further: Further = field(default_factory=Further)


@dataclass(frozen=True, slots=True)
class SendJob:
    """run() once, in a thread of its own."""

    order: Order
    valve: Valve
    events: SendEvents
    post: Callable[[Callable[[], None]], None]
    state_folder: Path
    clock: Clock
    line: Callable[[Profile], Receiver]
    sleep: Callable[[float], None]

    def run(self) -> None:
        """Send to the end, whatever it is, and tell it."""
        try:
            result = self._send_through()
        except Halted:
            self.post(self.events.send_halted)
        except Exception as error:  # noqa: BLE001 - told on the screen, by the window's thread
            failure = error
            self.post(lambda: self.events.send_failed(failure))
        else:
            self.post(lambda: self.events.send_ended(result))

    def _send_through(self) -> SendResult:
        """Send, going on by itself whenever the line or the medium comes back."""
        begun = False
        result: SendResult | None
        while True:
            try:
                result = self._attempt(resume=self.order.resume or begun)
            except LineFailed as error:
                if not (begun and error.may_be_retried):
                    raise
                result = None
            if result is not None and not _comes_back(result):
                return result
            begun = True
            away = self._away(result)
            if away is not None:
                self._await(away)
            else:
                self.post(self.events.send_lost_line)
                self.sleep(AGAIN_SECONDS)
                self.valve.pass_through()

    def _away(self, result: SendResult | None) -> ScanResult | None:
        """Return the medium that was taken out, None when it was the line."""
        trouble = result.trouble if result else None
        if trouble is None or trouble.code not in _GONE:
            return None
        return self.order.further.reading or self.order.scan

    def _await(self, wanted: ScanResult) -> None:
        """Wait until a medium is there again, the very same."""
        self.post(lambda: self.events.send_lost_medium(wanted.root))
        there = False
        while not there:
            self.sleep(MEDIUM_SECONDS)
            self.valve.pass_through()
            there = _is_there(wanted)

    def _attempt(self, *, resume: bool) -> SendResult:
        from passbox_client.send import send  # not before there is something to send

        order = self.order
        telling = _Telling(self.post, self.events, self.clock, self.valve)
        return send(
            order.scan,
            order.profile,
            sender=order.sender,
            state_folder=self.state_folder,
            recipient=order.recipient,
            department=order.department,
            selection=Selection(studies=order.studies),
            language=order.language,
            consent=order.consent,
            destination=order.destination,
            receiver=self.line(order.profile.profile),
            resume=resume,
            next_medium=order.further.asking(self._want, self.valve),
            progress=telling.tell,
            clock=self.clock,
            pause=self.sleep,
        )

    def _want(self) -> None:
        self.post(self.events.send_wants_medium)


def _is_there(wanted: ScanResult) -> bool:
    from passbox_client.recognition import is_still
    from passbox_client.scan import medium_errors
    from passbox_client.transmission import Source

    try:
        with medium_errors(), Source(wanted.root, wanted.password).open() as medium:
            return is_still(medium, wanted.found)
    except ClientError:
        return False


def _comes_back(result: SendResult) -> bool:
    trouble = result.trouble
    if result.outcome is not Outcome.INTERRUPTED or trouble is None:
        return False
    return trouble.code in _GONE or (isinstance(trouble, LineFailed) and trouble.may_be_retried)


class _Telling:
    """Hands progress on, not more often than a screen shows it."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], None],
        events: SendEvents,
        clock: Clock,
        valve: Valve,
    ) -> None:
        self._post = post
        self._events = events
        self._clock = clock
        self._valve = valve
        self._told: float | None = None
        self._phase: SendPhase | None = None

    def tell(self, progress: SendProgress) -> None:
        self._valve.pass_through()
        now = self._clock.monotonic()
        soon = self._told is not None and now - self._told < _TELL_SECONDS
        if soon and progress.phase is self._phase:
            return
        self._told, self._phase = now, progress.phase
        self._post(lambda: self._events.send_progressed(progress, now))
