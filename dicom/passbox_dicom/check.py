"""The inside's look at one restored file: hashes, facts, and whether its structure is sound.

It judges nothing: what to do with a truncated file or an executable preamble is the poller's
decision. The structure of a file costs at most the worker's limits; hashing scales with its bytes.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TypeVar

from passbox_dicom import handed
from passbox_dicom.classify import FIRST_BYTES, FileKind, classify
from passbox_dicom.elements import walk
from passbox_dicom.errors import (
    DicomError,
    HostileDicom,
    NotDicom,
    TruncatedDicom,
    WorkerGarbled,
)
from passbox_dicom.form import PREAMBLE_BYTES, Form
from passbox_dicom.header import Header, read_header
from passbox_dicom.replies import MAX_FILE_BYTES, header_json, parse_header
from passbox_dicom.sources import DEFAULT_LIMITS, FileSource, InflatingSource, Source
from passbox_dicom.uids import DEFLATED
from passbox_wire.canonical import Json
from passbox_wire.errors import WireError
from passbox_wire.parsing import Fields

TARGET: Final = "passbox_dicom.check:check_file"
_DIGEST_BYTES: Final = 32
_HASH_CHUNK: Final = 1024 * 1024

_MAX_WHY_CHARACTERS: Final = 200
_STEPS_PER_LEVEL: Final = 2  # a sequence and its item
FoundT = TypeVar("FoundT")


class Structure(StrEnum):
    """Whether the elements of a file hold together."""

    SOUND = "sound"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    HOSTILE = "hostile"
    NOT_DICOM = "not_dicom"


class Preamble(StrEnum):
    """What the first 128 bytes of a Part 10 file are; CVE-2019-11687 is a PROGRAM there."""

    ABSENT = "absent"
    EMPTY = "empty"
    TIFF = "tiff"
    PROGRAM = "program"
    SCRIPT = "script"
    OTHER = "other"


_PREAMBLES: Final = (
    (b"MZ", Preamble.PROGRAM),
    (b"\x7fELF", Preamble.PROGRAM),
    (b"\xfe\xed\xfa\xce", Preamble.PROGRAM),
    (b"\xfe\xed\xfa\xcf", Preamble.PROGRAM),
    (b"\xce\xfa\xed\xfe", Preamble.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Preamble.PROGRAM),
    (b"\xca\xfe\xba\xbe", Preamble.PROGRAM),
    (b"#!", Preamble.SCRIPT),
    (b"II*\0", Preamble.TIFF),
    (b"MM\0*", Preamble.TIFF),
    (b"II+\0", Preamble.TIFF),
    (b"MM\0+", Preamble.TIFF),
)
_STRUCTURES: Final = (
    (NotDicom, Structure.NOT_DICOM),
    (TruncatedDicom, Structure.TRUNCATED),
    (HostileDicom, Structure.HOSTILE),
    (DicomError, Structure.MALFORMED),
)


@dataclass(frozen=True, slots=True)
class CheckedInstance:
    """What a worker found in one file.

    ``data_set_sha256`` is over the bytes after group 0002 to the end, None where there is no data
    set. ``header`` is None unless facts could be read. ``why`` is our own short word for a
    structure that is not sound, never foreign text.
    """

    kind: FileKind
    structure: Structure
    why: str
    preamble: Preamble
    header: Header | None
    elements: int
    deepest: int
    file_sha256: bytes
    data_set_sha256: bytes | None
    size: int


class _Runner(Protocol):
    """A Worker or a WorkerPool."""

    def run(self, request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        """Return the target's untrusted answer."""


def check(workers: _Runner, path: Path) -> CheckedInstance:
    """Check a file of our own spool in a worker for TARGET.

    Raises:
        WorkerFailed: the file cost its worker the life.
        OSError: the spool cannot be read.

    """
    size = path.stat().st_size
    reply = workers.run({"path": str(path)}, byte_work=2 * size)
    try:
        return parse_checked(reply)
    except WireError as error:
        raise WorkerGarbled("not the facts of a file") from error


