"""Reading what is on a medium in killable workers: headers in batches, and DICOMDIRs.

A worker is told the medium's path and opens the files itself with the same Medium code, because
that works alike on Windows, where no descriptor can be handed over. Files go in batches, so that
the way between the processes costs little; when a batch kills its worker, its files are read one
by one and only the guilty one is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from passbox_dicom.classify import FIRST_BYTES, FileKind, classify
from passbox_dicom.directory import (
    MAX_RECORDS,
    Context,
    Directory,
    DirectoryEntry,
    read_directory,
)
from passbox_dicom.errors import (
    ArchiveLocked,
    ArchiveRefused,
    DicomError,
    HostileDicom,
    MediumError,
    MediumGone,
    MediumUnreadable,
    NotDicom,
    TruncatedDicom,
    WorkerFailed,
    WorkerGarbled,
    WorkerStalled,
)
from passbox_dicom.header import Header, read_header
from passbox_dicom.medium import Medium
from passbox_dicom.replies import (
    header_json,
    optional_text,
    parse_header,
    parse_patient,
    patient_json,
    text,
)
from passbox_dicom.rooted import Parts, is_gone
from passbox_dicom.sources import ReadLimits
from passbox_dicom.worker import WorkerLimits, WorkerPool
from passbox_wire.canonical import Json
from passbox_wire.errors import WireError
from passbox_wire.parsing import Fields

TARGET: Final = "passbox_dicom.scan:answer"
BATCH_FILES: Final = 64
MAX_DIRECTORY_BYTES: Final = 64 * 1024 * 1024
_MAX_PART_CHARACTERS: Final = 1024
_LIMITS: Final = WorkerLimits(reply_bytes=256 * 1024 * 1024, wall_seconds=300.0, open_files=512)
_READ_LIMITS: Final = ReadLimits(max_elements=200_000, max_inflated_bytes=64 * 1024 * 1024)


class Problem(StrEnum):
    """Why a file's facts are not known."""

    NOT_DICOM = "not_dicom"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    HOSTILE = "hostile"
    """It ran into a limit of reading, or cost its worker the life."""
    UNREADABLE = "unreadable"
    """The medium did not give its bytes."""
    GONE = "gone"
    """The medium is no longer there."""
    LOCKED = "locked"
    """It is in a ZIP whose password is missing or wrong."""


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """What is known of one file; ``header`` is set for DICOM whose facts could be read."""

    path: Parts
    kind: FileKind
    header: Header | None
    problem: Problem | None


class Scanner:
    """Reads files of one medium in ``size`` workers; scan() may be called from several threads."""

    def __init__(
        self,
        medium: Path,
        *,
        size: int = 2,
        password: str | None = None,
        limits: WorkerLimits = _LIMITS,
    ) -> None:
        self._about: dict[str, Json] = {"medium": str(medium), "password": password}
        self._pool = WorkerPool(TARGET, limits, size)

    def scan(self, paths: Sequence[Parts]) -> list[ScannedFile]:
        """Return what is known of each file, in the same order; best called with BATCH_FILES."""
        if not paths:
            return []
        problem = Problem.HOSTILE
        try:
            return self._batch(paths)
        except WorkerStalled:
            problem = Problem.UNREADABLE  # it waited for the medium
        except WorkerFailed:
            pass
        if len(paths) > 1:
            return [scanned for path in paths for scanned in self.scan([path])]
        return [ScannedFile(path, FileKind.OTHER, None, problem) for path in paths]

    def directory(self, path: Parts) -> Directory:
        """Return what a DICOMDIR claims.

        Raises:
            DicomError: it is none, or hostile.
            MediumError: it cannot be read.
            WorkerFailed: it cost its worker the life.

        """
        reply = self._pool.run({**self._about, "directory": list(path)})
        problem = reply.get("problem")
        if problem is not None:
            raise _ERRORS.get(str(problem), DicomError)("the directory cannot be read")
        try:
            return _parse_directory(reply)
        except WireError as error:
            raise WorkerGarbled("not a directory") from error

    def close(self) -> None:
        """End the workers."""
        self._pool.close()

    def _batch(self, paths: Sequence[Parts]) -> list[ScannedFile]:
        reply = self._pool.run({**self._about, "scan": [list(path) for path in paths]})
        return self._parsed(reply, paths)

    @staticmethod
    def _parsed(untrusted: Json, paths: Sequence[Parts]) -> list[ScannedFile]:
        try:
            found = Fields(untrusted, "scan").items("files", _parse_scanned, most=len(paths))
        except WireError as error:
            raise WorkerGarbled("not the facts of files") from error
        if len(found) != len(paths):
            raise WorkerGarbled("facts are missing")
        return [
            ScannedFile(path, kind, header, problem)
            for path, (kind, header, problem) in zip(paths, found, strict=True)
        ]


_ERRORS: Final[Mapping[str, type[DicomError | MediumError]]] = {
    Problem.NOT_DICOM: NotDicom,
    Problem.TRUNCATED: TruncatedDicom,
    Problem.UNREADABLE: MediumUnreadable,
    Problem.GONE: MediumGone,
    Problem.LOCKED: ArchiveLocked,
}


def answer(request: dict[str, Json]) -> dict[str, Json]:
    """Answer a scanner; runs in the worker."""
    password = request["password"]
    wanted = request.get("scan")
    try:
        medium = _medium(str(request["medium"]), None if password is None else str(password))
    except (MediumError, OSError):
        # The parent has it open, or had: it was taken out meanwhile.
        gone = _told(FileKind.OTHER, problem=Problem.GONE)
        return {"files": [gone] * len(wanted)} if isinstance(wanted, list) else gone
    if isinstance(wanted, list):
        return {"files": [_scan_one(medium, _path(path)) for path in wanted]}
    return _read_one_directory(medium, _path(request["directory"]))


