"""Metadata, frames and long values for a web viewer: from the store, or a killable worker.

What a worker said of an instance is checked and kept beside the transfer's previews; such a file
may be deleted at any time. Native frames are read from the instance's own file in pieces; others
come decoded, in pieces too: neither a large frame nor many readers fill this process.
"""

import base64
import binascii
import hashlib
import itertools
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from passbox_dicom.errors import WorkerFailed
from passbox_dicom.preview import Runner
from passbox_dicom.worker import WorkerLimits
from passbox_viewer import dicomweb
from passbox_viewer.errors import NoPicture
from passbox_viewer.instances import Instance, InstanceFacts
from passbox_viewer.lending import Lending, lent_to_see
from passbox_viewer.store import Store
from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.errors import WireError
from passbox_wire.parsing import Fields

TARGET: Final = "passbox_viewer.dicomweb_target:answer"
REPLY_BYTES: Final = 16 * 1024 * 1024
SUFFIX: Final = ".told"
PIECE: Final = 1024 * 1024
"""What is read or asked of a worker at once."""
_MAX_FRAME_BYTES: Final = 256 * 1024 * 1024
_MAX_FRAMES: Final = 1_000_000
_FAR: Final = 2**50
_MAX_PIECE_CHARACTERS: Final = 2 * PIECE
_MAX_HEAD_BYTES: Final = 1024


class How(StrEnum):
    """Where an instance's frames come from."""

    NONE = "none"
    PLAIN = "plain"
    DECODE = "decode"


@dataclass(frozen=True, slots=True)
class Frames:
    """``offset`` of the first one in the file and ``size`` in bytes of each are 0 unless PLAIN."""

    how: How
    count: int = 0
    offset: int = 0
    size: int = 0

    def encode(self) -> bytes:
        """Return one line of JSON."""
        found = {"how": self.how, "count": self.count, "offset": self.offset, "bytes": self.size}
        return canonical.encode(found)


@dataclass(frozen=True, slots=True)
class Content:
    """One frame or long value on its way: its size in bytes, and its pieces."""

    size: int
    pieces: Iterator[bytes]


def limits(memory_bytes: int, cpu_seconds: float) -> WorkerLimits:
    """Return what one request to TARGET may cost."""
    return WorkerLimits(
        cpu_seconds=cpu_seconds, memory_bytes=memory_bytes, reply_bytes=REPLY_BYTES,
        opens_files=False,
    )  # fmt: skip


