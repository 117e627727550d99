"""Runs in the killable worker: what a web viewer needs of one stored instance.

    {"op": "describe"}                                 -> its DICOM JSON, and where its frames lie
    {"op": "decode", "name", "frame", "start", "most"} -> a piece of one decoded frame
    {"op": "bulk", "name", "place", "start", "most"}   -> a piece of one long value

The file is handed over open (handed.py); "name" tells the files of two requests apart.
Frames are told as they lie in the file where they are native and little endian; all others are
decoded to that form here: samples side by side, palettes and YBR as RGB, bits as bytes. The DICOM
JSON (PS3.18 F.2) says what the frames are then. Binary values that are long are told by their
place: the tag, or for one in a sequence that of the sequence, the number of the item from 0, and
so on, parted by slashes. Left out: private elements. Nothing here is an answer to a person, and no
file is written.
"""

import base64
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array

from passbox_dicom import decoders
from passbox_dicom.handed import opened
from passbox_dicom.part10 import inflated
from passbox_dicom.uids import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from passbox_wire.canonical import Json

decoders.load()

MAX_FRAME_BYTES: Final = 256 * 1024 * 1024
_MAX_FRAMES: Final = 1_000_000
_MAX_BINARY: Final = 16 * 1024
"""Of a value in the DICOM JSON itself, in characters of base64."""
_UNITS: Final = {"OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1}
"""Bytes of one number of each binary VR (PS3.5 table 6.2-1)."""
_NATIVE_LITTLE: Final = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE})
_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00"
_SHORT_HEAD, _LONG_HEAD = 8, 12
_UNDEFINED: Final = 0xFFFFFFFF
_BYTE: Final = 8
_LAYOUT_TAGS: Final = ["BitsAllocated", "Rows", "Columns"]
_DOCUMENT, _DOCUMENT_LENGTH = 0x00420011, 0x00420015
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
    """The frame or value made last: a large one is fetched in pieces."""

    key: tuple[str, int | str] | None = None
    content: bytes = b""


_LAST: Final = _Last()


def answer(request: dict[str, Json]) -> dict[str, Json]:
    """Answer one request; {"cannot": true} when there is nothing that we can tell of."""
    try:
        with opened(request) as file:
            if request["op"] == "describe":
                return _describe(file)
            content = _content(file, request)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # decoders and pydicom raise whatever they like
        return {"cannot": True}
    start, most = _integer(request["start"]), _integer(request["most"])
    piece = base64.b64encode(content[start : start + most]).decode()
    return {"bytes": len(content), "piece": piece}


def _content(file: BinaryIO, request: dict[str, Json]) -> bytes:
    what = str(request["place"]) if request["op"] == "bulk" else _integer(request["frame"])
    key = (str(request["name"]), what)
    if _LAST.key != key:
        _LAST.key, _LAST.content = None, b""
        _LAST.content = _bulk(file, what) if isinstance(what, str) else _decode(file, what)
        _LAST.key = key
    return _LAST.content


def _describe(file: BinaryIO) -> dict[str, Json]:
    plain = inflated(file)
    header = dcmread(plain, stop_before_pixels=True)
    frames = _frames(header, plain, as_stored=plain is file)
    for tag in [tag for tag in header._dict if tag.is_private]:  # noqa: SLF001  # raw: converts nothing
        del header[tag]
    if frames["how"] == "decode":
        _as_decoded(header)
    attributes = header.to_json_dict(
        # What stands in big endian is turned when it is asked for.
        bulk_data_threshold=_MAX_BINARY if header.original_encoding[1] else 0,
        bulk_data_element_handler=lambda _: "",
        suppress_invalid_tags=True,
    )
    return {"attributes": _told(attributes, ""), "frames": frames}


def _frames(header: Dataset, file: BinaryIO, *, as_stored: bool) -> dict[str, Json]:
    """Return where the frames are. ``file`` stands before the pixel data, if there are any."""
    here = file.tell()
    start = file.read(_LONG_HEAD)
    if start[:4] not in {_PIXEL_DATA, b"\x7f\xe0\x00\x10"}:
        return {"how": "none"}
    count = int(header.get("NumberOfFrames") or 1)
    bits = int(header.BitsAllocated)
    samples = int(header.get("SamplesPerPixel") or 1)
    size = int(header.Rows) * int(header.Columns) * samples * max(bits, _BYTE) // _BYTE
    if bits != 1 and bits % _BYTE:
        return {"how": "none"}
    if not 1 <= count <= _MAX_FRAMES or not 1 <= size <= MAX_FRAME_BYTES:
        return {"how": "none"}
    syntax = str(header.file_meta.TransferSyntaxUID)
    photometric = str(header.get("PhotometricInterpretation"))
    as_it_is = syntax in _NATIVE_LITTLE and as_stored and bits != 1
    if not as_it_is or photometric.startswith(("YBR", _PALETTE)):
        return {"how": "decode", "count": count}
    explicit = syntax == EXPLICIT_LITTLE
    offset = here + (_LONG_HEAD if explicit else _SHORT_HEAD)
    length = struct.unpack_from("<I", start, 8 if explicit else 4)[0]
    if length == _UNDEFINED or length < count * size:
        return {"how": "none"}
    return {"how": "plain", "count": count, "offset": offset, "bytes": size}


