"""Runs in the killable worker: what a changed copy of a stored instance consists of.

    {"op": "plan", "native", "coercion"}   -> what goes before and after the pixel data
    {"op": "frames", "first", "count"}     -> decoded frames, as they stand in a native copy
    {"op": "digests", "first", "count"}    -> hashes of decoded frames, of original or copy
    {"op": "fingerprint"}                  -> hashes of what it says and of what it shows
    {"op": "outline"}                      -> of what it says and of the pixel data as written
    {"op": "inflate", "start", "most"}     -> a piece of an inflated data set, a hash of it all

The file is handed over open (handed.py). It writes none (a worker may not) and never touches an
element that has not to change.
"""

import base64
import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from passbox_dicom import decoders
from passbox_dicom.elements import PIXEL_DATA, UNDEFINED, Encoding
from passbox_dicom.errors import DicomError
from passbox_dicom.form import read_opening
from passbox_dicom.handed import opened
from passbox_dicom.part10 import MAX_REWRITTEN_BYTES, inflated
from passbox_dicom.sources import InflatingSource, ReadLimits
from passbox_dicom.uids import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from passbox_viewer.coercing import coerced
from passbox_viewer.fingerprint import fingerprint
from passbox_viewer.remapping import remapped
from passbox_viewer.renaming import Renaming
from passbox_viewer.splicing import Span, encoded, little, spans, spliced
from passbox_wire.canonical import Json

decoders.load()

MAX_HEAD_BYTES: Final = 16 * 1024 * 1024
_PIECE: Final = 1024 * 1024
_MAX_FRAMES: Final = 1_000_000
_NATIVE: Final = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG})
_BYTE: Final = 8
_WORD: Final = 16


class _CannotError(Exception):
    """The message is one of our own words."""


