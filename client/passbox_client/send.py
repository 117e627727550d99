"""Sending a medium: scan, choose, stream, wait for the inside's signed word. Wires all parts.

Before a transfer exists, what is wrong is raised; from then on a SendResult says how far it came.
What the receiver holds is never lost by an error: the journal stays, and the same call with
``resume`` goes on. The rule: complete is only what the inside has signed as complete.
"""

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.clocks import Clock, SystemClock
from passbox_client import journal as journals
from passbox_client import receipts
from passbox_client.choosing import Choice
from passbox_client.coding import ALLOWED, CodecChoice, SliceCoder
from passbox_client.engine import Close, Upload, numbers_after
from passbox_client.errors import ClientError, ReceiverRefused, Trouble, UsageRefused
from passbox_client.found import ScanResult
from passbox_client.journal import Identity, Journal, Remembered
from passbox_client.knocking import Knocking
from passbox_client.line import CLIENT, Receiver, connect
from passbox_client.outcome import SendResult
from passbox_client.plan import Plan, make_plan, sayable
from passbox_client.profiles import check_addressee, destination_of, refuse_expired
from passbox_client.rate import RateCap
from passbox_client.receipts import VerifiedReceipt
from passbox_client.reporting import Sent, result_of
from passbox_client.resuming import Held, marks_of, same_medium, still_held, sworn_manifest
from passbox_client.review import THE_ONLY_PATIENT, Selection, choose
from passbox_client.scan import scan
from passbox_client.transmission import (
    CODERS,
    Cargo,
    Coding,
    SendPhase,
    SendProgress,
    Source,
    Transmission,
)
from passbox_client.upload import THREADS, Uploader, close
from passbox_wire.codes import SECRET_BYTES, ReceiptCode
from passbox_wire.digests import key_id, sha256
from passbox_wire.ids import DestinationId
from passbox_wire.inventory import MAX_NAME, MAX_TEXT, Consent, Envelope, Sender
from passbox_wire.messages import OpenTransfer, coarse_bytes
from passbox_wire.pack import Kind
from passbox_wire.problems import Code
from passbox_wire.profile import SignedProfile
from passbox_wire.sealing import Sealer

RECEIPT_PATIENCE: Final = 30 * 60.0
"""Seconds to wait for a verdict before the sender is given the code to look it up later."""
_OVER: Final = frozenset({Code.STOPPED, Code.CANCELLED, Code.EXPIRED})


def send(  # noqa: PLR0913 - the one call window and command line make, everything by name
    medium: Path | ScanResult,
    profile: SignedProfile,
    *,
    sender: Sender,
    state_folder: Path,
    recipient: str = "",
    department: str = "",
    selection: Selection = THE_ONLY_PATIENT,
    language: str = "en",
    consent: Consent | None = None,
    destination: str | None = None,
    password: str | None = None,
    codec: CodecChoice = CodecChoice.AUTO,
    sealer: Sealer | None = None,
    receiver: Receiver | None = None,
    proxy: str | None = None,
    most_mbit: float | None = None,
    resume: bool = False,
    progress: Callable[[SendProgress], None] | None = None,
    clock: Clock | None = None,
    pause: Callable[[float], object] = time.sleep,
    receipt_patience: float = RECEIPT_PATIENCE,
) -> SendResult:
    """Send a medium to the hospital of ``profile`` and wait for its signed receipt.

    ``destination`` is an id or name of the profile, the first one by default. ``sealer`` is the
    destination's first sealing key unless a test hands in another. ``password`` opens ZIP files
    that want one; a ScanResult brings its own. ``resume`` goes on with the
    transfer that was begun over the same files; there must be one. ``progress`` is called in this
    thread; ``most_mbit`` caps the rate of sending, in Mbit/s. Raises UsageRefused, MediumRefused,
    ProfileUnusable, LineFailed, ReceiverRefused, StateFailed while no transfer exists; later
    trouble is in the result.
    """
    clock = clock or SystemClock()
    refuse_expired(profile, clock)
    target = destination_of(profile, destination)
    check_addressee(target, recipient, department)
    receiver = receiver or connect(profile.profile, proxy=proxy, cap=_cap(most_mbit, clock, pause))
    knocking = Knocking(receiver, pause, THREADS - 1)
    scanned = (
        medium if isinstance(medium, ScanResult) else scan(medium, clock=clock, password=password)
    )
    plan = make_plan(scanned, choose(scanned, selection))
    sealing = sealer or target.sealing_keys[0]
    knocking.refuse_closed_door()
    remembered = _remembered(state_folder, plan, profile, target.id) if resume else None
    identity = remembered.identity if remembered else _new_identity(profile, target.id, consent)
    envelope = Envelope(
        sender=_sayable_sender(sender),
        recipient=sayable(recipient, MAX_NAME),
        department=sayable(department, MAX_NAME),
        language=language,
        consent=_dated(consent, identity),
        report_key=identity.receipt.report_key().public_key.raw,
        profile_key_id=key_id(profile.signer),
        profile_serial=profile.profile.serial,
    )
    sending = _Sending(
        Source(scanned.root, scanned.password),
        plan.inventory(envelope).encode(),
        Sent(identity, plan, scanned.seconds),
        remembered,
        receiver,
        profile,
        sealing,
        state_folder,
        codec,
        _Surroundings(clock, pause, progress or _silently),
    )
    return sending.run(receipt_patience)


def _silently(_progress: SendProgress) -> None:
    pass


def _cap(most_mbit: float | None, clock: Clock, pause: Callable[[float], object]) -> RateCap | None:
    return None if most_mbit is None else RateCap(most_mbit * 1e6, clock, pause)


