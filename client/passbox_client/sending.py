"""One sending from open to receipt: opens, sends medium after medium, closes, waits for the word.

The rule: what ends it is kept as trouble and the journal stays; only the inside's signed word, or
an end for good, removes it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock
from passbox_client import receipts
from passbox_client.choosing import Choice
from passbox_client.coding import ALLOWED, CodecChoice, SliceCoder
from passbox_client.engine import Close, Upload, numbers_after
from passbox_client.errors import ClientError, ReceiverRefused, Trouble, UsageRefused
from passbox_client.journal import Journal, Remembered
from passbox_client.line import Receiver, client_name
from passbox_client.media import Loaded, Media, expect_the_same
from passbox_client.outcome import SendResult
from passbox_client.outgoing import Outgoing
from passbox_client.parts import Parts
from passbox_client.plan import Plan
from passbox_client.progress import SendPhase, SendProgress
from passbox_client.receipts import VerifiedReceipt
from passbox_client.reporting import Sent, result_of
from passbox_client.resuming import Held, marks_of, still_held, sworn_manifest
from passbox_client.transmission import (
    CODERS,
    Cargo,
    Coding,
    Tally,
    Transmission,
)
from passbox_client.upload import Uploader, close
from passbox_wire.digests import sha256
from passbox_wire.inventory import Envelope
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.messages import OpenTransfer, coarse_bytes
from passbox_wire.pack import Kind
from passbox_wire.problems import Code
from passbox_wire.profile import SignedProfile
from passbox_wire.sealing import Sealer

_OVER: Final = frozenset({Code.STOPPED, Code.CANCELLED, Code.EXPIRED})


class BeginAnew(Exception):
    """The transfer was begun with other words, of which the receiver holds none.

    Nothing can be made of what it holds, and the words may not change within a transfer: pieces of
    the first ones may still be on their way, and two that differ contradict each other.
    """


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the outside world is asked for."""

    clock: Clock
    pause: Callable[[float], object]
    progress: Callable[[SendProgress], None]


@dataclass(frozen=True, slots=True)
class _Before:
    """What an earlier run left: at the receiver, and sworn in a manifest."""

    held: Held
    sworn: Manifest | None

    @property
    def lost(self) -> dict[int, FileOutcome]:
        """Files that a sworn manifest says are not sent: they stay so."""
        files = self.sworn.files if self.sworn else ()
        return {file.index: file for file in files if file.outcome is not Outcome.SENT}


