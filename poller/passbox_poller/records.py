"""What the poller knows, for whoever asks on its machine: read-only, beside a running poller.

Holds no names: files are numbers, digests and results. The demo and `passbox doctor` read here.
"""

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
    """Return all transfers, oldest first. Raises SettingsError, LedgerUnusable."""
    ledger = _open(settings_path)
    try:
        return ledger.transfers()
    finally:
        ledger.close()


def record(settings_path: Path, transfer: TransferId) -> Record | None:
    """Return what is known of one transfer and of each of its files; None when it is unknown."""
    ledger = _open(settings_path)
    try:
        known = ledger.transfer(transfer)
        if known is None:
            return None
        results = ledger.results(transfer)
        return Record(known, tuple(results[index] for index in sorted(results)))
    finally:
        ledger.close()


def _open(settings_path: Path) -> Ledger:
    return Ledger.open(read_settings(settings_path).spool.folder, SystemClock())
