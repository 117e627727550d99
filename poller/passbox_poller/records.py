"""What the poller knows, for whoever asks on its machine: read-only, beside a running poller.

Holds no names: files are numbers, digests and results. The demo and `passbox doctor` read here.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from passbox_base.clocks import SystemClock
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.settings import read_settings
from passbox_poller.verdict import Result
from passbox_wire.ids import TransferId


@dataclass(frozen=True, slots=True)
class Record:
    """One transfer with its files in order of index."""

    transfer: KnownTransfer
    files: tuple[Result, ...]


def transfers(settings_path: Path) -> list[KnownTransfer]:
    """Return all transfers, oldest first. Raises SettingsError."""
    with _reading(settings_path) as ledger:
        return ledger.transfers() if ledger is not None else []


def record(settings_path: Path, transfer: TransferId) -> Record | None:
    """Return a transfer and each of its files; None when it is unknown. Raises SettingsError."""
    with _reading(settings_path) as ledger:
        known = ledger.transfer(transfer) if ledger is not None else None
        if ledger is None or known is None:
            return None
        results = ledger.results(transfer)
        return Record(known, tuple(results[index] for index in sorted(results)))


def audit_heads(settings_path: Path) -> list[bytes]:
    """Return every head (32 bytes) of the receiver's audit that was kept. Raises SettingsError."""
    with _reading(settings_path) as ledger:
        return ledger.audit_heads() if ledger is not None else []


@contextlib.contextmanager
def _reading(settings_path: Path) -> Iterator[Ledger | None]:
    """Yield the ledger, None where no poller has ever run."""
    folder = read_settings(settings_path).spool.folder
    try:
        ledger = Ledger.beside(folder, SystemClock())
    except FileNotFoundError:
        yield None
        return
    try:
        yield ledger
    finally:
        ledger.close()
