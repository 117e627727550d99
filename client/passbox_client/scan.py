"""Scanning a medium: its table of contents is a claim, the walk the truth, the difference is told.

Everything is found by content in one walk; parsing runs in killable workers, a few batches ahead.
Each file ends up exactly once: found, attached or skipped. Needs no profile and no connection.
It reads no pixel and changes nothing on the medium. A medium that is taken out costs nothing that
was read: the scan goes on when it is back.
"""

import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock, SystemClock
from passbox_client.collecting import Collection
from passbox_client.duplicates import Duplicates, find_duplicates
from passbox_client.errors import MediumRefused, Trouble
from passbox_client.found import (
    Parts,
    ScanResult,
)
from passbox_client.judging import Read, judge
from passbox_client.progress import ScanProgress
from passbox_dicom.directory import Directory
from passbox_dicom.drives import is_optical, used_bytes
from passbox_dicom.errors import (
    DicomError,
    MediumError,
    MediumGone,
    MediumTooLarge,
    NothingThere,
    WorkerFailed,
)
from passbox_dicom.medium import FileState, Medium, MediumFile
from passbox_dicom.scan import BATCH_FILES, Problem, ScannedFile, Scanner

WORKERS: Final = 2
_WORKERS_ON_A_DISC: Final = 1
_FIRST_BATCH: Final = 8
"""Few files, so that the first study shows at once."""
_BATCHES_AHEAD: Final = 4


def scan(
    path: Path,
    progress: Callable[[ScanProgress], None] | None = None,
    *,
    clock: Clock | None = None,
    password: str | None = None,
    when_gone: Callable[[], bool] | None = None,
) -> ScanResult:
    """Return what is on a folder, drive or ZIP file. ``progress`` is called in this thread.

    ``password`` opens ZIP files that want one. ``when_gone`` is asked when the medium was taken
    out: True says that it is back and the scan goes on where it was; False ends the scan with what
    there is, and the result is not ``finished``.

    Raises MediumRefused when there is nothing at ``path``, it cannot be read at all, it is gone and
    nobody is asked, or another medium came back. A medium without images is no error here: the
    result says so.
    """
    clock = clock or SystemClock()
    started = clock.monotonic()
    reading = _Reading(path, password, progress or _silently)
    finished = reading.insist(when_gone)
    return judge(reading.read(finished=finished), clock.monotonic() - started)


@contextlib.contextmanager
def medium_errors() -> Iterator[None]:
    """Turn a medium that cannot be read at all into our own error."""
    try:
        yield
    except NothingThere as error:
        raise MediumRefused(Trouble.MEDIUM_MISSING) from error
    except MediumGone as error:
        raise MediumRefused(Trouble.MEDIUM_GONE) from error
    except (MediumError, OSError) as error:
        raise MediumRefused(Trouble.MEDIUM_UNREADABLE) from error


def _silently(_progress: ScanProgress) -> None:
    pass


