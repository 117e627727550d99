"""One image in every transfer syntax that discs have: same kind of pixels, other bytes."""

import subprocess
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from tests.parts.programs import require
from tests.viewer.images import an_image


def compressed(path: Path, syntax: str) -> Path:
    """Compress an image in place, as pydicom does it."""
    image = dcmread(path)
    image.compress(syntax, generate_instance_uid=False)
    image.save_as(path)
    return path


def jpeg_lossless(path: Path) -> Path:
    """Compress an image in place as JPEG lossless, selection value 1: dcmtk's own coder."""
    program = require("dcmcjpeg", package="dcmtk")
    subprocess.run([program, "+e1", "+un", path, path], check=True, capture_output=True)
    return path


def big_endian(path: Path) -> Path:
    """Write an image of 16 bits anew in big endian."""
    image = dcmread(path)
    image.PixelData = np.frombuffer(image.PixelData, "<u2").astype(">u2").tobytes()
    big = Dataset(image)
    big.file_meta = image.file_meta
    big.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    big.save_as(path, enforce_file_format=True, little_endian=False, implicit_vr=False)
    return path


def coded_slices(folder: Path) -> list[Path]:
    """Return a series of six slices, each in another transfer syntax and with other pixels."""
    # A window of their own: without one a viewer takes it from each slice, and all look alike.
    window = {"WindowCenter": "800", "WindowWidth": "1600"}
    first, *others = (an_image(folder, n, tilt=100 * n, **window) for n in range(1, 7))
    return [
        first,
        jpeg_lossless(others[0]),
        compressed(others[1], JPEGLSLossless),
        compressed(others[2], JPEG2000Lossless),
        compressed(others[3], RLELossless),
        big_endian(others[4]),
    ]
