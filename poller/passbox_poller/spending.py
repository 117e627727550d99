"""What opening transfers costs here, against what their senders paid in bytes on the wire.

Anybody can seal a pack, and a few MB of it may unfold to 64 GiB of zeros or hold files that keep a
worker busy to its limit, one after the other.

The rule: every transfer may cost some bytes and seconds for nothing and then so many for each byte
it sent; all transfers of one source together a few times as much a day, so that a hundred small
transfers buy no more than one. What goes beyond stops the transfer before the bytes are decoded,
and the sender is told. An honest image shrinks some tenfold, an empty one a thousandfold: the free
part is for those.

Kept in memory: a restart forgets debts, never packs.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from passbox_base.clocks import Clock
from passbox_poller.errors import TransferStopped
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason

SOURCE_SHARE: Final = 4
"""How many times what is free for a transfer is free for all of a source in a day."""
_DAY: Final = 24 * 60 * 60
_MIB: Final = 1024 * 1024
_SWOLLEN: Final = 20


@dataclass(frozen=True, slots=True)
class Prices:
    """What is free of each transfer, and what each byte that was sent buys beside."""

    free_bytes: int
    free_seconds: float
    bytes_a_byte: int = 100
    seconds_a_mib: float = 2.0
    seconds_a_file: float = 0.2
    """Some ten times what checking an honest file takes, waiting for a worker included."""


@dataclass(slots=True)
class _Account:
    since: float
    paid: int = 0
    raw: int = 0
    seconds: float = 0.0
    files: int = 0
    packs: set[tuple[TransferId, int]] = field(default_factory=set)

    def over(self, prices: Prices, share: int) -> bool:
        bytes_allowed = share * prices.free_bytes + prices.bytes_a_byte * self.paid
        seconds_allowed = (
            share * prices.free_seconds
            + prices.seconds_a_mib * self.paid / _MIB
            + prices.seconds_a_file * self.files
        )
        return self.raw > bytes_allowed or self.seconds > seconds_allowed


class Spending:
    """The accounts of transfers and sources. May be shared by threads."""

    def __init__(self, prices: Prices, clock: Clock, has_room: Callable[[], bool]) -> None:
        """``has_room``: whether clear bytes may be written."""
        self.has_room = has_room
        self._prices = prices
        self._clock = clock
        self._lock = threading.Lock()
        self._sources: dict[TransferId, bytes] = {}
        self._of_transfer: dict[TransferId, _Account] = defaultdict(self._account)
        self._of_source: dict[bytes, _Account] = defaultdict(self._account)

    def comes_from(self, transfer: TransferId, source: bytes) -> None:
        """Take note of the source, a keyed hash, as the receiver says it."""
        with self._lock:
            self._sources[transfer] = source

    def paid(self, transfer: TransferId, number: int, coded_bytes: int) -> None:
        """Take note of a pack's bytes without padding; the same pack again pays nothing."""
        with self._lock:
            for account in self._accounts(transfer):
                if (transfer, number) not in account.packs:
                    account.packs.add((transfer, number))
                    account.paid += coded_bytes

    def decodes(self, transfer: TransferId, raw_bytes: int) -> None:
        """Take note of bytes that are about to be decoded. Raises TransferStopped."""
        with self._lock:
            for account in self._accounts(transfer):
                account.raw += raw_bytes
        self.check(transfer)

    @contextmanager
    def working(self, transfer: TransferId) -> Iterator[None]:
        """Take note of how long the block took; check() comes later."""
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self._worked(transfer, self._clock.monotonic() - began)

    def _worked(self, transfer: TransferId, seconds: float) -> None:
        with self._lock:
            for account in self._accounts(transfer):
                account.seconds += seconds
                account.files += 1

    def check(self, transfer: TransferId) -> None:
        """Raise TransferStopped when a transfer, or all of its source, cost too much."""
        with self._lock:
            own, *source = self._accounts(transfer)
            over = own.over(self._prices, 1)
            if over or any(account.over(self._prices, SOURCE_SHARE) for account in source):
                raise TransferStopped(StopReason.BUDGET)

    def swollen(self, transfer: TransferId) -> bool:
        """Whether a transfer unfolded to far more than it sent, as few honest ones do."""
        with self._lock:
            own = self._accounts(transfer)[0]
            return own.raw > 64 * _MIB + _SWOLLEN * own.paid

    def forget(self, transfer: TransferId) -> None:
        """Close a finished transfer's account; its source's stays for the day.

        With it go those of the days before: most sources come once and never again.
        """
        now = self._clock.monotonic()
        with self._lock:
            self._of_transfer.pop(transfer, None)
            self._sources.pop(transfer, None)
            old = [source for source, one in self._of_source.items() if now - one.since > _DAY]
            for source in old:
                del self._of_source[source]

    def _account(self) -> _Account:
        return _Account(self._clock.monotonic())

    def _accounts(self, transfer: TransferId) -> list[_Account]:
        source = self._sources.get(transfer)
        if source is None:
            return [self._of_transfer[transfer]]
        if self._clock.monotonic() - self._of_source[source].since > _DAY:
            del self._of_source[source]
        return [self._of_transfer[transfer], self._of_source[source]]
