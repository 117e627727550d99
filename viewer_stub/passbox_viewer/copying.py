"""Making a changed copy of a stored instance for a PACS that cannot take it as it is.

The rule: the stored file is never touched, and the copy is proved before it goes out. Pixel data
that need not change are copied byte for byte and their hash compared; decoded ones have the number
of frames and the lengths the header says, and decode to the same pixels as the original, frame by
frame. A deflated data set is inflated as a whole, byte for byte, proved by its hash and by the hash
of its pixel data. Parsing and decoding happen in the killable worker; here are offsets, checked,
and bytes.
"""

import base64
import binascii
import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from passbox_dicom.errors import WorkerFailed
from passbox_dicom.preview import Runner
from passbox_dicom.uids import DEFLATED, EXPLICIT_LITTLE, is_uid
from passbox_dicom.worker import WorkerLimits
from passbox_viewer.errors import CannotCopy
from passbox_viewer.instances import Instance
from passbox_viewer.lending import Lending
from passbox_viewer.store import Claims, Store, write_meta
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed
from passbox_wire.parsing import Fields

TARGET: Final = "passbox_viewer.copying_target:answer"
LIMITS: Final = WorkerLimits(
    cpu_seconds=60.0, memory_bytes=1024 * 1024 * 1024, reply_bytes=64 * 1024 * 1024,
    opens_files=False,
)  # fmt: skip
BATCH_BYTES: Final = 24 * 1024 * 1024
"""Of decoded frames in one answer; a single frame may be larger, up to the answer's limit."""
_PIECE: Final = 1024 * 1024
_MAX_TEXT: Final = LIMITS.reply_bytes
_MAX_FRAMES: Final = 1_000_000
_MAX_FILE: Final = 2**40


@dataclass(frozen=True, slots=True)
class Copy:
    """A file to send, and what it is."""

    path: Path
    claims: Claims


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of the elements around the pixel data, and of the decoded pixels."""

    elements: str
    pixels: str


@dataclass(frozen=True, slots=True)
class _Pixels:
    """What becomes of the pixel data; see copying_target.py."""

    how: str
    start: int
    end: int
    width: int
    element: bytes
    count: int
    frame_bytes: int
    padding: int


@dataclass(frozen=True, slots=True)
class _Plan:
    head: bytes
    tail: bytes
    pixels: _Pixels
    transfer_syntax_uid: str


class Copier:
    """Makes copies. May be shared by threads."""

    def __init__(self, store: Store, lender: Lending, workers: Runner) -> None:
        self._store = store
        self._lender = lender
        self._workers = workers

    @contextlib.contextmanager
    def copy(
        self, instance: Instance, *, native: bool, coercion: dict[str, Json] | None = None
    ) -> Iterator[Copy]:
        """Lend a copy; raise CannotCopy, ArchiveChanged, ArchiveFailed.

        ``native``: without compression, in little endian. ``coercion``: see coercing.py. What is
        deflated is inflated in any case.
        """
        claims = instance.claims
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(self._lender.lend(instance))
            if claims.transfer_syntax_uid == DEFLATED:
                claims = replace(claims, transfer_syntax_uid=EXPLICIT_LITTLE)
                source = stack.enter_context(self._inflated(source, claims))
            copied = self._copied(source, claims, native=native, coercion=coercion)
            yield stack.enter_context(copied)

    @contextlib.contextmanager
    def _inflated(self, source: Path, claims: Claims) -> Iterator[Path]:
        """Lend a file with the inflated data set of another one, proved to be just that."""
        path = self._store.incoming / f"copy-{secrets.token_hex(8)}"
        written, done, total, told = hashlib.sha256(), 0, 1, ""
        try:
            with path.open("xb") as copy:
                write_meta(copy, claims)
                while done < total:
                    request = {"op": "inflate", "path": str(source), "start": done}
                    answer = self._ask(request | {"most": BATCH_BYTES})
                    piece = _bytes(answer.get("piece"))
                    total, told = _count(answer.get("bytes")), str(answer.get("sha256"))
                    if not piece:
                        raise CannotCopy("the inflated data set ends too early")
                    copy.write(piece)
                    written.update(piece)
                    done += len(piece)
            if done != total or written.hexdigest() != told:
                raise CannotCopy("the inflated data set changed on the way")
            if self.outline(path) != self.outline(source):
                raise CannotCopy("the inflated copy says or shows something else")
            yield path
        except OSError as error:
            raise CannotCopy("no room for a copy") from error
        finally:
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _copied(
        self, source: Path, claims: Claims, *, native: bool, coercion: dict[str, Json] | None
    ) -> Iterator[Copy]:
        untrusted = self._ask(
            {"op": "plan", "path": str(source), "native": native, "coercion": coercion}
        )
        try:
            plan = _parse_plan(untrusted, source.stat().st_size)
        except Malformed as error:
            raise CannotCopy("the worker's plan makes no sense") from error
        claims = replace(claims, transfer_syntax_uid=plan.transfer_syntax_uid)
        path = self._store.incoming / f"copy-{secrets.token_hex(8)}"
        try:
            with path.open("xb") as copy, source.open("rb") as original:
                write_meta(copy, claims)
                copy.write(plan.head)
                self._write_pixels(copy, original, source, plan.pixels)
                copy.write(plan.tail)
            if plan.pixels.how in {"turn", "frames"}:
                self._prove(source, path, plan.pixels)
            yield Copy(path, claims)
        except OSError as error:
            raise CannotCopy("no room for a copy") from error
        finally:
            path.unlink(missing_ok=True)

    def fingerprint(self, path: Path) -> Fingerprint:
        """Return what a file in the store's folder says and shows; raise CannotCopy."""
        return self._hashes("fingerprint", path)

    def outline(self, path: Path) -> Fingerprint:
        """Return the same with the pixel data as they are written; raise CannotCopy."""
        return self._hashes("outline", path)

    def _hashes(self, operation: str, path: Path) -> Fingerprint:
        untrusted = self._ask({"op": operation, "path": str(path)})
        return Fingerprint(str(untrusted.get("elements")), str(untrusted.get("pixels")))

    def _write_pixels(
        self, copy: BinaryIO, original: BinaryIO, source: Path, pixels: _Pixels
    ) -> None:
        copy.write(pixels.element)
        if pixels.how == "frames":
            copy.writelines(self._frames(source, pixels))
            copy.write(bytes(pixels.padding))
            return
        before, after = hashlib.sha256(), hashlib.sha256()
        original.seek(pixels.start)
        left = pixels.end - pixels.start
        while left:
            piece = original.read(min(left, _PIECE))
            if not piece:
                raise CannotCopy("the original ends too early")
            left -= len(piece)
            before.update(piece)
            written = _turned(piece, pixels.width)
            after.update(_turned(written, pixels.width))
            copy.write(written)
        if before.digest() != after.digest():
            raise CannotCopy("the pixel data changed on the way")

    def _frames(self, source: Path, pixels: _Pixels) -> Iterator[bytes]:
        for first, count in _batches(pixels):
            answer = self._ask(_range("frames", source, first, count))
            frames = answer.get("frames")
            if not isinstance(frames, list) or len(frames) != count:
                raise CannotCopy("another number of frames than the header says")
            for frame in frames:
                data = _bytes(frame)
                if len(data) != pixels.frame_bytes:
                    raise CannotCopy("a frame of another length than the first")
                yield data

    def _prove(self, source: Path, copy: Path, pixels: _Pixels) -> None:
        """Raise CannotCopy unless both decode to the same pixels, frame by frame."""
        for first, count in _batches(pixels):
            ours = self._ask(_range("digests", copy, first, count)).get("digests")
            theirs = self._ask(_range("digests", source, first, count)).get("digests")
            if ours != theirs or not isinstance(ours, list) or len(ours) != count:
                raise CannotCopy("the copy decodes to other pixels")

    def _ask(self, request: dict[str, Json]) -> dict[str, Json]:
        try:
            answer = self._workers.run(request)
        except OSError as error:
            raise CannotCopy("gone") from error
        except WorkerFailed as error:
            raise CannotCopy("cost its worker the life") from error
        if "cannot" in answer:
            raise CannotCopy(str(answer["cannot"])[:64])
        return answer