class WebImages:
    """Reads for DICOMweb. May be shared by threads."""

    def __init__(self, store: Store, lender: Lending, workers: Runner) -> None:
        self._store = store
        self._lender = lender
        self._workers = workers

    def attributes(self, row: Instance, facts: InstanceFacts) -> bytes:
        """Return an instance's DICOM JSON; the least when its header gave its worker trouble."""
        cached = self._cache(row)
        try:
            return cached.read_bytes().partition(b"\n")[2]
        except FileNotFoundError:
            pass
        try:
            return self._describe(row, facts, cached)[1]
        except NoPicture:  # not to be had now; not worth keeping
            return dicomweb.encode(dicomweb.least(row, facts))

    def frame(self, row: Instance, facts: InstanceFacts, number: int) -> Content:
        """Return a frame, counted from 0, in little endian; raise NoPicture."""
        frames = self._frames(row, facts)
        if not 0 <= number < frames.count:
            raise NoPicture("no such frame")
        if frames.how is How.PLAIN:
            start = frames.offset + number * frames.size
            pieces = self._read(row, start, frames.size)
            first = next(pieces, b"")  # what cannot be had is told before an answer begins
            return Content(frames.size, itertools.chain([first], pieces))
        return self._from_worker(row, {"op": "decode", "frame": number})

    def bulk(self, row: Instance, place: str) -> Content:
        """Return the long value at a place of the DICOM JSON, in little endian; raise NoPicture."""
        return self._from_worker(row, {"op": "bulk", "place": place})

    def _frames(self, row: Instance, facts: InstanceFacts) -> Frames:
        cached = self._cache(row)
        try:
            with cached.open("rb") as file:
                line = file.readline(_MAX_HEAD_BYTES)
            return _parse_frames(canonical.decode(line.rstrip(), max_bytes=_MAX_HEAD_BYTES), _FAR)
        except FileNotFoundError:
            return self._describe(row, facts, cached)[0]

    def _describe(self, row: Instance, facts: InstanceFacts, cached: Path) -> tuple[Frames, bytes]:
        try:
            with lent_to_see(self._lender, row) as path:
                untrusted = self._workers.run({"op": "describe", "path": str(path)})
                frames = _parse_frames(untrusted.get("frames"), path.stat().st_size)
            found = dicomweb.parse_attributes(untrusted.get("attributes"), row, facts)
            described = frames, dicomweb.encode(found)
        except (WorkerFailed, WireError, ValueError):
            described = Frames(How.NONE), dicomweb.encode(dicomweb.least(row, facts))
        _keep(cached, described[0].encode() + b"\n" + described[1])
        return described

    def _from_worker(self, row: Instance, what: Mapping[str, Json]) -> Content:
        first, total = self._piece(row, what, 0)

        def pieces() -> Iterator[bytes]:
            yield first
            done = len(first)
            while done < total:
                piece, again = self._piece(row, what, done)
                if again != total or not piece:
                    raise NoPicture("another one than before")
                done += len(piece)
                yield piece

        return Content(total, pieces())

    def _piece(self, row: Instance, what: Mapping[str, Json], start: int) -> tuple[bytes, int]:
        request: dict[str, Json] = {
            **what, "name": f"{row.transfer} {row.file_name}", "start": start, "most": PIECE,
        }  # fmt: skip
        try:
            with lent_to_see(self._lender, row) as path:
                fields = Fields(self._workers.run(request | {"path": str(path)}), "frame")
            total = fields.integer("bytes", least=1, most=_MAX_FRAME_BYTES)
            text = fields.text("piece", most=_MAX_PIECE_CHARACTERS)
            piece = base64.b64decode(text, validate=True)
        except OSError as error:
            raise NoPicture("gone") from error
        except WorkerFailed as error:
            raise NoPicture("cost its worker the life") from error
        except (WireError, binascii.Error, ValueError) as error:
            raise NoPicture("no pixels we can decode") from error
        if len(piece) != min(PIECE, total - start):
            raise NoPicture("no pixels we can decode")
        return piece, total

    def _read(self, row: Instance, start: int, length: int) -> Iterator[bytes]:
        with lent_to_see(self._lender, row) as path, path.open("rb") as file:
            file.seek(start)
            while length > 0 and (piece := file.read(min(PIECE, length))):
                length -= len(piece)
                yield piece

    def _cache(self, row: Instance) -> Path:
        # Frames are told by their place in the file, and a file of the archive has another head.
        here = row.file_name if row.archived is None else f"archived {row.file_name}"
        name = hashlib.sha256(here.encode()).hexdigest()
        return self._store.preview_folder(row.transfer) / f"{name}{SUFFIX}"


def _parse_frames(untrusted: Json, file_bytes: int) -> Frames:
    """Raise WireError or ValueError unless these are frames that lie within the file."""
    fields = Fields(untrusted, "frames")
    how = How(fields.text("how", most=16))
    if how is How.NONE:
        return Frames(how)
    count = fields.integer("count", least=1, most=_MAX_FRAMES)
    if how is How.DECODE:
        return Frames(how, count)
    offset = fields.integer("offset", least=0, most=_FAR)
    size = fields.integer("bytes", least=1, most=_MAX_FRAME_BYTES)
    if offset + count * size > file_bytes:
        raise ValueError("frames beyond the end of the file")
    return Frames(how, count, offset, size)


def _keep(path: Path, record: bytes) -> None:
    """Put a record into the cache; a full disk only means that the worker is asked again."""
    temporary = path.with_name(secrets.token_hex(8))
    try:
        temporary.write_bytes(record)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