def check_file(request: dict[str, Json]) -> dict[str, Json]:
    """Answer for the request's file (handed.py); runs in the worker."""
    with handed.opened(request) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(FIRST_BYTES)
        header, structure, why = _read(lambda: read_header(file, size))
        elements = deepest = 0
        if header is not None:
            known = header
            walked, structure, why = _read(lambda: _walk(file, size, known))
            elements, deepest = walked or (0, 0)
            if header.truncated and structure is Structure.SOUND:
                structure, why = Structure.TRUNCATED, "the file ends inside the data set"
        data_set = None if header is None else _digest(file, header.data_set_offset).hex()
        return {
            "kind": classify(start, "").value,
            "structure": structure.value,
            "why": why,
            "preamble": _preamble(start, header).value,
            "header": None if header is None else header_json(header),
            "elements": elements,
            "deepest": deepest,
            "file_sha256": _digest(file, 0).hex(),
            "data_set_sha256": data_set,
            "size": size,
        }


def _read(read: Callable[[], FoundT]) -> tuple[FoundT | None, Structure, str]:
    """Return what ``read`` finds, and what stopped it."""
    try:
        return read(), Structure.SOUND, ""
    except DicomError as error:
        structures = [kind for cause, kind in _STRUCTURES if isinstance(error, cause)]
        return None, structures[0], str(error)


def _walk(file: BinaryIO, size: int, header: Header) -> tuple[int, int]:
    """Walk the whole data set, sequences and all; return elements and depth."""
    source: Source
    if header.transfer_syntax_uid == DEFLATED:
        source, start = InflatingSource(file, header.data_set_offset, DEFAULT_LIMITS), 0
    else:
        source, start = FileSource(file, size, DEFAULT_LIMITS), header.data_set_offset
    elements = deepest = 0
    for element in walk(source, header.encoding, start, into_sequences=True):
        elements += 1
        deepest = max(deepest, element.depth)
    return elements, deepest // _STEPS_PER_LEVEL


def _digest(file: BinaryIO, start: int) -> bytes:
    """Return the SHA-256 of the bytes from ``start`` to the end."""
    file.seek(start)
    digest = hashlib.sha256()
    while chunk := file.read(_HASH_CHUNK):
        digest.update(chunk)
    return digest.digest()


def _preamble(start: bytes, header: Header | None) -> Preamble:
    if header is not None and header.form is not Form.PART10:
        return Preamble.ABSENT
    return preamble_of(start)


def preamble_of(start: bytes) -> Preamble:
    """Return what a file's first bytes are, taken for a preamble."""
    preamble = start[:PREAMBLE_BYTES]
    if not any(preamble):
        return Preamble.EMPTY
    for magic, kind in _PREAMBLES:
        if preamble.startswith(magic):
            return kind
    return Preamble.OTHER


def parse_checked(untrusted: Json) -> CheckedInstance:
    """Return what a worker told of a file; raises passbox_wire.errors.Malformed."""
    fields = Fields(untrusted, "checked")
    checked = CheckedInstance(
        kind=fields.choice("kind", FileKind),
        structure=fields.choice("structure", Structure),
        why=fields.text("why", most=_MAX_WHY_CHARACTERS),
        preamble=fields.choice("preamble", Preamble),
        header=None if fields.is_null("header") else fields.part("header", parse_header),
        elements=fields.integer("elements"),
        deepest=fields.integer("deepest"),
        file_sha256=fields.binary("file_sha256", size=_DIGEST_BYTES),
        data_set_sha256=None
        if fields.is_null("data_set_sha256")
        else fields.binary("data_set_sha256", size=_DIGEST_BYTES),
        size=fields.integer("size", most=MAX_FILE_BYTES),
    )
    fields.finish()
    return checked