@lru_cache(maxsize=1)
def _medium(path: str, password: str | None) -> Medium:
    """Return the medium, kept open from one request to the next."""
    return Medium.open(Path(path), password=None if password is None else password.encode())


def _path(parts: Json) -> Parts:
    if not isinstance(parts, list):
        raise TypeError("the scanner sends lists of names")
    return tuple(str(part) for part in parts)


def _scan_one(medium: Medium, path: Parts) -> dict[str, Json]:
    kind = FileKind.OTHER
    try:
        with medium.open_file(path) as file:
            kind = classify(file.read(FIRST_BYTES), path[-1])
            if kind is not FileKind.DICOM:
                return _told(kind)
            header = read_header(file, _size(file), _READ_LIMITS)
    except (DicomError, MediumError, OSError) as error:
        return _told(kind, problem=_problem(error))
    return _told(FileKind.DICOMDIR) if header.is_directory else _told(kind, header)


def _told(
    kind: FileKind, header: Header | None = None, problem: Problem | None = None
) -> dict[str, Json]:
    return {
        "kind": kind.value,
        "header": None if header is None else header_json(header),
        "problem": None if problem is None else problem.value,
    }


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _problem(error: Exception) -> Problem:
    for kind, problem in _PROBLEMS:
        if isinstance(error, kind):
            return problem
    return Problem.GONE if isinstance(error, OSError) and is_gone(error) else Problem.UNREADABLE


_PROBLEMS: Final = (
    (NotDicom, Problem.NOT_DICOM),
    (TruncatedDicom, Problem.TRUNCATED),
    (HostileDicom, Problem.HOSTILE),
    (DicomError, Problem.MALFORMED),
    (MediumGone, Problem.GONE),
    (ArchiveLocked, Problem.LOCKED),
    (ArchiveRefused, Problem.HOSTILE),
)


def _read_one_directory(medium: Medium, path: Parts) -> dict[str, Json]:
    try:
        with medium.open_file(path) as file:
            data = file.read(MAX_DIRECTORY_BYTES + 1)
        if len(data) > MAX_DIRECTORY_BYTES:
            return {"problem": Problem.HOSTILE.value}
        directory = read_directory(data)
    except (DicomError, MediumError, OSError) as error:
        return {"problem": _problem(error).value}
    contexts = list(dict.fromkeys(entry.context for entry in directory.entries))
    place_of = {context: place for place, context in enumerate(contexts)}
    return {
        "problem": None,
        "complete": directory.complete,
        "contexts": [_context_json(context) for context in contexts],
        "entries": [_entry_json(entry, place_of[entry.context]) for entry in directory.entries],
    }


def _context_json(context: Context) -> dict[str, Json]:
    return {
        "patient": patient_json(context.patient),
        "study_instance_uid": context.study_instance_uid,
        "study_date": context.study_date,
        "study_description": context.study_description,
        "series_instance_uid": context.series_instance_uid,
        "modality": context.modality,
    }


def _entry_json(entry: DirectoryEntry, context: int) -> dict[str, Json]:
    return {
        "file_id": list(entry.untrusted_file_id),
        "record_type": entry.record_type,
        "sop_class_uid": entry.sop_class_uid,
        "sop_instance_uid": entry.sop_instance_uid,
        "context": context,
    }


def _parse_scanned(untrusted: Json) -> tuple[FileKind, Header | None, Problem | None]:
    fields = Fields(untrusted, "file")
    scanned = (
        fields.choice("kind", FileKind),
        None if fields.is_null("header") else fields.part("header", parse_header),
        None if fields.is_null("problem") else fields.choice("problem", Problem),
    )
    fields.finish()
    return scanned


def _parse_directory(untrusted: Json) -> Directory:
    fields = Fields(untrusted, "directory")
    fields.is_null("problem")
    contexts = fields.items("contexts", _parse_context, most=MAX_RECORDS)

    def parse_entry(untrusted_entry: Json) -> DirectoryEntry:
        return _parse_entry(untrusted_entry, contexts)

    directory = Directory(
        entries=fields.items("entries", parse_entry, most=MAX_RECORDS),
        complete=fields.boolean("complete"),
    )
    fields.finish()
    return directory


def _parse_context(untrusted: Json) -> Context:
    fields = Fields(untrusted, "context")
    context = Context(
        patient=fields.part("patient", parse_patient),
        study_instance_uid=optional_text(fields, "study_instance_uid"),
        study_date=text(fields, "study_date"),
        study_description=text(fields, "study_description"),
        series_instance_uid=optional_text(fields, "series_instance_uid"),
        modality=text(fields, "modality"),
    )
    fields.finish()
    return context


def _parse_entry(untrusted: Json, contexts: Sequence[Context]) -> DirectoryEntry:
    fields = Fields(untrusted, "entry")
    entry = DirectoryEntry(
        untrusted_file_id=fields.items("file_id", _parse_part, most=32),
        record_type=text(fields, "record_type"),
        sop_class_uid=optional_text(fields, "sop_class_uid"),
        sop_instance_uid=optional_text(fields, "sop_instance_uid"),
        context=contexts[fields.integer("context", most=len(contexts) - 1)],
    )
    fields.finish()
    return entry


def _parse_part(untrusted: Json) -> str:
    return Fields({"part": untrusted}, "file_id").text("part", most=_MAX_PART_CHARACTERS)
