"""One receiver: everything its two applications share, opened once and handed down.

The rule: nothing in this package reaches for a setting, clock or file on its own; it is given a
Receiver. Opening one makes the store's folder, its ledger, audit and the secret that hides sources.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.durable import make_folder
from passbox_base.keys import read_private_file, save_private_file
from passbox_base.pack_store import PackStore, PackStoreLike
from passbox_receiver.bell import Bell
from passbox_receiver.destinations import Destinations, load_destinations
from passbox_receiver.ledger import Ledger
from passbox_receiver.rate import RequestRate
from passbox_receiver.rules import RuleBook
from passbox_receiver.settings import ReceiverSettings
from passbox_receiver.usage import Free, Reservations
from passbox_wire.ids import DestinationId

PROGRAM: Final = "receiver"


class LastHeard:
    """When the inside last asked, in Unix seconds; at first, when this process began.

    A destination has one poller (docs/adr/0007): a new name is one that was started again, names
    that take turns are two.
    """

    def __init__(self, now: int) -> None:
        self.time = now
        self._names: dict[DestinationId, tuple[str, str]] = {}
        self._told: set[tuple[DestinationId, int]] = set()

    def hear(self, destination: DestinationId, poller: str, now: int) -> bool:
        """Take note of a request; return whether two pollers take turns, once a day."""
        self.time = now
        before, last = self._names.get(destination, ("", ""))
        if poller == last:
            return False
        self._names[destination] = (last, poller)
        occasion = (destination, now // _DAY_SECONDS)
        if poller != before or occasion in self._told:
            return False
        self._told = {occasion}
        return True


_SECRET_BYTES: Final = 32
_DAY_SECONDS: Final = 24 * 3600
_PLENTY: Final = 2**40


@dataclass(frozen=True, slots=True)
class Receiver:
    """``free_bytes`` and ``free_files`` ask the disk; ``source_secret`` hides sources inside."""

    settings: ReceiverSettings
    destinations: Destinations
    ledger: Ledger
    store: PackStoreLike
    audit: AuditChain
    rules: RuleBook
    rate: RequestRate
    flying: Reservations
    work_bell: Bell
    receipt_bell: Bell
    clock: Clock
    free_bytes: Callable[[], int]
    free_files: Callable[[], int]
    source_secret: bytes
    inside: LastHeard

    @classmethod
    def open(
        cls,
        settings: ReceiverSettings,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes],
        store: PackStoreLike | None = None,
        free_bytes: Callable[[], int] | None = None,
        free_files: Callable[[], int] | None = None,
    ) -> Self:
        """Open or create everything in the store's folder.

        Raises what base raises for folders, keys, ledgers and audits: StoreFailed, StoreFull,
        KeyFileUnusable, KeyFileTooOpen, LedgerUnusable, ChainBroken.
        """
        folder = settings.store.folder
        make_folder(folder)
        ledger = Ledger(folder, clock)
        audit = AuditChain(folder / "audit.jsonl", clock)
        return cls(
            settings=settings,
            destinations=load_destinations(settings.destinations),
            ledger=ledger,
            store=store or PackStore(folder / "packs", immutable=settings.store.immutable),
            audit=audit,
            rules=RuleBook(ledger, settings, audit),
            rate=RequestRate(),
            flying=Reservations(),
            work_bell=Bell(),
            receipt_bell=Bell(),
            clock=clock,
            free_bytes=free_bytes or (lambda: shutil.disk_usage(folder).free),
            free_files=free_files or (lambda: _free_files(folder)),
            source_secret=_secret(folder / "source.key", random_bytes),
            inside=LastHeard(int(clock.now().timestamp())),
        )

    def now(self) -> int:
        """Return Unix seconds."""
        return int(self.clock.now().timestamp())

    def free(self) -> Free:
        """Return what the disk has left now."""
        return Free(self.free_bytes(), self.free_files())

    def close(self) -> None:
        """Let go of files; nothing is pending."""
        self.audit.close()
        self.ledger.close()


def _free_files(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_favail if disk.f_files else _PLENTY  # some file systems make inodes as needed


def _secret(path: Path, random_bytes: Callable[[int], bytes]) -> bytes:
    if not path.exists():
        save_private_file(path, random_bytes(_SECRET_BYTES))
    return read_private_file(path)
