"""The inside's signed word, fetched, checked and remembered.

The rule: nothing a receipt says counts before its signature by a key of the profile holds, it is
about this transfer and destination, over our own manifest, newer than any seen before, and its
report opened with the receipt code. What fails any of this is refused, whoever handed it over. The
receiver can hold a word back or repeat the last one; it can make none up.
"""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock
from passbox_base.durable import make_folder, write_replacing
from passbox_base.errors import StoreFailed, StoreFull
from passbox_client.errors import (
    ClientError,
    NoReceiptYet,
    ReceiptRefused,
    ReceiverRefused,
    StateFailed,
    Trouble,
    UsageRefused,
)
from passbox_client.line import Receiver
from passbox_wire import canonical
from passbox_wire.codes import ReceiptCode, parse_receipt_code, phone_code
from passbox_wire.digests import sha256
from passbox_wire.errors import CodeWrong, Malformed, SealError, SignatureWrong
from passbox_wire.ids import TransferId
from passbox_wire.parsing import Fields
from passbox_wire.profile import Destination, Profile, SignedProfile
from passbox_wire.receipts import (
    CoarseState,
    Receipt,
    Report,
    SignedReceipt,
    open_report,
    parse_signed_receipt,
)

_WAITS: Final = (1, 2, 5)
"""Seconds one question waits at the receiver: between two, a stopped transfer is found out."""
_SOONEST: Final = 1.0
"""Seconds between two questions, also to a receiver that does not let us wait."""
_MEMORY_FOLDER: Final = "receipts"
_MAX_MEMORY_BYTES: Final = 4096
FINAL_STATES: Final = frozenset(
    {
        CoarseState.DELIVERED,
        CoarseState.PARTLY_DELIVERED,
        CoarseState.REFUSED,
        CoarseState.WITHDRAWN,
    }
)


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """A receipt whose signature, subject and sequence hold, and its opened report.

    ``signed`` is what was checked, as it came.
    """

    receipt: Receipt
    report: Report
    signed: SignedReceipt | None = field(default=None, repr=False)

    @property
    def as_of(self) -> datetime:
        """When the inside signed it; what came later it does not know."""
        return datetime.fromtimestamp(self.receipt.time, UTC)

    @property
    def phone_code(self) -> str | None:
        """What both sides read out, None before the manifest verified."""
        digest = self.receipt.manifest_sha256
        return None if digest is None else phone_code(digest)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a receipt must be about; None where the asker does not know: a look-up by code."""

    transfer: TransferId | None = None
    manifest_sha256: bytes | None = None


class SequenceMemory:
    """The highest receipt seen for each code, in a folder: an older one cannot be replayed."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder / _MEMORY_FOLDER

    def highest(self, code: ReceiptCode) -> int:
        """Return the highest sequence seen, 0 for none. A memory that cannot be read is none."""
        try:
            with self._path(code).open("rb") as file:
                content = file.read(_MAX_MEMORY_BYTES)
            fields = Fields(canonical.decode(content, max_bytes=_MAX_MEMORY_BYTES), "memory")
            return fields.integer("sequence")
        except (OSError, Malformed):
            return 0

    def remember(self, code: ReceiptCode, sequence: int) -> None:
        """Keep a sequence. Raises StateFailed."""
        try:
            make_folder(self._folder)
            write_replacing(self._path(code), canonical.encode({"sequence": sequence}))
        except StoreFull as error:
            raise StateFailed(Trouble.STATE_FULL) from error
        except StoreFailed as error:
            raise StateFailed(Trouble.STATE_FAILED) from error

    def _path(self, code: ReceiptCode) -> Path:
        # Named after a hash of the handle: the file name opens nothing.
        return self._folder / sha256(code.handle).hex()[:32]


def verify(
    untrusted: bytes, code: ReceiptCode, destinations: tuple[Destination, ...], expected: Expected
) -> VerifiedReceipt:
    """Return the receipt in ``untrusted``; raise ReceiptRefused when any part does not hold."""
    try:
        signed = parse_signed_receipt(untrusted)
        receipt = signed.verified(tuple(key for d in destinations for key in d.receipt_keys))
        known = next((d for d in destinations if d.id == receipt.destination), None)
        if known is None:
            raise ReceiptRefused(Trouble.RECEIPT_OF_ANOTHER)
        signed.verified(known.receipt_keys)  # by this destination's key, not a neighbour's
        _check_subject(receipt, expected)
        report = open_report(receipt, signed.sealed_report, code.report_key())
    except (Malformed, SignatureWrong) as error:
        raise ReceiptRefused(Trouble.RECEIPT_FORGED) from error
    except SealError as error:
        raise ReceiptRefused(Trouble.RECEIPT_OF_ANOTHER) from error
    return VerifiedReceipt(receipt, report, signed)


