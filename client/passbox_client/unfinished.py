"""Transfers of earlier days that wait to be gone on with, and which of them a medium belongs to.

Nothing here knows a name: a medium is recognised by keyed hashes of its files, so which studies
were ticked then is found out by hashing what is there now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from passbox_client import journal as journals
from passbox_client.errors import ClientError
from passbox_client.found import ScanResult
from passbox_client.journal import Remembered
from passbox_client.review import Selection, choose


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A transfer that waits; ``since`` is when this computer last did something for it."""

    remembered: Remembered
    since: datetime


def waiting(state_folder: Path, signer: bytes) -> tuple[Unfinished, ...]:
    """Return what waits for the hospital with this profile key, the newest first."""
    if not state_folder.is_dir():
        return ()
    return tuple(
        Unfinished(found, datetime.fromtimestamp(found.path.stat().st_mtime, UTC))
        for found in journals.unfinished(state_folder)
        if found.identity.profile_signer == signer
    )


def begun_over(
    scan: ScanResult, candidates: Iterable[Unfinished]
) -> tuple[Unfinished, frozenset[int]] | None:
    """Return the transfer that was begun over this medium, and the studies ticked then."""
    from passbox_client.plan import make_plan  # not before a medium was looked at
    from passbox_client.resuming import is_part_of, marks_of

    for candidate in candidates:
        studies = _studies_of(scan, candidate.remembered)
        try:
            plan = make_plan(scan, choose(scan, Selection(studies=studies)))
        except ClientError:
            continue
        if is_part_of(candidate.remembered, marks_of(candidate.remembered.identity, plan)):
            return candidate, studies
    return None


def _studies_of(scan: ScanResult, remembered: Remembered) -> frozenset[int]:
    known, mark = remembered.marks, remembered.identity.mark
    return frozenset(
        scan.series[file.series].study
        for file in scan.found
        if mark("/".join(file.parts), file.size, file.sop_instance_uid, "") in known
    )