def _as_decoded(header: Dataset) -> None:
    """Let the header say what the decoded frames are (PS3.5 section 8.2, PS3.3 C.7.6.3)."""
    if header.BitsAllocated == 1:
        header.BitsAllocated = header.BitsStored = _BYTE
        header.HighBit = _BYTE - 1
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


def _decode(file: BinaryIO, number: int) -> bytes:
    """Return one frame in little endian, samples side by side."""
    plain = inflated(file)
    kind = dcmread(plain, stop_before_pixels=True, specific_tags=_LAYOUT_TAGS)
    native = str(kind.file_meta.TransferSyntaxUID) in _NATIVE_LITTLE
    if native and kind.BitsAllocated == 1:
        return _bits(plain, kind, number)
    header = Dataset()
    plain.seek(0)
    array: np.ndarray[Any, Any] = pixel_array(
        plain, index=number, ds_out=header, specific_tags=_PALETTE_TAGS
    )
    if str(header.get("PhotometricInterpretation")) == _PALETTE:
        array = apply_color_lut(array, header)
        if _lut_bits(header) == _BYTE and array.dtype.itemsize > 1:
            array = array.astype(np.uint8)
    if array.nbytes > MAX_FRAME_BYTES:
        raise _NoFramesError("too large")
    order = array.dtype.newbyteorder("<")
    return np.ascontiguousarray(array).astype(order, copy=False).tobytes()


def _bits(file: BinaryIO, kind: Dataset, number: int) -> bytes:
    """Return a frame of single bits as bytes of 0 and 1; it may begin within a byte (PS3.5 8.1.1).

    pydicom decodes only such frames as begin with a byte.
    """
    size = int(kind.Rows) * int(kind.Columns)
    first = number * size
    file.seek(0)
    packed = dcmread(file, specific_tags=["PixelData"]).PixelData[first // _BYTE :]
    packed = packed[: (first % _BYTE + size + _BYTE - 1) // _BYTE]
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")
    frame = bits[first % _BYTE :][:size]
    if frame.size != size:
        raise _NoFramesError("shorter than it says")
    return frame.tobytes()


def _bulk(file: BinaryIO, place: str) -> bytes:
    """Return a long value in little endian; raises what pydicom does where there is none."""
    *above, last = place.split("/")
    tags = [int(tag, 16) for tag in (*above[::2], last)]
    if any(tag >> 16 & 1 for tag in tags):
        raise _NoFramesError("private")
    data_set = dcmread(
        inflated(file), stop_before_pixels=True, specific_tags=[tags[0], _DOCUMENT_LENGTH]
    )
    length = data_set.get("EncapsulatedDocumentLength") if tags == [_DOCUMENT] else None
    little = data_set.original_encoding[1]
    for tag, number in zip(tags, above[1::2], strict=False):
        data_set = data_set[tag].value[int(number)]
    element = data_set[tags[-1]]
    value: bytes = element.value
    if isinstance(length, int) and length == len(value) - 1:
        value = value[:length]  # without the byte that makes it even
    if len(value) > MAX_FRAME_BYTES:
        raise _NoFramesError("too large")
    unit = _UNITS[element.VR]
    return value if little else np.frombuffer(value, f"u{unit}").byteswap().tobytes()


def _told(attributes: dict[str, Any], place: str) -> dict[str, Json]:
    """Return DICOM JSON that tells where long values are, at any depth, and nothing private."""
    kept: dict[str, Json] = {}
    for tag, element in attributes.items():
        here, vr = f"{place}{tag}", element["vr"]
        if int(tag[:4], 16) % 2:
            continue
        if "BulkDataURI" in element:
            kept[tag] = {"vr": vr, "BulkDataURI": here}
        elif vr == "SQ":
            items = element.get("Value", ())
            told = [_told(item or {}, f"{here}/{n}/") for n, item in enumerate(items)]
            kept[tag] = {"vr": "SQ", "Value": list[Json](told)}
        elif vr not in _UNITS or "InlineBinary" in element:
            kept[tag] = element
    return kept


def _integer(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("the parent sends numbers")
    return value