def _remembered(
    state_folder: Path, plan: Plan, profile: SignedProfile, destination: str
) -> Remembered:
    found = same_medium(journals.unfinished(state_folder), plan, profile.signer, destination)
    if found is None:
        raise UsageRefused(Trouble.NOTHING_TO_RESUME)
    return found


def _new_identity(profile: SignedProfile, destination: str, consent: Consent | None) -> Identity:
    return Identity(
        key=Ed25519PrivateKey.generate(),
        receipt=ReceiptCode(secrets.token_bytes(SECRET_BYTES)),
        mark_key=secrets.token_bytes(journals.MARK_KEY_BYTES),
        destination=DestinationId(destination),
        profile_signer=profile.signer,
        consent_time=consent.time if consent else None,
    )


def _sayable_sender(sender: Sender) -> Sender:
    return Sender(
        sayable(sender.name, MAX_NAME),
        sayable(sender.email, MAX_NAME),
        sayable(sender.phone, MAX_NAME),
        sender.message.replace("\0", "")[:MAX_TEXT],
    )


def _dated(consent: Consent | None, identity: Identity) -> Consent | None:
    """Return the consent with the first run's time: the inventory must not change on resume."""
    if consent is None or identity.consent_time is None:
        return consent
    return replace(consent, time=identity.consent_time)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the outside world is asked for."""

    clock: Clock
    pause: Callable[[float], object]
    progress: Callable[[SendProgress], None]


@dataclass(slots=True)
class _Sending:
    """One sending from open to receipt. run() once."""

    source: Source
    inventory: bytes
    sent: Sent
    remembered: Remembered | None
    receiver: Receiver
    profile: SignedProfile
    sealer: Sealer
    state_folder: Path
    codec: CodecChoice
    around: _Surroundings
    upload: Upload = field(default_factory=Upload)

    def run(self, receipt_patience: float) -> SendResult:
        clock, sent = self.around.clock, self.sent
        started = clock.monotonic()
        journal = self._journal()
        try:
            try:
                self._transmit(journal)
                sent.seconds_sent = clock.monotonic() - started
                sent.receipt = self._receipt(receipt_patience)
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
        if self.remembered is not None:
            known = {pack.number: pack.sha256 for pack in self.remembered.packs}
            self.upload = Upload(known)
            return Journal.reopen(self.remembered)
        journal = Journal.create(self.state_folder, self.sent.identity)
        journal.planned(self._inventory_mark(), marks_of(self.sent.identity, self.sent.plan))
        return journal

    def _inventory_mark(self) -> bytes:
        return self.sent.identity.mark(sha256(self.inventory))

    def _is_over(self) -> bool:
        """Whether there is nothing to go on with: it never began, or was ended for good."""
        trouble = self.sent.trouble
        ended = isinstance(trouble, ReceiverRefused) and trouble.problem.code in _OVER
        return ended or (trouble is not None and self.upload.limits is None and not self.remembered)

    def _transmit(self, journal: Journal) -> None:
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
        uploader.start()
        transmission: Transmission | None = None
        try:
            uploader.wait_until_open(lambda: None)
            transmission = self._transmission(uploader, journal)
            sent.manifest = transmission.run()
            sent.outcomes = sent.manifest.files
        finally:
            uploader.stop()
            sent.bytes_sent = uploader.bytes_held
            if transmission is not None and sent.manifest is None:
                sent.outcomes = tuple(transmission.outcomes)

    def _opening(self) -> bytes:
        plan, identity = self.sent.plan, self.sent.identity
        # What sealing and records add, and packs in flight that a resume sends once more.
        most = plan.total_bytes * 51 // 50 + 128 * len(plan.files) + 4 * len(self.inventory)
        return OpenTransfer(
            identity.public_key,
            identity.destination,
            coarse_bytes(most),
            sha256(identity.receipt.handle),
            CLIENT,
        ).encode()

    def _transmission(self, uploader: Uploader, journal: Journal) -> Transmission:
        held, inventory, sworn, first = Held(), self.inventory, None, 0
        if self.remembered is not None:
            held = still_held(self.remembered, self.upload.earlier)
            sworn = sworn_manifest(self.remembered, self.sent.plan)
            first = numbers_after(pack.number for pack in self.remembered.packs)
            if held.digest(Kind.INVENTORY, 0) is None:
                if self._inventory_mark() != self.remembered.inventory_mark:
                    raise UsageRefused(Trouble.NOTHING_TO_RESUME)
            else:
                inventory = b""
        return Transmission(
            Cargo(self.source, self.sent.plan, inventory or None, held, sworn, first),
            self.sent.identity,
            self.sealer,
            uploader,
            journal,
            Coding(
                [SliceCoder(ALLOWED[self.codec]) for _ in range(CODERS)],
                Choice() if self.codec is CodecChoice.AUTO else None,
                self.around.clock,
            ),
            self.around.progress,
        )

    def _receipt(self, patience: float) -> VerifiedReceipt | None:
        sent, plan = self.sent, self.sent.plan
        code = sent.identity.receipt
        memory = receipts.SequenceMemory(self.state_folder)
        expected = receipts.Expected(sent.identity.transfer, sent.manifest_sha256)
        words = Close(self.upload.closing_words())

        def asking(after: int, wait: int) -> VerifiedReceipt | None:
            self.around.progress(
                SendProgress(
                    SendPhase.CHECKING,
                    len(plan.files),
                    len(plan.files),
                    plan.total_bytes,
                    plan.total_bytes,
                    sent.bytes_sent,
                )
            )
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