def _parse_plan(untrusted: Json, size: int) -> _Plan:
    fields = Fields(untrusted, "plan")
    plan = _Plan(
        _bytes(fields.text("head", most=_MAX_TEXT)),
        _bytes(fields.text("tail", most=_MAX_TEXT)),
        fields.part("pixels", lambda part: _parse_pixels(part, size)),
        fields.text("transfer_syntax_uid", most=64),
    )
    fields.finish()
    if not is_uid(plan.transfer_syntax_uid):
        raise Malformed("plan.transfer_syntax_uid", "not a UID")
    return plan


def _parse_pixels(untrusted: Json, size: int) -> _Pixels:
    known: dict[str, Json] = {
        "start": 0, "end": 0, "width": 1, "element": "", "count": 1, "frame_bytes": 0, "padding": 0,
    }  # fmt: skip
    fields = Fields(known | untrusted if isinstance(untrusted, dict) else untrusted, "pixels")
    pixels = _Pixels(
        fields.text("how", most=8),
        fields.integer("start", most=size),
        fields.integer("end", most=size),
        fields.integer("width", least=1, most=8),
        _bytes(fields.text("element", most=64)),
        fields.integer("count", least=1, most=_MAX_FRAMES),
        fields.integer("frame_bytes", most=_MAX_FILE),
        fields.integer("padding", most=1),
    )
    fields.finish()
    if pixels.end < pixels.start or pixels.width not in {1, 2, 4, 8}:
        raise Malformed("pixels", "no range of bytes")
    return pixels


def _batches(pixels: _Pixels) -> Iterator[tuple[int, int]]:
    """Yield (first frame, number of frames) so that an answer is of bounded size."""
    frame_bytes = pixels.frame_bytes or (pixels.end - pixels.start) // pixels.count
    most = max(1, BATCH_BYTES // max(1, frame_bytes))
    for first in range(0, pixels.count, most):
        yield first, min(most, pixels.count - first)


def _range(operation: str, path: Path, first: int, count: int) -> dict[str, Json]:
    return {"op": operation, "path": str(path), "first": first, "count": count}


def _turned(data: bytes, width: int) -> bytes:
    """Reverse the order of bytes in values of ``width``; an odd rest stays as it is."""
    if width == 1:
        return data
    turned = bytearray(data)
    whole = len(data) - len(data) % width
    for offset in range(width):
        turned[offset:whole:width] = data[width - 1 - offset : whole : width]
    return bytes(turned)


def _count(untrusted: Json) -> int:
    if not isinstance(untrusted, int) or not 0 < untrusted < _MAX_FILE:
        raise CannotCopy("the worker's size is none")
    return untrusted


def _bytes(untrusted: Json) -> bytes:
    try:
        return base64.b64decode(str(untrusted), validate=True)
    except (ValueError, binascii.Error) as error:
        raise CannotCopy("the worker's bytes are none") from error
