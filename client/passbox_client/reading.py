"""Reading files from the medium in one pass: slices, hashes, and what could not be read.

The rule: a file's SHA-256 is over the bytes that were read for sending, in the same pass; a file
that changed since the scan, or whose reading fails, is told as such and costs no other anything.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from passbox_client.packing import Cut, cuts
from passbox_client.plan import PlannedFile
from passbox_dicom.errors import MediumError
from passbox_dicom.medium import Medium
from passbox_wire.manifest import FileOutcome, Outcome


@dataclass(frozen=True, slots=True)
class Slice:
    """Bytes of a file; ``sha256`` of the whole file on its last slice."""

    index: int
    cut: Cut
    data: bytes
    sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A file is through, for better or worse."""

    outcome: FileOutcome


def read_file(
    medium: Medium, file: PlannedFile, held: Callable[[int, int, int], bool]
) -> Iterator[Slice | Finished]:
    """Yield the slices that are not ``held(index, start, stop)``, then the file's outcome."""
    if file.unsendable:
        yield Finished(
            FileOutcome(file.index, Outcome.UNREADABLE, file.size, reason=file.unsendable)
        )
        return
    digest = hashlib.sha256()
    try:
        with medium.open_file(file.parts) as source:
            for cut in cuts(file.size, file.pixel):
                data = source.read(cut.stop - cut.start)
                digest.update(data)
                last = cut.stop == file.size
                if len(data) != cut.stop - cut.start or (last and source.read(1)):
                    yield _lost(file, Outcome.CHANGED, "changed")
                    return
                if not held(file.index, cut.start, cut.stop):
                    yield Slice(file.index, cut, data, digest.digest() if last else None)
    except (OSError, MediumError):
        yield _lost(file, Outcome.UNREADABLE, "unreadable")
        return
    yield Finished(FileOutcome(file.index, Outcome.SENT, file.size, digest.digest()))


def _lost(file: PlannedFile, outcome: Outcome, reason: str) -> Finished:
    return Finished(FileOutcome(file.index, outcome, file.size, reason=reason))