def answer(request: dict[str, Json]) -> dict[str, Json]:
    """Answer one request; {"cannot": reason} when there is no such copy."""
    try:
        with opened(request) as file:
            return _answer(request, file)
    except _CannotError as error:
        return {"cannot": str(error)}
    except DicomError as error:
        return {"cannot": type(error).__name__}
    except (AttributeError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return {"cannot": "no decoder could make sense of it"}


def _answer(request: dict[str, Json], file: BinaryIO) -> dict[str, Json]:
    if request["op"] == "plan":
        return _plan(file, native=bool(request["native"]), coercion=request["coercion"])
    if request["op"] == "inflate":
        return _inflate(file, _integer(request["start"]), _integer(request["most"]))
    file = inflated(file)
    if request["op"] == "fingerprint":
        return _fingerprint(file)
    if request["op"] == "outline":
        return _outline(file)
    frames = _frames(file, _integer(request["first"]), _integer(request["count"]))
    if request["op"] == "frames":
        return {"frames": [base64.b64encode(frame).decode() for frame in frames]}
    return {"digests": [hashlib.sha256(frame).hexdigest() for frame in frames]}


@dataclass(frozen=True, slots=True)
class _Parts:
    """A data set around its pixel data; ``pixels`` is None without."""

    head: bytes
    pixels: Span | None
    tail: bytes
    encoding: Encoding
    syntax: str


def _plan(file: BinaryIO, *, native: bool, coercion: Json) -> dict[str, Json]:
    parts = _parts(file)
    encoding, head, tail, syntax = parts.encoding, parts.head, parts.tail, parts.syntax
    pixels: dict[str, Json] = {"how": "none"}
    if parts.pixels is not None:
        pixels = {"how": "copy", "start": parts.pixels.start, "end": parts.pixels.end}
    if native and syntax == EXPLICIT_BIG:
        head, tail = little(head), little(tail)
        encoding, syntax = Encoding.EXPLICIT_LITTLE, EXPLICIT_LITTLE
        if parts.pixels is not None:
            pixels = _turned(file, parts.pixels)
    elif native and syntax not in _NATIVE:
        syntax = EXPLICIT_LITTLE
        if parts.pixels is not None:
            pixels, changed = _decoded(file)
            head = spliced(head, encoding, encoded(changed, encoding))
    if isinstance(coercion, dict):
        tail = remapped(tail, encoding, Renaming(str(coercion["new_uids"]))).data
        head = coerced(head, encoding, coercion)
    return {
        "head": base64.b64encode(head).decode(),
        "tail": base64.b64encode(tail).decode(),
        "pixels": pixels,
        "transfer_syntax_uid": syntax,
    }


def _inflate(file: BinaryIO, start: int, most: int) -> dict[str, Json]:
    opening = read_opening(file, os.fstat(file.fileno()).st_size)
    limits = ReadLimits(max_inflated_bytes=MAX_REWRITTEN_BYTES)
    source = InflatingSource(file, opening.data_set_offset, limits)
    data_set = source.rest()
    if not source.ended:
        raise _CannotError("deflated data that stop too early")
    return {
        "bytes": len(data_set),
        "sha256": hashlib.sha256(data_set).hexdigest(),
        "piece": base64.b64encode(data_set[start : start + most]).decode(),
    }


def _fingerprint(file: BinaryIO) -> dict[str, Json]:
    """Return {"elements", "pixels"}: equal for two ways to write the same image."""
    parts = _parts(file)
    pixels = hashlib.sha256()
    if parts.pixels is not None:
        for frame in _frames(file, 0, _frame_count(file)):
            pixels.update(frame)
    return {"elements": _elements(parts), "pixels": pixels.hexdigest()}


def _outline(file: BinaryIO) -> dict[str, Json]:
    """Return what _fingerprint() does, with pixel data that are not decoded."""
    parts = _parts(file)
    pixels = hashlib.sha256()
    if parts.pixels is not None:
        file.seek(parts.pixels.value)
        left = parts.pixels.end - parts.pixels.value
        while left and (piece := file.read(min(left, _PIECE))):
            pixels.update(piece)
            left -= len(piece)
    return {"elements": _elements(parts), "pixels": pixels.hexdigest()}


def _elements(parts: _Parts) -> str:
    around, encoding = [parts.head, parts.tail], parts.encoding
    if encoding is Encoding.EXPLICIT_BIG:
        around, encoding = [little(part) for part in around], Encoding.EXPLICIT_LITTLE
    return fingerprint(around, encoding)


def _parts(file: BinaryIO) -> _Parts:
    size = file.seek(0, os.SEEK_END)
    opening = read_opening(file, size)
    if opening.deflated:
        raise _CannotError("deflated")
    start = opening.data_set_offset
    found = spans(file, start, size, opening.encoding)
    pixels = next((span for span in found if span.tag == PIXEL_DATA), None)
    before, after = (pixels.start, pixels.end) if pixels else (size, size)
    if before - start + size - after > MAX_HEAD_BYTES:
        raise _CannotError("too much around the pixel data")
    file.seek(start)
    head = file.read(before - start)
    file.seek(after)
    tail = file.read()
    return _Parts(head, pixels, tail, opening.encoding, opening.transfer_syntax_uid)


def _turned(file: BinaryIO, pixels: Span) -> dict[str, Json]:
    """Return how big endian pixel data become little endian; raise _CannotError."""
    bits = int(_read(file, specific_tags=["BitsAllocated"]).BitsAllocated)
    width = max(_WORD, bits) // _BYTE if pixels.vr == b"OW" else 1
    element = base64.b64encode(_pixel_head(pixels.vr, pixels.length)).decode()
    return {
        "how": "turn", "start": pixels.value, "end": pixels.value + pixels.length, "width": width,
        "element": element, "count": _frame_count(file),
    }  # fmt: skip


def _decoded(file: BinaryIO) -> tuple[dict[str, Json], Dataset]:
    """Return how the native pixel data are laid out, and what changes in the header for them."""
    count = _frame_count(file)
    first, described = next(_decode(file, [0]))
    _, last = next(_decode(file, [count - 1]))
    if last != described:
        raise _CannotError("frames of different kinds")
    changed = Dataset()
    changed.PhotometricInterpretation = described["photometric_interpretation"]
    if described["samples_per_pixel"] > 1:
        changed.PlanarConfiguration = described["planar_configuration"]
    length = len(first) * count
    padding = length % 2
    if length + padding >= UNDEFINED:
        raise _CannotError("too large without compression")
    vr = b"OW" if described["bits_allocated"] > _BYTE else b"OB"
    pixels: dict[str, Json] = {
        "how": "frames",
        "count": count,
        "frame_bytes": len(first),
        "element": base64.b64encode(_pixel_head(vr, length + padding)).decode(),
        "padding": padding,
    }
    return pixels, changed


def _frame_count(file: BinaryIO) -> int:
    header = _read(file, stop_before_pixels=True, specific_tags=["NumberOfFrames"])
    count = int(header.get("NumberOfFrames") or 1)
    if not 1 <= count <= _MAX_FRAMES:
        raise _CannotError("no believable number of frames")
    return count


def _frames(file: BinaryIO, first: int, count: int) -> Iterator[bytes]:
    for frame, _ in _decode(file, list(range(first, first + count))):
        yield frame


def _decode(file: BinaryIO, indices: list[int]) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield frames in little endian, colour by pixel, with what describes them."""
    header = _read(file)
    expected = header.Rows * header.Columns * header.SamplesPerPixel * header.BitsAllocated // 8
    decoder = get_decoder(UID(header.file_meta.TransferSyntaxUID))
    for array, described in decoder.iter_array(header, indices=indices, as_rgb=True):
        order = array.dtype.newbyteorder("<")
        frame = np.ascontiguousarray(array).astype(order, copy=False).tobytes()
        if header.BitsAllocated >= _BYTE and len(frame) != expected:
            raise _CannotError("a frame of another length than the header says")
        if header.BitsAllocated < _BYTE:
            raise _CannotError("less than a byte per sample")
        yield frame, dict(described)


def _read(file: BinaryIO, **how: Any) -> Dataset:
    """Return the data set from the file's first byte: it is read several times."""
    file.seek(0)
    return dcmread(file, **how)


def _pixel_head(vr: bytes | None, length: int) -> bytes:
    return struct.pack("<HH2sHI", 0x7FE0, 0x0010, vr or b"OW", 0, length)


def _integer(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("the parent sends numbers")
    return value
