"""Coding slices, in a process where the library would hold everybody up."""

import io
import random
import struct

import pytest

from passbox_client import coding
from passbox_client.coding import ALLOWED, CodecChoice, SliceCoder
from passbox_dicom.codec import decode_slice
from passbox_dicom.pixels import PixelLayout
from passbox_wire.pack import Codec
from tests.client.test_packing import a_layout

SIDE = 64


def a_slice() -> tuple[bytes, PixelLayout]:
    """Return smooth pixels between some other bytes, and where they are."""
    noise = random.Random(7)
    pixels = [x * 3 + y * 5 + noise.randrange(4) for y in range(SIDE) for x in range(SIDE)]
    data = b"header" * 10 + struct.pack(f"<{SIDE * SIDE}H", *pixels) + b"end"
    return data, a_layout(offset=60, side=SIDE)


@pytest.mark.parametrize(
    ("choice", "codec"),
    [
        (CodecChoice.AUTO, Codec.JPEGLS),
        (CodecChoice.JPEGLS, Codec.JPEGLS),
        (CodecChoice.ZSTD, Codec.ZSTD),
        (CodecChoice.STORED, Codec.STORED),
    ],
)
def test_the_choice_decides_the_codec(choice: CodecChoice, codec: Codec) -> None:
    """Native pixels go by JPEG-LS unless another codec was asked for; each gives the bytes back."""
    data, pixel = a_slice()
    coder = SliceCoder(ALLOWED[choice])
    try:
        used, payload = coder.code(data, pixel)
        assert used is codec
        assert decode_slice(payload, used, len(data)) == data
        assert coder.code(data, pixel) == (used, payload)
    finally:
        coder.close()


def test_what_has_no_native_pixels_needs_no_process() -> None:
    """Bytes without known pixels are coded here, and what does not shrink is stored."""
    coder = SliceCoder(ALLOWED[CodecChoice.AUTO])
    assert coder.code(b"text " * 100, None)[0] is Codec.ZSTD
    dense = random.Random(1).randbytes(1000)
    assert coder.code(dense, None) == (Codec.STORED, dense)
    coder.close()


class DeadCoder(SliceCoder):
    """Its process ends before it answers."""

    def _start(self) -> coding.CoderProcess:
        process = super()._start()
        process.kill()
        return process


def test_a_coder_that_dies_costs_density_only() -> None:
    """When the process is gone the slice goes as zstd, and the transfer goes on."""
    data, pixel = a_slice()
    coder = DeadCoder(ALLOWED[CodecChoice.AUTO])
    used, payload = coder.code(data, pixel)
    assert used is Codec.ZSTD
    assert decode_slice(payload, used, len(data)) == data
    coder.close()


def test_a_coder_s_process_speaks_frames_of_bytes() -> None:
    """A request is a fixed head and the slice, an answer a codec, a length and the payload."""
    data, pixel = a_slice()
    answers = io.BytesIO()
    coding.serve(io.BytesIO(coding.request(data, pixel)), answers, ALLOWED[CodecChoice.AUTO])
    codec, length = struct.unpack_from(">BI", answers.getvalue())
    assert decode_slice(answers.getvalue()[5:], Codec(codec), len(data)) == data
    assert len(answers.getvalue()) == 5 + length
