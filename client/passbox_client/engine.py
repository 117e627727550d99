"""The upload as a pure state machine: what to do next, from what the receiver said.

No socket, no clock, no thread, no random source: next_step() hands out steps, and each is reported
exactly once, with its answer or as failed. Any other report is a mistake in this program, OutOfTurn
(as h11's LocalProtocolError).

    OPENING ── opened for the first time ──▶ SENDING ── closed ──▶ CLOSED
       ▲  └─ opened again, or resumed ─▶ ASKING ─ all told ─▲  │
       │                                   ▲                │  │ held differs
       └───────── line failed ─────────────┴────────────────┴──┘
    any ── a problem that waiting cannot help, or patience used up ──▶ FAILED

    phase          hands out                                     at most at once
    OPENING        Open                                          one
    ASKING         Ask, page by page                             one
    SENDING        Put for each pack; Close, once all are held   ``window`` packs; one
    CLOSED FAILED  nothing, and nothing changes them any more

Of Open, Ask and Close never two are on their way, not even while packs fail: an answer is always to
the last question. After a failed line the transfer is opened again, which is idempotent and tells
what became of it, then the receiver is asked what it holds: a pack whose answer was lost is not
sent twice. How many packs fly at once is flights.py's, how long to wait patience.py's. A pack is a
number and a digest in here; its bytes are with whoever asks for the next step.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from passbox_client.errors import ClientError, LineFailed, OutOfTurn, ReceiverRefused, Trouble
from passbox_client.flights import Flights
from passbox_client.patience import Patience
from passbox_wire.digests import packs_digest
from passbox_wire.messages import CloseTransfer, HeldPacks, Limits, TransferStatus
from passbox_wire.problems import Code

_CLOSE_ROUNDS: Final = 3


class Phase(Enum):
    """Where an upload is."""

    OPENING = "opening"
    ASKING = "asking"
    SENDING = "sending"
    CLOSED = "closed"
    FAILED = "failed"


OVER: Final = frozenset({Phase.CLOSED, Phase.FAILED})


@dataclass(frozen=True, slots=True)
class Open:
    """Open the transfer, or ask again what became of it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask which packs are held; ``following`` as the last page said, None for the first."""

    following: int | None


@dataclass(frozen=True, slots=True)
class Put:
    """Send this pack."""

    number: int


@dataclass(frozen=True, slots=True)
class Close:
    """Say that there is no more."""

    message: CloseTransfer


Step = Open | Ask | Put | Close


@dataclass(slots=True)
class _Told:
    """What the receiver says it holds, page by page.

    Only what was held when the asking began may be missed: other packs land meanwhile.
    """

    expected: frozenset[int] = frozenset()
    packs: dict[int, bytes] = field(default_factory=dict)
    following: int | None = None


class Upload:
    """One upload. Each step is reported once: opened(), told(), put(), closed() or failed()."""

    def __init__(self, held: Mapping[int, bytes] | None = None) -> None:
        """Start; ``held`` are packs of an earlier run that may be there, number to digest."""
        self.phase = Phase.OPENING
        self.trouble: ClientError | None = None
        self.limits: Limits | None = None
        """What the receiver takes; None until it has answered."""
        self.earlier: Mapping[int, bytes] = dict(held or {})
        """Packs of an earlier run that the receiver says it holds; complete once SENDING."""
        self._remembered: Mapping[int, bytes] = dict(self.earlier)
        """The same as the journal has them; others of that run are none of ours."""
        self._packs: dict[int, bytes] = {}
        """Packs of this run, number to digest."""
        self._pending: dict[int, None] = {}
        """Those of them that nobody has said are held, in the order they were added."""
        self._complete = False
        """Whether no more will be added."""
        self._asked: Open | Ask | Close | None = None
        """The question that is on its way."""
        self._flights = Flights()
        self._told = _Told()
        self._patience = Patience()
        self._rounds = 0
        """Closings that the receiver did not agree to."""

    # What the caller has

    def add(self, number: int, sha256: bytes) -> None:
        """Take a new pack to be sent."""
        if self._complete or number in self._packs or number in self._remembered:
            raise OutOfTurn
        self._packs[number], self._pending[number] = sha256, None

    def no_more(self) -> None:
        """Say that the last pack was added: close when all are held."""
        self._complete = True

    # What to do

    def next_step(self) -> Step | None:
        """Return the next thing to do, None when there is nothing until the next report."""
        if self.phase is Phase.SENDING and (number := self._next_pack()) is not None:
            self._flights.begin(number)
            return Put(number)
        if self._asked is None:
            self._asked = self._question()
            return self._asked
        return None

    def _next_pack(self) -> int | None:
        if not self._flights.has_room:
            return None
        flying = self._flights.numbers
        return next((number for number in self._pending if number not in flying), None)

    def _question(self) -> Open | Ask | Close | None:
        match self.phase:
            case Phase.OPENING:
                return Open()
            case Phase.ASKING:
                return Ask(self._told.following)
            case Phase.SENDING if self._complete and not self._pending:
                return Close(self.closing_words())
            case _:
                return None

    def closing_words(self) -> CloseTransfer:
        """Return what to close with: every pack that was or will be held."""
        held = {**self.earlier, **self._packs}
        return CloseTransfer(len(held), packs_digest(held))

    # What was said

    def opened(self, status: TransferStatus) -> None:
        """The receiver knows the transfer."""
        self._answered(Open)
        first, self.limits = self.limits is None, status.limits
        self._flights.allow(status.limits.parallel_requests)
        if self.phase is Phase.OPENING:
            if first and not self._remembered:
                self.phase = Phase.SENDING
            else:
                self._start_asking()

    def put(self, number: int) -> None:
        """The receiver holds this pack."""
        self._flights.held(number)
        self._patience.renew()
        self._pending.pop(number, None)

    def told(self, page: HeldPacks) -> None:
        """The receiver told a page of what it holds."""
        self._answered(Ask)
        if self.phase is Phase.ASKING:  # else the line failed meanwhile: it is asked anew
            self._told.packs.update((pack.number, pack.sha256) for pack in page.packs)
            self._told.following = page.following
            if page.following is None:
                self._compare(self._told)

    def closed(self) -> None:
        """The receiver says that it has everything."""
        self._answered(Close)
        if self.phase is not Phase.FAILED:
            self.phase = Phase.CLOSED

    def failed(self, step: Step, error: ClientError, jitter: float) -> float:
        """Take a failed step; return seconds to pause. ``jitter``: a random number from 0 to 1."""
        if isinstance(step, Put):
            self._flights.failed(step.number)
        else:
            self._take_back(type(step))
        if self.phase in OVER:
            return 0.0
        if isinstance(step, Close) and _code(error) is Code.HELD_DIFFERS:
            return self._ask_anew(error)
        pause = self._patience.pause_after(error, jitter) if error.may_be_retried else None
        if pause is None:
            self._give_up(error)
            return 0.0
        if isinstance(error, LineFailed):
            self.phase = Phase.OPENING
        return pause

    def _answered(self, kind: type[Open | Ask | Close]) -> None:
        self._take_back(kind)
        self._patience.renew()

    def _take_back(self, kind: type[Open | Ask | Close]) -> None:
        if type(self._asked) is not kind:
            raise OutOfTurn
        self._asked = None

    def _start_asking(self) -> None:
        self.phase = Phase.ASKING
        self._told = _Told(expected=frozenset(self._packs.keys() - self._pending.keys()))

    def _compare(self, told: _Told) -> None:
        """Believe what the receiver says it holds: in flight may have arrived, held may be lost.

        Of our packs only: to close is to sign for each, and the inside opens what we signed for.
        """
        ours = {number: digest for number, digest in told.packs.items() if number in self._packs}
        earlier = {number: told.packs[number] for number in told.packs.keys() - ours.keys()}
        if not (
            told.expected <= ours.keys()
            and ours.items() <= self._packs.items()
            and earlier.items() <= self._remembered.items()
        ):
            self._give_up(LineFailed(Trouble.PACK_LOST))
            return
        for number in ours:
            self._pending.pop(number, None)
        self.earlier = earlier
        self.phase = Phase.SENDING

    def _ask_anew(self, error: ClientError) -> float:
        self._rounds += 1
        if self._rounds >= _CLOSE_ROUNDS:
            self._give_up(error)
        else:
            self._start_asking()
        return 0.0

    def _give_up(self, error: ClientError) -> None:
        self.phase, self.trouble = Phase.FAILED, error

    # What is known

    @property
    def window(self) -> int:
        """Packs that may be in flight now."""
        return self._flights.window

    @property
    def waiting(self) -> int:
        """Packs that nobody is sending."""
        return len(self._pending.keys() - self._flights.numbers)

    def is_held(self, number: int) -> bool:
        """Return whether the receiver holds this pack."""
        return number not in self._pending


def _code(error: ClientError) -> Code | None:
    return error.problem.code if isinstance(error, ReceiverRefused) else None


def numbers_after(packs: Iterable[int]) -> int:
    """Return the first number never used: what was in flight is sealed anew under a new one."""
    return max(packs, default=-1) + 1
