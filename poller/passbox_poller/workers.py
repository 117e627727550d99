"""The killable workers of the poller, made from its settings.

The rule: neither kind may open a file. What a checker reads is handed over open, what a decoder
reads comes with the request; so the keys, which our user may read, are out of their reach.
"""

from collections.abc import Sequence
from pathlib import Path

from passbox_base.keys import load_signing_key
from passbox_dicom.worker import WorkerLimits, WorkerPool
from passbox_poller import decoding
from passbox_poller.checking import Checker, Policy
from passbox_poller.identity import comparing_key
from passbox_poller.scanning import Clamd
from passbox_poller.settings import Checks, Settings


def checkers(checks: Checks, target: str, search_path: Sequence[str]) -> WorkerPool:
    """Return the pool that looks at restored files."""
    limits = WorkerLimits(
        cpu_seconds=checks.cpu_seconds, memory_bytes=checks.memory_bytes, opens_files=False
    )
    return WorkerPool(target, limits, checks.workers, search_path)


def decoders(checks: Checks, size: int) -> WorkerPool:
    """Return the pool that decodes slices."""
    limits = WorkerLimits(
        cpu_seconds=checks.cpu_seconds,
        memory_bytes=checks.memory_bytes,
        reply_bytes=decoding.REPLY_BYTES,
        opens_files=False,
    )
    return WorkerPool(decoding.TARGET, limits, size)


def a_checker(settings: Settings, pool: WorkerPool, folder: Path) -> Checker:
    """Return the checker with the hospital's policy; raise what base raises for keys."""
    checks = settings.checks
    return Checker(
        pool,
        folder,
        policy=Policy(checks.sop_classes, checks.pdfs, checks.pictures),
        scanner=Clamd(checks.scanner) if checks.scanner else None,
        key=comparing_key(load_signing_key(settings.keys.destination)),
    )