class _Reading:
    """One scan, over as many insertions of the medium as it takes."""

    def __init__(
        self, path: Path, password: str | None, progress: Callable[[ScanProgress], None]
    ) -> None:
        self._path = path
        self._password = password
        self._progress = progress
        self._collection = Collection()
        self._directories: dict[Parts, Directory | None] = {}
        self._duplicates = Duplicates(frozenset(), ())
        self._too_many = False
        self._bytes = 0
        self._told_studies = 0
        self._told_series = 0
        self._told_instances = 0
        self._bytes_total = used_bytes(path)

    def insist(self, when_gone: Callable[[], bool] | None) -> bool:
        """Read to the end; return False when the medium is gone and stays so."""
        begun = False
        while True:
            try:
                with medium_errors():
                    self._pass_over()
                return True
            except MediumRefused as error:
                gone = {Trouble.MEDIUM_GONE, *([Trouble.MEDIUM_MISSING] if begun else [])}
                if when_gone is None or error.code not in gone:
                    raise
            begun = True
            if not when_gone():
                return False

    def read(self, *, finished: bool) -> Read:
        """Return what was read."""
        return Read(
            self._path,
            self._collection,
            self._directories,
            self._duplicates,
            too_many=self._too_many,
            finished=finished,
            password=self._password,
        )

    def _pass_over(self) -> None:
        """Read what has not been read yet; raises MediumGone when the medium goes meanwhile."""
        password = None if self._password is None else self._password.encode()
        with (
            Medium.open(self._path, password=password) as medium,
            _scanner(self._path, self._password) as scanner,
        ):
            self._collect(medium, scanner)
            for where in self._collection.directories:
                if where not in self._directories:
                    directory = _directory(scanner, where)
                    _expect_present(medium)
                    self._directories[where] = directory
            self._duplicates = find_duplicates(medium, self._collection.instances)
            _expect_present(medium)

    def _collect(self, medium: Medium, scanner: Scanner) -> None:
        walked = _UntilTooMany(_unseen(medium.walk(), dict(self._collection.sizes)))
        for batch, scanned in _scanned(walked, scanner):
            if _fails(batch, scanned):
                _expect_present(medium)
            facts = iter(scanned)
            for file in batch:
                self._bytes += file.size or 0
                if _is_asked_about(file):
                    self._collection.add(file, next(facts))
                else:
                    self._collection.leave_out(file)
            self._tell()
        self._too_many = walked.too_many

    def _tell(self) -> None:
        collection = self._collection
        new = collection.studies[self._told_studies :]
        self._told_studies = len(collection.studies)
        series = collection.series[self._told_series :]
        images = {file.series: file for file in collection.instances[self._told_instances :]}
        first, self._told_series = self._told_series, len(collection.series)
        self._told_instances = len(collection.instances)
        self._progress(
            ScanProgress(
                collection.files,
                self._bytes,
                len(collection.instances),
                len(collection.studies),
                len(collection.patients),
                self._bytes_total,
                tuple((collection.patients[study.patient], study) for study in new),
                tuple((item, images.get(at)) for at, item in enumerate(series, first)),
            )
        )


@contextlib.contextmanager
def _scanner(path: Path, password: str | None) -> Iterator[Scanner]:
    size = _WORKERS_ON_A_DISC if is_optical(path) else WORKERS
    scanner = Scanner(path, size=size, password=password)
    try:
        yield scanner
    finally:
        scanner.close()


def _expect_present(medium: Medium) -> None:
    if not medium.is_present():
        raise MediumGone("the medium was taken out")


def _fails(batch: Iterable[MediumFile], scanned: Iterable[ScannedFile]) -> bool:
    """Return whether something could not be read; raises MediumGone when the system says why."""
    problems = {file.problem for file in scanned}
    if Problem.GONE in problems:
        raise MediumGone("the medium was taken out")
    unreadable = any(file.state is FileState.UNREADABLE for file in batch)
    return unreadable or Problem.UNREADABLE in problems


def _unseen(walk: Iterable[MediumFile], seen: dict[Parts, int | None]) -> Iterator[MediumFile]:
    """Yield what was not seen before; raises MediumRefused when this is another medium."""
    missing = set(seen)
    for file in walk:
        if file.path not in seen:
            yield file
        elif seen[file.path] == file.size:
            missing.discard(file.path)
        else:
            raise MediumRefused(Trouble.MEDIUM_CHANGED)
    if missing:
        raise MediumRefused(Trouble.MEDIUM_CHANGED)


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
) -> Iterator[tuple[list[MediumFile], list[ScannedFile]]]:
    """Yield batches of files in the order of the medium, with the facts of the readable ones."""
    files = iter(walk)
    sizes = itertools.chain([_FIRST_BATCH], itertools.repeat(BATCH_FILES))
    waiting: deque[tuple[list[MediumFile], Future[list[ScannedFile]]]] = deque()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="scan") as threads:
        while batch := list(itertools.islice(files, next(sizes))):
            readable = [file.path for file in batch if _is_asked_about(file)]
            waiting.append((batch, threads.submit(scanner.scan, readable)))
            while waiting and (len(waiting) > _BATCHES_AHEAD or waiting[0][1].done()):
                done, facts = waiting.popleft()
                yield done, facts.result()
        for done, facts in waiting:
            yield done, facts.result()


def _is_asked_about(file: MediumFile) -> bool:
    """Return whether a worker is asked what a file is; an empty one is nothing."""
    return file.state is FileState.READABLE and file.size != 0


def _directory(scanner: Scanner, where: Parts) -> Directory | None:
    try:
        return scanner.directory(where)
    except MediumGone:
        raise
    except (DicomError, MediumError, WorkerFailed):
        return None
