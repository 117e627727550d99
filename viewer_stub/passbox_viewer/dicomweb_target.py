"""Runs in the killable worker: what a web viewer needs of one stored instance.

    {"op": "describe"}                                -> its DICOM JSON, and where its frames lie
    {"op": "decode", "name", "frame", "start", "most"} -> a piece of one decoded frame

The file is handed over open (handed.py); "name" tells the files of two requests apart.
Frames are told as they lie in the file where they are native and little endian; all others are
decoded to that form here: samples side by side, palettes and YBR as RGB. The DICOM JSON (PS3.18
F.2) says what the frames are then. Left out of it: private elements, and binary values that are
long. Nothing here is an answer to a person, and no file is written.
"""

import base64
import struct
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, BinaryIO, Final

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array

from passbox_dicom.handed import opened
from passbox_dicom.uids import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from passbox_wire.canonical import Json

# Loaded now: later the worker may no longer map much memory.
for _decoder in ("gdcm", "jpeg_ls", "openjpeg", "pylibjpeg", "rle"):
    with suppress(ImportError):
        import_module(_decoder)

MAX_FRAME_BYTES: Final = 256 * 1024 * 1024
_MAX_FRAMES: Final = 1_000_000
_MAX_BINARY: Final = 16 * 1024
_BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_NATIVE_LITTLE: Final = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE})
_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00"
_SHORT_HEAD, _LONG_HEAD = 8, 12
_UNDEFINED: Final = 0xFFFFFFFF
_BYTE: Final = 8
_PALETTE: Final = "PALETTE COLOR"
_PALETTE_GROUP: Final = range(0x00281101, 0x00281224)
_PALETTE_TAGS: Final = [
    *(0x00281101 + n for n in range(3)), *(0x00281201 + n for n in range(3)),
    *(0x00281221 + n for n in range(3)), 0x00281199,
]  # fmt: skip


class _NoFramesError(Exception):
    """There is nothing to decode, or nothing that we decode."""


@dataclass(slots=True)
class _Last:
    """The frame decoded last: a large one is fetched in pieces."""

    key: tuple[str, int] | None = None
    frame: bytes = b""


_LAST: Final = _Last()


def answer(request: dict[str, Json]) -> dict[str, Json]:
    """Answer one request; {"cannot": true} when this is no image we can tell of."""
    try:
        with opened(request) as file:
            if request["op"] == "describe":
                return _describe(file)
            frame = _frame(file, str(request["name"]), _integer(request["frame"]))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # decoders and pydicom raise whatever they like
        return {"cannot": True}
    start, most = _integer(request["start"]), _integer(request["most"])
    piece = base64.b64encode(frame[start : start + most]).decode()
    return {"bytes": len(frame), "piece": piece}


def _describe(file: BinaryIO) -> dict[str, Json]:
    header = dcmread(file, stop_before_pixels=True)
    frames = _frames(header, file)
    for tag in [tag for tag in header._dict if tag.is_private]:  # noqa: SLF001  # raw: converts nothing
        del header[tag]
    if frames["how"] == "decode":
        _as_decoded(header)
    attributes = header.to_json_dict(
        bulk_data_threshold=_MAX_BINARY,
        bulk_data_element_handler=lambda _: "",
        suppress_invalid_tags=True,
    )
    return {"attributes": _without_bulk(attributes), "frames": frames}


def _frames(header: Dataset, file: BinaryIO) -> dict[str, Json]:
    """Return where the frames are. ``file`` stands before the pixel data, if there are any."""
    here = file.tell()
    start = file.read(_LONG_HEAD)
    if start[:4] not in {_PIXEL_DATA, b"\x7f\xe0\x00\x10"}:
        return {"how": "none"}
    count = int(header.get("NumberOfFrames") or 1)
    bits = int(header.BitsAllocated)
    samples = int(header.get("SamplesPerPixel") or 1)
    size = int(header.Rows) * int(header.Columns) * samples * bits // _BYTE
    if not 1 <= count <= _MAX_FRAMES or not 1 <= size <= MAX_FRAME_BYTES or bits % _BYTE:
        return {"how": "none"}
    syntax = str(header.file_meta.TransferSyntaxUID)
    photometric = str(header.get("PhotometricInterpretation"))
    if syntax not in _NATIVE_LITTLE or photometric.startswith(("YBR", _PALETTE)):
        return {"how": "decode", "count": count}
    explicit = syntax == EXPLICIT_LITTLE
    offset = here + (_LONG_HEAD if explicit else _SHORT_HEAD)
    length = struct.unpack_from("<I", start, 8 if explicit else 4)[0]
    if length == _UNDEFINED or length < count * size:
        return {"how": "none"}
    return {"how": "plain", "count": count, "offset": offset, "bytes": size}


def _as_decoded(header: Dataset) -> None:
    """Let the header say what the decoded frames are (PS3.5 section 8.2, PS3.3 C.7.6.3)."""
    if str(header.get("PhotometricInterpretation")) == _PALETTE:
        header.BitsAllocated = header.BitsStored = _lut_bits(header)
        header.HighBit, header.PixelRepresentation = header.BitsStored - 1, 0
        header.SamplesPerPixel = 3
        for tag in [tag for tag in header._dict if int(tag) in _PALETTE_GROUP]:  # noqa: SLF001
            del header[tag]
    if int(header.get("SamplesPerPixel") or 1) > 1:
        header.PhotometricInterpretation = "RGB"
        header.PlanarConfiguration = 0


def _lut_bits(header: Dataset) -> int:
    return _BYTE if int(header.RedPaletteColorLookupTableDescriptor[2]) <= _BYTE else 2 * _BYTE


def _frame(file: BinaryIO, name: str, number: int) -> bytes:
    """Return one frame in little endian, samples side by side."""
    key = (name, number)
    if _LAST.key != key:
        _LAST.key, _LAST.frame = None, b""
        _LAST.frame = _decode(file, number)
        _LAST.key = key
    return _LAST.frame


def _decode(file: BinaryIO, number: int) -> bytes:
    header = Dataset()
    array: np.ndarray[Any, Any] = pixel_array(
        file, index=number, ds_out=header, specific_tags=_PALETTE_TAGS
    )
    if str(header.get("PhotometricInterpretation")) == _PALETTE:
        array = apply_color_lut(array, header)
        if _lut_bits(header) == _BYTE and array.dtype.itemsize > 1:
            array = array.astype(np.uint8)
    if array.nbytes > MAX_FRAME_BYTES:
        raise _NoFramesError("too large")
    order = array.dtype.newbyteorder("<")
    return np.ascontiguousarray(array).astype(order, copy=False).tobytes()


def _without_bulk(attributes: dict[str, Any]) -> dict[str, Json]:
    """Return DICOM JSON without the values that were left out, at any depth."""
    kept: dict[str, Json] = {}
    for tag, element in attributes.items():
        if "BulkDataURI" in element:
            continue
        if element["vr"] == "SQ":
            items = [_without_bulk(item) for item in element.get("Value", ())]
            kept[tag] = {"vr": "SQ", "Value": list[Json](items)}
        elif element["vr"] not in _BINARY or "InlineBinary" in element:
            kept[tag] = element
    return kept


def _integer(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("the parent sends numbers")
    return value
