"""Sending a medium: scan, choose, stream, wait for the inside's signed word. Wires all parts.

Before a transfer exists, what is wrong is raised; from then on a SendResult says how far it came.
What the receiver holds is never lost by an error: the journal stays, and the same call with
``resume`` goes on. The rule: complete is only what the inside has signed as complete.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.clocks import Clock, SystemClock
from passbox_client import journal as journals
from passbox_client.coding import CodecChoice
from passbox_client.errors import Trouble, UsageRefused
from passbox_client.found import ScanResult
from passbox_client.journal import Identity, Remembered
from passbox_client.knocking import Knocking
from passbox_client.line import Receiver, connect
from passbox_client.media import Loaded, Media
from passbox_client.outcome import SendResult
from passbox_client.plan import Plan, make_plan, sayable
from passbox_client.profiles import check_addressee, destination_of, refuse_expired
from passbox_client.progress import SendProgress
from passbox_client.proxies import AS_THE_SYSTEM_SAYS, ProxyChoice
from passbox_client.rate import RateCap
from passbox_client.reporting import Sent
from passbox_client.resuming import same_medium
from passbox_client.review import THE_ONLY_PATIENT, NextMedium, Selection, choose
from passbox_client.scan import scan
from passbox_client.sending import BeginAnew, Sending, Surroundings
from passbox_client.transmission import Source
from passbox_client.upload import THREADS
from passbox_client.withdrawing import withdraw
from passbox_wire.codes import SECRET_BYTES, ReceiptCode
from passbox_wire.digests import key_id
from passbox_wire.ids import DestinationId
from passbox_wire.inventory import MAX_NAME, MAX_TEXT, Consent, Envelope, Sender
from passbox_wire.profile import SignedProfile
from passbox_wire.sealing import Sealer

RECEIPT_PATIENCE: Final = 30 * 60.0
"""Seconds to wait for a verdict before the sender is given the code to look it up later."""


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
    proxy: ProxyChoice = AS_THE_SYSTEM_SAYS,
    most_mbit: float | None = None,
    resume: bool = False,
    next_medium: Callable[[], NextMedium | None] | None = None,
    progress: Callable[[SendProgress], None] | None = None,
    clock: Clock | None = None,
    pause: Callable[[float], object] = time.sleep,
    receipt_patience: float = RECEIPT_PATIENCE,
) -> SendResult:
    """Send a medium to the hospital of ``profile`` and wait for its signed receipt.

    ``destination`` is an id or name of the profile, the first one by default. ``sealer`` is the
    destination's first sealing key unless a test hands in another. ``password`` opens ZIP files
    that want one; a ScanResult brings its own. ``resume`` goes on with the transfer that was begun
    over the same files; there must be one. Under other words (a newer profile, another message)
    that come before the first ones arrived, it is withdrawn and begun anew. ``next_medium`` is
    asked for a further medium of the same transfer whenever one was handed over, until it says
    None; a medium that came before is known again. ``progress`` and ``next_medium`` are called in
    this thread; ``most_mbit`` caps the rate of sending, in Mbit/s. Raises UsageRefused,
    MediumRefused, ProfileUnusable, LineFailed, ReceiverRefused, StateFailed while no transfer
    exists; later trouble is in the result.
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
    media = Media(
        Loaded(Source(scanned.root, scanned.password), plan),
        next_medium,
        selection,
        lambda path: scan(path, clock=clock, password=password),
    )

    def run(remembered: Remembered | None) -> SendResult:
        identity = remembered.identity if remembered else _new_identity(profile, target.id, consent)
        return Sending(
            media,
            _envelope(sender, recipient, department, language, consent, identity, profile),
            Sent(identity, [], scanned.seconds),
            remembered,
            receiver,
            profile,
            sealing,
            state_folder,
            codec,
            Surroundings(clock, pause, progress or _silently),
        ).run(receipt_patience)

    if not resume:
        return run(None)
    remembered = _remembered(state_folder, plan, profile, target.id)
    try:
        return run(remembered)
    except BeginAnew:
        withdraw(remembered, receiver)
        return run(None)


def _envelope(
    sender: Sender,
    recipient: str,
    department: str,
    language: str,
    consent: Consent | None,
    identity: Identity,
    profile: SignedProfile,
) -> Envelope:
    return Envelope(
        sender=_sayable_sender(sender),
        recipient=sayable(recipient, MAX_NAME),
        department=sayable(department, MAX_NAME),
        language=language,
        consent=_dated(consent, identity),
        report_key=identity.receipt.report_key().public_key.raw,
        profile_key_id=key_id(profile.signer),
        profile_serial=profile.profile.serial,
    )


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
