"""Asking a worker for a picture of one frame. This side opens no file and knows no image codec.

A preview is for looking whether the right thing was sent, not for diagnosis.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from passbox_dicom.errors import UndecodablePixels, WorkerGarbled
from passbox_dicom.rooted import Parts
from passbox_dicom.worker import WorkerLimits
from passbox_wire.canonical import Json
from passbox_wire.errors import WireError
from passbox_wire.parsing import Fields

TARGET: Final = "passbox_dicom.preview_worker:render"
LIMITS: Final = WorkerLimits(memory_bytes=768 * 1024 * 1024, reply_bytes=48 * 1024 * 1024)
"""Of a worker for TARGET: a mammogram of 21 million pixels fits."""
MAX_SIDE: Final = 4096
_MAX_PNG_CHARACTERS: Final = 40 * 1024 * 1024
_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_MAX_FRAMES: Final = 2**31
_MAX_WHY_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Look:
    """How one frame is to be shown.

    ``frame`` counts from 0; ``center`` and ``width`` are the window in the image's own units (for
    CT Hounsfield), None takes the file's own or one from its values; ``max_size`` is the longer
    side of the picture in pixels.
    """

    frame: int = 0
    center: float | None = None
    width: float | None = None
    max_size: int = 512


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture; ``center`` and ``width`` are the window that was used, None for colour."""

    png: bytes
    rows: int
    columns: int
    frames: int
    center: float | None
    width: float | None


class Runner(Protocol):
    """A Worker or a WorkerPool."""

    def run(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Return the target's untrusted answer."""


def preview(
    workers: Runner, file: Path | tuple[Path, Parts], look: Look, *, password: str | None = None
) -> Preview:
    """Return a picture of ``file``: a path of our own, or a medium and the parts below it.

    ``password`` opens ZIP files on the medium.

    Raises:
        UndecodablePixels: no pixels, no such frame, no decoder, or too many pixels.
        WorkerFailed: the file cost its worker the life.

    """
    request: dict[str, Json] = {
        "frame": look.frame,
        "center": look.center,
        "width": look.width,
        "max_size": min(look.max_size, MAX_SIDE),
    }
    if isinstance(file, Path):
        request["path"] = str(file)
    else:
        request |= {"medium": str(file[0]), "parts": list(file[1]), "password": password}
    reply = workers.run(request)
    try:
        return _parse(reply)
    except WireError as error:
        raise WorkerGarbled("not a picture") from error


def _parse(untrusted: Json) -> Preview:
    fields = Fields(untrusted, "preview")
    if not fields.is_null("problem"):
        raise UndecodablePixels(fields.text("problem", most=_MAX_WHY_CHARACTERS))
    picture = Preview(
        png=_png(fields.text("png", most=_MAX_PNG_CHARACTERS)),
        rows=fields.integer("rows", least=1, most=2**16),
        columns=fields.integer("columns", least=1, most=2**16),
        frames=fields.integer("frames", least=1, most=_MAX_FRAMES),
        center=_optional_real(fields, "center"),
        width=_optional_real(fields, "width"),
    )
    fields.finish()
    return picture


def _png(untrusted: str) -> bytes:
    try:
        png = base64.b64decode(untrusted, validate=True)
    except (ValueError, binascii.Error) as error:
        raise WorkerGarbled("not a picture") from error
    if not png.startswith(_PNG_MAGIC):
        raise WorkerGarbled("not a picture")
    return png


def _optional_real(fields: Fields, name: str) -> float | None:
    """Return a number that travelled as text: the contract's JSON knows no fractions."""
    if fields.is_null(name):
        return None
    text = fields.text(name, most=64)
    try:
        return float(text)
    except ValueError as error:
        raise WorkerGarbled("not a number") from error
