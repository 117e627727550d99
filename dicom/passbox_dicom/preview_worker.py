"""Drawing a frame, in the worker, with the decoders of decoders.py.

They are native code that has had memory faults; whatever happens here costs one request.
(PS3.3 C.7.6.3, C.11.1, C.11.2.)
"""

import base64
import io
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi
from pydicom.pixels.utils import pixel_array

from passbox_dicom import decoders
from passbox_dicom.errors import DicomError, MediumError, UndecodablePixels
from passbox_dicom.handed import HANDED, opened
from passbox_dicom.header import read_header
from passbox_dicom.medium import Medium
from passbox_dicom.part10 import as_part10
from passbox_wire.canonical import Json

decoders.load()

MAX_PIXELS: Final = 48 * 1024 * 1024
"""Samples of one frame."""
_LOW_PERCENTILE: Final = 0.5
_HIGH_PERCENTILE: Final = 99.5
_SAMPLED: Final = 200_000
_BYTE: Final = 8
_GREY_DIMENSIONS: Final = 2
_LOOK_TAGS: Final = [0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00283000, 0x00283010]

_Samples = npt.NDArray[Any]
_Bytes = npt.NDArray[np.uint8]


def render(request: dict[str, Json]) -> dict[str, Json]:
    """Answer with a PNG and the window that was used, or with our own words for why not."""
    try:
        with _open(request) as file:
            return _render(file, request)
    except UndecodablePixels as error:
        return {"problem": str(error)}
    except (DicomError, MediumError, OSError):
        return {"problem": "the file cannot be read"}


def _open(request: dict[str, Json]) -> BinaryIO:
    if "path" in request or HANDED in request:
        return opened(request)
    parts = request["parts"]
    if not isinstance(parts, list):
        raise TypeError("the parent sends lists of names")
    password = request["password"]
    medium = Medium.open(
        Path(str(request["medium"])), password=None if password is None else str(password).encode()
    )
    return medium.open_file(tuple(map(str, parts)))


def _render(file: BinaryIO, request: dict[str, Json]) -> dict[str, Json]:
    frame, max_size = _integer(request["frame"]), _integer(request["max_size"])
    look = Dataset()
    samples = _decode(_small_enough(file), frame, look)
    if _is_colour(look):
        picture, center, width = _colours(samples, look), None, None
    else:
        picture, center, width = _grey(
            samples, look, _real(request["center"]), _real(request["width"])
        )
    return {
        "problem": None,
        "png": base64.b64encode(_png(picture, max_size)).decode("ascii"),
        "rows": int(picture.shape[0]),
        "columns": int(picture.shape[1]),
        "frames": max(1, int(look.get("NumberOfFrames") or 1)),
        "center": None if center is None else repr(center),
        "width": None if width is None else repr(width),
    }


def _small_enough(file: BinaryIO) -> BinaryIO:
    """Return the file in a form pydicom reads; refuses by the header what would be too large."""
    header = read_header(file, file.seek(0, io.SEEK_END))
    if not header.rows or not header.columns:
        raise UndecodablePixels("there are no pixels")
    if header.rows * header.columns > MAX_PIXELS:
        raise UndecodablePixels("too many pixels")
    return as_part10(file, header)


def _decode(file: BinaryIO, frame: int, look: Dataset) -> _Samples:
    """Return one frame as rows x columns (x colours) and fill ``look`` with how to show it."""
    try:
        samples = pixel_array(file, ds_out=look, specific_tags=_LOOK_TAGS, index=frame)
    except MemoryError:
        raise
    except Exception as error:  # decoders and pydicom raise whatever they like on foreign bytes
        raise UndecodablePixels("no decoder could make a picture of it") from error
    if samples.size > MAX_PIXELS or samples.ndim not in {_GREY_DIMENSIONS, _GREY_DIMENSIONS + 1}:
        raise UndecodablePixels("too many pixels")
    return samples


def _is_colour(look: Dataset) -> bool:
    return int(look.get("SamplesPerPixel") or 1) > 1 or _photometric(look) == "PALETTE COLOR"


def _photometric(look: Dataset) -> str:
    return str(look.get("PhotometricInterpretation") or "")


def _colours(samples: _Samples, look: Dataset) -> _Bytes:
    """Return red, green and blue in 8 bits; pydicom has already made RGB from YBR."""
    bits = int(look.get("BitsStored") or _BYTE)
    if _photometric(look) == "PALETTE COLOR":
        try:
            samples = apply_color_lut(samples, look)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UndecodablePixels("the palette cannot be used") from error
        bits = samples.dtype.itemsize * _BYTE
    return (samples >> max(0, bits - _BYTE)).astype(np.uint8)


def _grey(
    samples: _Samples, look: Dataset, center: float | None, width: float | None
) -> tuple[_Bytes, float, float]:
    """Return 8 bits of grey, and the window: the asked one, the file's, or one from the values."""
    values = _modality_values(samples, look)
    if center is None or width is None:
        center, width = _first(look, "WindowCenter"), _first(look, "WindowWidth")
    if (center is None or width is None) and "VOILUTSequence" in look:
        with suppress(AttributeError, IndexError, KeyError, TypeError, ValueError):
            values = apply_voi(values.astype(samples.dtype), look).astype(np.float32)
    if center is None or width is None or not width >= 1:
        low, high = _usual_range(values)
        center, width = (low + high) / 2, max(high - low, 1.0)
    values -= np.float32(center - width / 2)
    values *= np.float32(255 / width)
    grey: _Bytes = np.clip(values, 0, 255, out=values).astype(np.uint8)
    if _photometric(look) == "MONOCHROME1":
        grey = 255 - grey
    return grey, float(center), float(width)


def _modality_values(samples: _Samples, look: Dataset) -> npt.NDArray[np.float32]:
    if "ModalityLUTSequence" in look:
        with suppress(AttributeError, IndexError, KeyError, TypeError, ValueError):
            return apply_modality_lut(samples, look).astype(np.float32)
    values = samples.astype(np.float32)
    slope, intercept = _first(look, "RescaleSlope"), _first(look, "RescaleIntercept")
    if slope is not None:
        values *= np.float32(slope)
    if intercept is not None:
        values += np.float32(intercept)
    return values


def _usual_range(values: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Return where nearly all values are, from a sample of them."""
    some = values.reshape(-1)[:: max(1, values.size // _SAMPLED)]
    low, high = np.percentile(some, (_LOW_PERCENTILE, _HIGH_PERCENTILE))
    return float(low), float(high)


def _first(look: Dataset, keyword: str) -> float | None:
    """Return the first of the values of a decimal string, None when there is no usable one."""
    try:
        value = look.get(keyword)
        number = float(value[0] if hasattr(value, "__getitem__") else value)
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _png(picture: _Bytes, max_size: int) -> bytes:
    image = Image.fromarray(np.ascontiguousarray(picture))
    image.thumbnail((max_size, max_size), Image.Resampling.BOX)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _integer(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("the parent sends integers")
    return value


def _real(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None