def _check_subject(receipt: Receipt, expected: Expected) -> None:
    if expected.transfer is not None and receipt.transfer != expected.transfer:
        raise ReceiptRefused(Trouble.RECEIPT_OF_ANOTHER)
    ours = expected.manifest_sha256
    if ours is not None and receipt.manifest_sha256 not in {None, ours}:
        raise ReceiptRefused(Trouble.RECEIPT_OF_ANOTHER)
    delivered = {CoarseState.DELIVERED, CoarseState.PARTLY_DELIVERED}
    if ours is not None and receipt.manifest_sha256 is None and receipt.state in delivered:
        raise ReceiptRefused(Trouble.RECEIPT_FORGED)  # nothing is delivered without a manifest


def ask(
    receiver: Receiver,
    code: ReceiptCode,
    profile: Profile,
    memory: SequenceMemory,
    expected: Expected,
    *,
    after: int,
    wait: int,
) -> VerifiedReceipt | None:
    """Return the newest receipt above sequence ``after`` if there is one, verified and remembered.

    A full disk hides no word that holds: it can only be shown again later, when a newer one has
    come. Raises ReceiptRefused, ReceiverRefused, LineFailed.
    """
    untrusted = receiver.receipt(code.handle, after, wait)
    if untrusted is None:
        return None
    verified = verify(untrusted, code, profile.destinations, expected)
    if verified.receipt.sequence < max(memory.highest(code), after + 1):
        raise ReceiptRefused(Trouble.RECEIPT_REPLAYED)
    with contextlib.suppress(StateFailed):
        memory.remember(code, verified.receipt.sequence)
    return verified


def wait_for_verdict(
    asking: Callable[[int, int], VerifiedReceipt | None],
    still_alive: Callable[[], None],
    *,
    after: int,
    clock: Clock,
    pause: Callable[[float], object],
    patience: float,
) -> VerifiedReceipt | None:
    """Return the first receipt with a verdict; None when ``patience`` seconds passed without one.

    ``asking`` takes the sequence above which it asks and seconds to wait. ``still_alive`` raises
    when the transfer was stopped: then no receipt may ever come. What passes by itself is waited
    through; a refusal ends it.
    """
    until = clock.monotonic() + patience
    waits = itertools.chain(_WAITS, itertools.repeat(_WAITS[-1]))
    stopped: ReceiverRefused | None = None
    while True:
        began = clock.monotonic()
        try:
            receipt = asking(after, next(waits) if stopped is None else _WAITS[0])
            if receipt is not None and receipt.receipt.state in FINAL_STATES:
                return receipt
            if receipt is not None:
                after = receipt.receipt.sequence
            if stopped is not None:
                raise stopped
            stopped = _stopped(still_alive)
        except ClientError as error:
            if not error.may_be_retried:
                raise
        if clock.monotonic() >= until:
            return None
        if clock.monotonic() - began < _SOONEST:
            pause(_SOONEST)


def _stopped(still_alive: Callable[[], None]) -> ReceiverRefused | None:
    """Return why there is nothing to wait for; the receipt is asked for once more then.

    The inside may have signed a refusal before it stopped the transfer.
    """
    try:
        still_alive()
    except ReceiverRefused as error:
        return None if error.may_be_retried else error
    return None


def look_up(
    code_text: str,
    profile: SignedProfile,
    *,
    receiver: Receiver,
    state_folder: Path,
    wait: int = 0,
) -> VerifiedReceipt:
    """Return what the inside says now about the transfer of a receipt code.

    Raises UsageRefused for a code with a typing mistake, NoReceiptYet, ReceiptRefused,
    ReceiverRefused, LineFailed.
    """
    try:
        code = parse_receipt_code(code_text)
    except CodeWrong as error:
        raise UsageRefused(Trouble.WRONG_CODE) from error
    memory = SequenceMemory(state_folder)
    # One below the highest seen: the last word may be read again, an older one may not.
    after = max(memory.highest(code) - 1, 0)
    receipt = ask(receiver, code, profile.profile, memory, Expected(), after=after, wait=wait)
    if receipt is None:
        raise NoReceiptYet
    return receipt
