"""Scanning a medium: its table of contents is a claim, the walk the truth, the difference is told.

Everything is found by content in one walk; parsing runs in killable workers, a few batches ahead.
Each file ends up exactly once: found, attached or skipped. Needs no profile and no connection.
It reads no pixel and changes nothing on the medium.
"""

import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock, SystemClock
from passbox_client import findings
from passbox_client.claims import Claims, compare
from passbox_client.collecting import Collection
from passbox_client.duplicates import Duplicates, find_duplicates
from passbox_client.errors import MediumRefused, Trouble
from passbox_client.found import (
    Finding,
    FindingCode,
    FoundInstance,
    Listing,
    Parts,
    ScanResult,
    Skipped,
    SkipReason,
)
from passbox_dicom.directory import Directory
from passbox_dicom.errors import (
    DicomError,
    MediumError,
    MediumTooLarge,
    NothingThere,
    WorkerFailed,
)
from passbox_dicom.medium import FileState, Medium, MediumFile
from passbox_dicom.scan import BATCH_FILES, ScannedFile, Scanner

WORKERS: Final = 2
_BATCHES_AHEAD: Final = 4


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan has come; ``bytes`` of the files seen."""

    files: int
    bytes: int
    instances: int
    studies: int
    patients: int


def scan(
    path: Path,
    progress: Callable[[ScanProgress], None] | None = None,
    *,
    clock: Clock | None = None,
) -> ScanResult:
    """Return what is on a folder, drive or ZIP file. ``progress`` is called in this thread.

    Raises MediumRefused when there is nothing at ``path`` or it cannot be read at all. A medium
    without images is no error here: the result says so.
    """
    clock = clock or SystemClock()
    started = clock.monotonic()
    with medium_errors(), Medium.open(path) as medium, _scanner(path) as scanner:
        collection = Collection()
        complete = _collect(medium, scanner, collection, progress or _silently)
        directories = [(where, _directory(scanner, where)) for where in collection.directories]
        claims = compare(directories, collection.paths)
        duplicates = find_duplicates(medium, collection.instances)
    told = _Told(path, claims, duplicates, complete)
    return _result(collection, told, clock.monotonic() - started)


@contextlib.contextmanager
def medium_errors() -> Iterator[None]:
    """Turn a medium that cannot be read at all into our own error."""
    try:
        yield
    except NothingThere as error:
        raise MediumRefused(Trouble.MEDIUM_MISSING) from error
    except (MediumError, OSError) as error:
        raise MediumRefused(Trouble.MEDIUM_UNREADABLE) from error


@contextlib.contextmanager
def _scanner(path: Path) -> Iterator[Scanner]:
    scanner = Scanner(path, size=WORKERS)
    try:
        yield scanner
    finally:
        scanner.close()


def _silently(_progress: ScanProgress) -> None:
    pass


def _collect(
    medium: Medium,
    scanner: Scanner,
    collection: Collection,
    progress: Callable[[ScanProgress], None],
) -> bool:
    """Fill the collection; return False when there was more than we walk."""
    seen = 0
    walked = _UntilTooMany(medium.walk())
    for batch, scanned in _scanned(walked, scanner):
        for file in batch:
            seen += file.size or 0
            if file.state is FileState.READABLE:
                collection.add(file, next(scanned))
            else:
                collection.leave_out(file)
        progress(
            ScanProgress(
                collection.files,
                seen,
                len(collection.instances),
                len(collection.studies),
                len(collection.patients),
            )
        )
    return not walked.too_many


class _UntilTooMany:
    """The walk, ending instead of raising when there are more files than we take."""

    def __init__(self, walk: Iterator[MediumFile]) -> None:
        self._walk = walk
        self.too_many = False

    def __iter__(self) -> Iterator[MediumFile]:
        try:
            yield from self._walk
        except MediumTooLarge:
            self.too_many = True


def _scanned(
    walk: Iterable[MediumFile], scanner: Scanner
) -> Iterator[tuple[list[MediumFile], Iterator[ScannedFile]]]:
    """Yield batches of files in the order of the medium, with the facts of the readable ones."""
    files = iter(walk)
    waiting: deque[tuple[list[MediumFile], Future[list[ScannedFile]]]] = deque()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="scan") as threads:
        while batch := list(itertools.islice(files, BATCH_FILES)):
            readable = [file.path for file in batch if file.state is FileState.READABLE]
            waiting.append((batch, threads.submit(scanner.scan, readable)))
            if len(waiting) > _BATCHES_AHEAD:
                done, facts = waiting.popleft()
                yield done, iter(facts.result())
        for done, facts in waiting:
            yield done, iter(facts.result())


def _directory(scanner: Scanner, where: Parts) -> Directory | None:
    try:
        return scanner.directory(where)
    except (DicomError, MediumError, WorkerFailed):
        return None


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known beside the collection."""

    root: Path
    claims: Claims
    duplicates: Duplicates
    complete: bool


def _result(collection: Collection, told: _Told, seconds: float) -> ScanResult:
    copies = told.duplicates.copies
    found = tuple(
        _with_listing(file, told.claims, collection)
        for file in collection.instances
        if file not in copies
    )
    skipped = (
        *collection.skipped,
        *(
            Skipped(file.parts, file.size, SkipReason.DUPLICATE)
            for file in collection.instances
            if file in copies
        ),
    )
    return ScanResult(
        root=told.root,
        patients=tuple(collection.patients),
        studies=tuple(collection.studies),
        series=tuple(collection.series),
        found=found,
        attached=tuple(collection.attached),
        skipped=skipped,
        findings=tuple(_findings(collection, told, found, skipped)),
        listed=told.claims.listed,
        listed_missing=told.claims.missing,
        seconds=seconds,
    )


def _with_listing(file: FoundInstance, claims: Claims, collection: Collection) -> FoundInstance:
    if not collection.directories:
        return file
    listed = file.parts in claims.found
    return replace(file, listing=Listing.LISTED if listed else Listing.UNLISTED)


def _findings(
    collection: Collection,
    told: _Told,
    found: tuple[FoundInstance, ...],
    skipped: tuple[Skipped, ...],
) -> Iterator[Finding]:
    rivals = [file.path for file in told.duplicates.rivals]
    damaged = ["/".join(parts) for parts in told.claims.damaged]
    for finding in (
        *findings.about_patients(collection.patients),
        findings.finding(FindingCode.LISTED_MISSING, told.claims.missing),
        findings.finding(FindingCode.DIRECTORY_DAMAGED, damaged),
        *findings.about_files(found, collection.attached, skipped, collection.headerless),
        *findings.about_series(found),
        findings.finding(FindingCode.SAME_UID_OTHER_BYTES, rivals),
        None if told.complete else Finding(FindingCode.TOO_MANY_FILES, collection.files),
    ):
        if finding is not None:
            yield finding
