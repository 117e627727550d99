"""Doing what the engine says: a few threads, each with one request at a time, over one line.

The rule: the engine decides, a thread does one step and reports it back; a sealed pack stays in
memory until the receiver holds it, and only a few are taken at a time. It retries nothing by its
own judgement and knows nothing of what is in a pack.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from passbox_base.clocks import Clock
from passbox_client.choosing import Standing
from passbox_client.engine import OVER, Ask, Close, Open, Phase, Put, Step, Upload
from passbox_client.errors import ClientError, LineFailed, Trouble
from passbox_client.journal import Identity
from passbox_client.line import Receiver
from passbox_client.pace import Pace
from passbox_wire import signing
from passbox_wire.digests import sha256
from passbox_wire.states import UploadState

THREADS: Final = 4
_PACKS_AHEAD: Final = 2
"""Sealed packs that wait beside those in flight."""
_WAKE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Contents:
    """What of the medium a pack carries: bytes as on the medium, and files that end in it."""

    bytes: int
    files: int

    def __add__(self, other: "Contents") -> "Contents":
        return Contents(self.bytes + other.bytes, self.files + other.files)


NO_CONTENTS: Final = Contents(0, 0)


class Uploader:
    """Runs one Upload. start() first; stop() always, it ends all threads."""

    def __init__(
        self,
        receiver: Receiver,
        identity: Identity,
        opening: bytes,
        upload: Upload,
        clock: Clock,
        *,
        pause: Callable[[float], object] | None = None,
        jitter: Callable[[], float],
    ) -> None:
        """Take the canonical body of OpenTransfer as ``opening``; ``pause`` sleeps seconds."""
        self._receiver = receiver
        self._identity = identity
        self._opening = opening
        self._upload = upload
        self._clock = clock
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._pause = pause or self._stopped.wait
        self._jitter = jitter
        self._packs: dict[int, bytes] = {}
        self._contents: dict[int, Contents] = {}
        self._crash: BaseException | None = None
        self._pace = Pace()
        self._idle = 0
        self.bytes_held = 0
        self.arrived = NO_CONTENTS
        self._threads = [
            threading.Thread(target=self._run, name=f"upload-{number}", daemon=True)
            for number in range(THREADS)
        ]

    def start(self) -> None:
        """Begin: open the transfer and send what is offered."""
        for thread in self._threads:
            thread.start()

    def wait_until_open(self, meanwhile: Callable[[], None]) -> None:
        """Return once the transfer is open and what is held is known. Raises as offer()."""
        self._wait_for(lambda: self._upload.phase not in {Phase.OPENING, Phase.ASKING}, meanwhile)

    def offer(
        self,
        number: int,
        sealed: bytes,
        meanwhile: Callable[[], None],
        contents: Contents = NO_CONTENTS,
    ) -> None:
        """Take a sealed pack, waiting while enough are on their way.

        ``meanwhile`` is called now and then; ``contents`` are counted once the pack is held. Raises
        the ClientError that ended the upload.
        """
        most = THREADS + _PACKS_AHEAD
        self._wait_for(lambda: len(self._packs) < most, meanwhile)
        with self._changed:
            self._packs[number], self._contents[number] = sealed, contents
            self._upload.add(number, sha256(sealed))
            self._changed.notify_all()

    def finish(self, meanwhile: Callable[[], None]) -> None:
        """Close the transfer once all packs are held, and return then. Raises as offer()."""
        with self._changed:
            self._upload.no_more()
            self._changed.notify_all()
        self._wait_for(lambda: self._upload.phase is Phase.CLOSED, meanwhile)

    def stop(self) -> None:
        """End all threads, each after the request it is in."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    def join(self, seconds: float) -> None:
        """Wait for the threads to end."""
        for thread in self._threads:
            thread.join(seconds)

    @property
    def enough(self) -> int:
        """Plaintext bytes that make a pack now: fewer while the line waits for one."""
        with self._changed:
            if self._idle > 0 and not self._upload.waiting:
                return self._pace.least_pack(THREADS)
            return self._pace.pack_target(THREADS)

    def standing(self, coming: int, patience: float = 0.0) -> Standing:
        """Return how busy the line is, with ``coming`` bytes that are coded and not yet packed.

        Waits up to ``patience`` seconds for a first measure.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._pace.bytes_per_second is not None or self._stopped.is_set(), patience
            )
            work = self._pace.seconds_of_work([*map(len, self._packs.values()), coming])
            return Standing(work, self._pace.bytes_per_second, self._pace.rtt)

    def _wait_for(self, reached: Callable[[], bool], meanwhile: Callable[[], None]) -> None:
        while True:
            with self._changed:
                if self._crash is not None:
                    raise self._crash
                if self._upload.trouble is not None:
                    raise self._upload.trouble
                if reached():
                    return
                self._changed.wait(_WAKE_SECONDS)
            meanwhile()

    def _run(self) -> None:
        try:
            while (step := self._next()) is not None:
                self._attempt(step)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for us
            with self._changed:
                self._crash = error
                self._changed.notify_all()

    def _next(self) -> Step | None:
        with self._changed:
            while not self._stopped.is_set():
                if self._upload.phase in OVER:
                    return None
                step = self._upload.next_step()
                if step is not None:
                    return step
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
        return None

    def _attempt(self, step: Step) -> None:
        try:
            self._do(step)
        except ClientError as error:
            with self._changed:
                if isinstance(step, Put):
                    self._pace.failed(step.number)
                seconds = self._upload.failed(step, error, self._jitter())
                self._forget_held()
                self._changed.notify_all()
            if seconds:
                self._pause(seconds)
        with self._changed:
            self._changed.notify_all()

    def _do(self, step: Step) -> None:
        key, transfer = self._identity.key, self._identity.transfer
        if isinstance(step, Put):
            self._put(step.number)
        elif isinstance(step, Open):
            signature = signing.sign(key, signing.open_statement(transfer, self._opening))
            began = self._clock.monotonic()
            status = self._receiver.open(transfer, self._opening, signature)
            with self._changed:
                self._pace.answered(self._clock.monotonic() - began)
                self._upload.opened(status)
        elif isinstance(step, Ask):
            signature = signing.sign(key, signing.held_statement(transfer))
            page = self._receiver.held(transfer, step.following, signature)
            with self._changed:
                self._upload.told(page)
                self._forget_held()
        else:
            close(self._receiver, self._identity, step)
            with self._changed:
                self._upload.closed()

    def _put(self, number: int) -> None:
        with self._changed:
            sealed = self._packs[number]
        transfer, digest = self._identity.transfer, sha256(sealed)
        statement = signing.pack_statement(transfer, number, len(sealed), digest)
        signature = signing.sign(self._identity.key, statement)
        with self._changed:
            self._pace.sent(number, len(sealed), self._clock.monotonic())
        self._receiver.put(transfer, number, sealed, digest, signature)
        with self._changed:
            self._pace.held(number, self._clock.monotonic())
            self._upload.put(number)
            self._forget_held()

    def _forget_held(self) -> None:
        for number in [n for n in self._packs if self._upload.is_held(n)]:
            self.bytes_held += len(self._packs.pop(number))
            self.arrived += self._contents.pop(number)


def close(receiver: Receiver, identity: Identity, step: Close) -> None:
    """Close a transfer, or ask again whether it is closed; raises the receiver's refusal."""
    body = step.message.encode()
    statement = signing.close_statement(identity.transfer, body)
    status = receiver.close(identity.transfer, body, signing.sign(identity.key, statement))
    if status.state is not UploadState.CLOSED:
        raise LineFailed(Trouble.ODD_ANSWER)
