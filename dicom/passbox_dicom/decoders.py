"""Image decoders for pydicom, loaded in a worker before it is confined.

Later the process may no longer map much memory. What is not installed makes pictures fail, not the
worker. One decoder is added to those pydicom brings along: JPEG extended (process 2 and 4) of 12
bits, which GDCM decodes and pydicom does not ask it for. Only workers import this: native decoders
have had memory faults.
"""

import importlib
from contextlib import suppress
from typing import Any, Final

from pydicom.pixels.decoders.base import JPEGExtended12BitDecoder
from pydicom.uid import UID, JPEGExtended12Bit

try:
    import gdcm
except ImportError:
    gdcm = None

_LABEL: Final = "passbox"
_SAMPLE_BITS: Final = 16

DECODER_DEPENDENCIES: Final = {JPEGExtended12Bit: ("gdcm>=3.0.10",)}
"""What pydicom asks a plugin for."""


def load() -> None:
    """Load what is installed; calling it twice is fine."""
    for name in ("gdcm", "jpeg_ls", "openjpeg", "pylibjpeg", "rle"):
        with suppress(ImportError):
            importlib.import_module(name)
    with suppress(ValueError):  # added before
        JPEGExtended12BitDecoder.add_plugin(_LABEL, (__name__, "decode_frame"))


def is_available(uid: str) -> bool:
    """Return whether frames of this transfer syntax are decoded here."""
    return gdcm is not None and UID(uid) == JPEGExtended12Bit


def decode_frame(coded: bytes, runner: Any) -> bytes:  # pydicom's DecodeRunner: private
    """Return one grey frame of samples of 16 bits; raise NotImplementedError for others.

    The stream's own precision (T.81 B.2.2) counts, not what the header says of it.
    """
    if gdcm is None or runner.bits_allocated != _SAMPLE_BITS or runner.samples_per_pixel != 1:
        raise NotImplementedError("grey images of 16 bits only")
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetDataElement(_element(coded))
    image.SetPhotometricInterpretation(
        gdcm.PhotometricInterpretation(
            gdcm.PhotometricInterpretation.GetPIType(str(runner.photometric_interpretation))
        )
    )
    image.SetTransferSyntax(
        gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str.__str__(JPEGExtended12Bit)))
    )
    bits = _precision(coded)
    image.SetPixelFormat(
        gdcm.PixelFormat(1, _SAMPLE_BITS, bits, bits - 1, runner.pixel_representation)
    )
    decoded: bytes = image.GetBuffer().encode("utf-8", "surrogateescape")  # bytes in a text of C
    return decoded


def _element(coded: bytes) -> Any:  # gdcm has no types
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(coded)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    return element


def _precision(coded: bytes) -> int:
    """Return the sample precision of the stream's start of frame (T.81 B.1.1.3, B.2.2)."""
    at = 2
    while coded[at] == 0xFF and not 0xC0 <= coded[at + 1] <= 0xC3:  # noqa: PLR2004  # SOF0 to SOF3
        at += 2 + int.from_bytes(coded[at + 2 : at + 4], "big")
    if coded[at] != 0xFF or coded[at + 4] != 12:  # noqa: PLR2004  # see the name of the syntax
        raise NotImplementedError("not of 12 bits")
    return coded[at + 4]
