"""The upload as a pure state machine: what to do next, from what the receiver said.

No socket, no clock, no random source.

    OPENING ── opened ──▶ SENDING ── all held, no more to come ──▶ CLOSING ── closed ──▶ CLOSED
       ▲                     │                                        │
       │ line failed         │ line failed                 held differs
       └──────────◀──────────┴────────────────────▶ ASKING ◀──────────┘
    any ── a problem that waiting cannot help, or patience used up ──▶ FAILED

After a failed line the transfer is opened again, which is idempotent and tells what became of it,
then the receiver is asked what it holds: a pack whose answer was lost is not sent twice. Packs in
flight are as many as the receiver takes, half as many after trouble, one more after each round
without (additive increase, multiplicative decrease, RFC 5681 section 3.1 in the large). A pack is
a number and a digest in here; its bytes are with whoever asks for the next step.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from passbox_client.errors import ClientError, LineFailed, ReceiverRefused, Trouble
from passbox_wire.digests import packs_digest
from passbox_wire.messages import CloseTransfer, HeldPacks, Limits, TransferStatus
from passbox_wire.problems import Code

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 60.0
PATIENCE: Final = 15 * 60.0
"""Seconds of pauses in a row without any success before the sender is told to come back later."""
FIRST_PATIENCE: Final = 8.0
"""The same before the first answer ever: a wrong address should be told soon."""
_CLOSE_ROUNDS: Final = 3


class Phase(Enum):
    """Where an upload is."""

    OPENING = "opening"
    ASKING = "asking"
    SENDING = "sending"
    CLOSING = "closing"
    CLOSED = "closed"
    FAILED = "failed"


class PackState(StrEnum):
    """What is known of one pack."""

    WAITING = "waiting"
    IN_FLIGHT = "in flight"
    HELD = "held"


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
class _Pack:
    sha256: bytes
    state: PackState


class Upload:
    """One upload. Each step is reported once: opened(), told(), put(), closed() or failed()."""

    def __init__(self, held: Mapping[int, bytes] | None = None) -> None:
        """Start; ``held`` are packs of an earlier run that may be there, number to digest."""
        self.phase = Phase.OPENING
        self.trouble: ClientError | None = None
        self.limits: Limits | None = None
        self.window = 1
        """Packs that may be in flight: what the receiver takes; halved by trouble, then growing."""
        self._held_in_a_row = 0
        self._packs: dict[int, _Pack] = {}
        self._remembered = dict(held or {})
        self._earlier = self._remembered
        self._busy = False
        self._must_ask = bool(self._earlier)
        self._following: int | None = None
        self._complete = False
        self._heard = False
        self._paused = 0.0
        self._failures = 0
        self._rounds = 0
        self._seen: dict[int, bytes] = {}
        self._expected: frozenset[int] = frozenset()

    # What the caller has

    def add(self, number: int, sha256: bytes) -> None:
        """Take a new pack to be sent."""
        self._packs[number] = _Pack(sha256, PackState.WAITING)

    def no_more(self) -> None:
        """Say that the last pack was added: close when all are held."""
        self._complete = True

    # What to do

    def next_step(self) -> Step | None:
        """Return the next thing to do, None when there is nothing until the next report."""
        if self.phase in {Phase.CLOSED, Phase.FAILED}:
            return None
        if self.phase is Phase.SENDING:
            return self._next_pack() or self._next_close()
        if self._busy:
            return None
        self._busy = True
        if self.phase is Phase.OPENING:
            return Open()
        if self.phase is Phase.ASKING:
            return Ask(self._following)
        return Close(self.closing_words())

    def _next_pack(self) -> Put | None:
        flying = sum(pack.state is PackState.IN_FLIGHT for pack in self._packs.values())
        if flying >= self.window:
            return None
        for number, pack in self._packs.items():
            if pack.state is PackState.WAITING:
                pack.state = PackState.IN_FLIGHT
                return Put(number)
        return None

    def _next_close(self) -> Close | None:
        if not self._complete or self.pending:
            return None
        self.phase, self._busy = Phase.CLOSING, True
        return Close(self.closing_words())

    def closing_words(self) -> CloseTransfer:
        """Return what to close with: every pack that was or will be held."""
        held = {**self._earlier, **{number: p.sha256 for number, p in self._packs.items()}}
        return CloseTransfer(len(held), packs_digest(held))

    # What was said

    def opened(self, status: TransferStatus) -> None:
        """The receiver knows the transfer."""
        self._succeeded()
        if self.limits is None:
            self.window = status.limits.parallel_requests
        self.limits = status.limits
        self._busy = False
        if self.phase is Phase.OPENING:
            self.phase = Phase.SENDING
            if self._must_ask:
                self._start_asking()

    def _start_asking(self) -> None:
        """Ask for all pages. Only what was held before may be missed: others land meanwhile."""
        self.phase, self._following, self._seen = Phase.ASKING, None, {}
        self._expected = frozenset(
            number for number, pack in self._packs.items() if pack.state is PackState.HELD
        )

    def put(self, number: int) -> None:
        """The receiver holds this pack."""
        self._succeeded()
        self._packs[number].state = PackState.HELD
        self._held_in_a_row += 1
        if self._held_in_a_row >= self.window:
            self.window, self._held_in_a_row = min(self.window + 1, self._most), 0

    def told(self, page: HeldPacks) -> None:
        """The receiver told a page of what it holds."""
        self._succeeded()
        self._busy = False
        self._seen.update((pack.number, pack.sha256) for pack in page.packs)
        self._following = page.following
        if page.following is None and self.phase is Phase.ASKING:
            self._must_ask = False
            self._compare(self._seen)

    def _compare(self, seen: Mapping[int, bytes]) -> None:
        """Believe what the receiver says it holds: in flight may have arrived, held may be lost.

        Of our packs only: to close is to sign for each, and the inside opens what we signed for.
        """
        self.phase = Phase.SENDING
        for number, pack in self._packs.items():
            if seen.get(number) == pack.sha256:
                pack.state = PackState.HELD
            elif number in seen or number in self._expected:
                self._give_up(LineFailed(Trouble.PACK_LOST))
                return
        others = {number: digest for number, digest in seen.items() if number not in self._packs}
        if not others.items() <= self._remembered.items():
            self._give_up(LineFailed(Trouble.PACK_LOST))
            return
        self._earlier = others

    def closed(self) -> None:
        """The receiver says that it has everything."""
        self._succeeded()
        self._busy = False
        self.phase = Phase.CLOSED

    def failed(self, step: Step, error: ClientError, jitter: float) -> float:
        """Take a failed step; return seconds to pause. ``jitter``: a random number from 0 to 1."""
        self._put_back(step)
        if isinstance(step, Put):
            # What was in flight together fails together: each halves, down to one at a time.
            self.window, self._held_in_a_row = max(1, self.window // 2), 0
        if self.phase is Phase.FAILED:
            return 0.0
        if isinstance(step, Close) and _code(error) is Code.HELD_DIFFERS:
            return self._ask_anew(error)
        if not error.may_be_retried:
            self._give_up(error)
            return 0.0
        self._failures += 1
        pause = _pause(self._failures, _retry_after(error), jitter)
        self._paused += pause
        if self._paused > (PATIENCE if self._heard else FIRST_PATIENCE):
            self._give_up(error)
            return 0.0
        if isinstance(error, LineFailed) and self.phase is not Phase.OPENING:
            self.phase, self._must_ask, self._busy = Phase.OPENING, True, False
        return pause

    def _put_back(self, step: Step) -> None:
        if not isinstance(step, Put):
            self._busy = False
        elif self._packs[step.number].state is PackState.IN_FLIGHT:
            self._packs[step.number].state = PackState.WAITING

    def _ask_anew(self, error: ClientError) -> float:
        self._rounds += 1
        if self._rounds >= _CLOSE_ROUNDS:
            self._give_up(error)
        else:
            self._start_asking()
        return 0.0

    def _give_up(self, error: ClientError) -> None:
        self.phase, self.trouble = Phase.FAILED, error

    def _succeeded(self) -> None:
        self._heard = True
        self._failures = 0
        self._paused = 0.0

    # What is known

    @property
    def _most(self) -> int:
        return self.limits.parallel_requests if self.limits is not None else 1

    @property
    def pending(self) -> int:
        """Packs that were added and are not yet held."""
        return sum(pack.state is not PackState.HELD for pack in self._packs.values())

    @property
    def waiting(self) -> int:
        """Packs that nobody is sending."""
        return sum(pack.state is PackState.WAITING for pack in self._packs.values())

    def is_held(self, number: int) -> bool:
        """Return whether the receiver holds this pack."""
        return self._packs[number].state is PackState.HELD

    @property
    def earlier(self) -> Mapping[int, bytes]:
        """Packs of an earlier run that the receiver says it holds; complete once SENDING."""
        return self._earlier


def _code(error: ClientError) -> Code | None:
    return error.problem.code if isinstance(error, ReceiverRefused) else None


def _retry_after(error: ClientError) -> int | None:
    return error.problem.retry_after if isinstance(error, ReceiverRefused) else None


def _pause(failures: int, retry_after: int | None, jitter: float) -> float:
    """Return seconds: what the receiver asked for, else doubling, spread over many senders."""
    if retry_after is not None:
        return retry_after + jitter
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * float(2 ** min(failures - 1, 10)))
    return longest * (0.5 + jitter / 2)


def numbers_after(packs: Iterable[int]) -> int:
    """Return the first number never used: what was in flight is sealed anew under a new one."""
    return max(packs, default=-1) + 1