@dataclass(slots=True)
class Sending:
    """run() once."""

    media: Media
    envelope: Envelope
    sent: Sent
    remembered: Remembered | None
    receiver: Receiver
    profile: SignedProfile
    sealer: Sealer
    state_folder: Path
    codec: CodecChoice
    around: Surroundings
    upload: Upload = field(default_factory=Upload)
    tally: Tally = field(default_factory=Tally)

    def run(self, receipt_patience: float) -> SendResult:
        """Send, and wait ``receipt_patience`` seconds for a verdict.

        Raises StateFailed; BeginAnew before anything of a medium is read.
        """
        clock, sent = self.around.clock, self.sent
        started = clock.monotonic()
        journal = self._journal()
        try:
            try:
                uploader = self._transmit(journal)
                sent.seconds_sent = clock.monotonic() - started
                sent.receipt = self._receipt(receipt_patience, uploader)
                sent.seconds_confirmed = clock.monotonic() - started
            except ClientError as error:
                sent.trouble = error
            result = result_of(sent)
            if sent.receipt is not None or self._is_over():
                journal.forget()
            return result
        finally:
            journal.close()

    def _journal(self) -> Journal:
        plan = self.media.first.plan
        if self.remembered is not None:
            known = {pack.number: pack.sha256 for pack in self.remembered.packs}
            self.upload = Upload(known)
            return Journal.reopen(self.remembered)
        journal = Journal.create(self.state_folder, self.sent.identity)
        journal.planned(self._mark(self._inventory(plan)), marks_of(self.sent.identity, plan))
        return journal

    def _inventory(self, plan: Plan) -> bytes:
        return plan.inventory(self.envelope if plan.part == 0 else None).encode()

    def _mark(self, inventory: bytes) -> bytes:
        return self.sent.identity.mark(sha256(inventory))

    def _is_over(self) -> bool:
        """Whether there is nothing to go on with: it never began, or was ended for good."""
        trouble = self.sent.trouble
        ended = isinstance(trouble, ReceiverRefused) and trouble.problem.code in _OVER
        return ended or (trouble is not None and self.upload.limits is None and not self.remembered)

    def _transmit(self, journal: Journal) -> Uploader:
        sent = self.sent
        uploader = Uploader(
            self.receiver,
            sent.identity,
            self._opening(),
            self.upload,
            self.around.clock,
            pause=self.around.pause,
            jitter=random.SystemRandom().random,
        )
        sent.plans = [self.media.first.plan]
        uploader.start()
        try:
            uploader.wait_until_open(lambda: None)
            self._send_media(uploader, journal)
        finally:
            uploader.stop()
            sent.bytes_sent = uploader.bytes_held
        return uploader

    def _opening(self) -> bytes:
        plan, identity = self.media.first.plan, self.sent.identity
        inventory = len(self._inventory(plan))
        # What sealing and records add, and packs in flight that a resume sends once more.
        most = plan.total_bytes * 51 // 50 + 128 * len(plan.files) + 4 * inventory
        return OpenTransfer(
            identity.public_key,
            identity.destination,
            coarse_bytes(most),
            sha256(identity.receipt.handle),
            client_name(),
        ).encode()

    def _before(self) -> _Before:
        if self.remembered is None:
            return _Before(Held(), None)
        held = still_held(self.remembered, self.upload.earlier)
        return _Before(held, sworn_manifest(self.remembered))

    def _send_media(self, uploader: Uploader, journal: Journal) -> None:
        sent, before = self.sent, self._before()
        parts = Parts(self.remembered, before.held)
        packs = self.remembered.packs if self.remembered else ()
        first_number = numbers_after(pack.number for pack in packs)
        outgoing = Outgoing(sent.identity, self.sealer, uploader, journal, first_number)
        coding = Coding(
            [SliceCoder(ALLOWED[self.codec]) for _ in range(CODERS)],
            Choice() if self.codec is CodecChoice.AUTO else None,
            self.around.clock,
        )
        sent.plans.clear()
        medium: Loaded | None = self.media.first
        while medium is not None:
            self._send_medium(medium, parts, before, outgoing, coding, journal)
            done = before.sworn is not None and not parts.wanted
            medium = None if done else self.media.next()
        made = parts.manifest(sent.identity.transfer)
        if before.sworn is None:
            journal.closing()
        manifest = before.sworn or made
        held = before.held.digest(Kind.MANIFEST, 0) is not None
        outgoing.finish(manifest, lambda: self._tell(SendPhase.CLOSING, uploader), held=held)
        sent.manifest, sent.outcomes = manifest, manifest.files

    def _send_medium(
        self,
        medium: Loaded,
        parts: Parts,
        before: _Before,
        outgoing: Outgoing,
        coding: Coding,
        journal: Journal,
    ) -> None:
        sent, marks, known = self.sent, marks_of(self.sent.identity, medium.plan), parts.count
        number = parts.number_of(marks)
        plan = medium.plan.numbered(number, parts.indexes(number, marks))
        if number == known and before.sworn is not None:
            raise UsageRefused(Trouble.NOTHING_TO_RESUME)
        if number == known and number > 0:
            journal.planned(self._mark(self._inventory(plan)), marks)
        if plan.part not in {seen.part for seen in sent.plans}:
            sent.plans.append(plan)
            sent.seconds_scan += medium.seconds
        if parts.is_through(number):
            self.tally.skip(plan)
            return
        expect_the_same(medium)
        inventory = self._inventory_to_send(plan, before.held)
        transmission = Transmission(
            Cargo(medium.source, plan, inventory, before.held, before.lost),
            outgoing,
            coding,
            self.tally,
            self.around.progress,
        )
        try:
            transmission.run()
        finally:
            sent.outcomes = (*sent.outcomes, *transmission.outcomes)
        if before.sworn is None:
            journal.read_through(number, transmission.outcomes)
        parts.through(number, transmission.outcomes)

    def _inventory_to_send(self, plan: Plan, held: Held) -> bytes | None:
        """Return the medium's part of the inventory, None where it is held.

        Raises BeginAnew, or UsageRefused where what other media brought would be lost by that.
        """
        if held.digest(Kind.INVENTORY, plan.part) is not None:
            return None
        inventory = self._inventory(plan)
        earlier = self.remembered.parts if self.remembered else ()
        if plan.part < len(earlier) and earlier[plan.part].inventory_mark != self._mark(inventory):
            if len(earlier) == 1:
                raise BeginAnew
            raise UsageRefused(Trouble.NOTHING_TO_RESUME)
        return inventory

    def _tell(self, phase: SendPhase, uploader: Uploader) -> None:
        self.around.progress(self.tally.progress(phase, uploader))

    def _receipt(self, patience: float, uploader: Uploader) -> VerifiedReceipt | None:
        sent = self.sent
        code = sent.identity.receipt
        memory = receipts.SequenceMemory(self.state_folder)
        expected = receipts.Expected(sent.identity.transfer, sent.manifest_sha256)
        words = Close(self.upload.closing_words())

        def asking(after: int, wait: int) -> VerifiedReceipt | None:
            self._tell(SendPhase.CHECKING, uploader)
            return receipts.ask(
                self.receiver,
                code,
                self.profile.profile,
                memory,
                expected,
                after=after,
                wait=wait,
            )

        return receipts.wait_for_verdict(
            asking,
            lambda: close(self.receiver, sent.identity, words),
            after=max(memory.highest(code) - 1, 0),
            clock=self.around.clock,
            pause=self.around.pause,
            patience=patience,
        )
