import struct

import numpy as np
import pytest
import zstandard

from passbox_dicom.codec import best_encoding, can_code, decode_slice, encode_slice
from passbox_dicom.errors import CodecError
from passbox_dicom.pixels import PixelLayout
from passbox_wire.pack import Codec

ALL = {Codec.STORED, Codec.ZSTD, Codec.JPEGLS}
HEAD = b"head of the file" * 5
TAIL = b"after the pixels"


def layout(
    *, rows: int = 32, columns: int = 48, samples: int = 1, bits: int = 16, signed: bool = False,
    frames: int = 1, planar: bool = False, big_endian: bool = False,
) -> PixelLayout:  # fmt: skip
    """Return a layout of whole frames behind HEAD."""
    offset = len(HEAD)
    length = rows * columns * samples * frames * bits // 8
    return PixelLayout(
        offset, length, rows, columns, samples, bits, bits,
        signed=signed, frames=frames, planar=planar, big_endian=big_endian,
    )  # fmt: skip


def picture(about: PixelLayout, lowest: int = 0) -> bytes:
    """Return smooth pixel data between HEAD and TAIL, starting at ``lowest``."""
    count = about.length * 8 // about.bits_allocated
    values = lowest + (np.arange(count) // 7) % (200 if about.bits_allocated == 8 else 3000)
    kind = ("i" if about.signed else "u") + str(about.bits_allocated // 8)
    return HEAD + values.astype((">" if about.big_endian else "<") + kind).tobytes() + TAIL


@pytest.mark.parametrize(
    "about",
    [
        layout(),
        layout(bits=8),
        layout(frames=3),
        layout(samples=3, bits=8),
        layout(samples=3, bits=8, planar=True),
        layout(samples=3, bits=16),
        layout(big_endian=True),
        layout(rows=1, columns=4000),
        layout(rows=4000, columns=1),
    ],
)
def test_pixels_travel_as_jpegls_byte_for_byte(about: PixelLayout) -> None:
    """Every layout we code comes back as the bytes that went in."""
    data = picture(about)
    payload = encode_slice(data, about, Codec.JPEGLS)
    assert decode_slice(payload, Codec.JPEGLS, len(data)) == data


@pytest.mark.parametrize("lowest", [-2048, -32768, 29000])
def test_signed_pixels_are_shifted_and_come_back(lowest: int) -> None:
    """Signed samples, also padding far below, are coded with few bits and restored exactly."""
    about = layout(signed=True)
    data = picture(about, lowest)
    codec, payload = best_encoding(data, about, ALL)
    assert codec is Codec.JPEGLS
    assert len(payload) < 0.4 * len(data)
    assert decode_slice(payload, codec, len(data)) == data


def test_overlay_bits_above_the_pixels_survive() -> None:
    """Words that use all 16 bits though 12 are stored come back as they were."""
    about = layout()
    words = np.frombuffer(picture(about)[len(HEAD) : -len(TAIL)], "<u2") | np.uint16(0x8000)
    words[::3] &= np.uint16(0x0FFF)
    data = HEAD + words.tobytes() + TAIL
    codec, payload = best_encoding(data, about, ALL)
    assert decode_slice(payload, codec, len(data)) == data


def test_noise_is_stored() -> None:
    """What no codec makes smaller travels as it is."""
    noise = np.random.default_rng(1).bytes(4096)
    assert best_encoding(noise, None, ALL) == (Codec.STORED, noise)


def test_noise_in_the_pixels_falls_back() -> None:
    """JPEG-LS is not used where it does not help."""
    about = layout(bits=8)
    noise = np.random.default_rng(1).bytes(about.offset + about.length)
    assert best_encoding(noise, about, ALL)[0] is Codec.STORED


def test_only_allowed_codecs_are_used() -> None:
    """When the processor is the bottleneck the caller leaves JPEG-LS out."""
    about = layout()
    assert best_encoding(picture(about), about, {Codec.ZSTD})[0] is Codec.ZSTD
    assert best_encoding(picture(about), about, set())[0] is Codec.STORED


def test_layouts_jpegls_does_not_know_are_left_alone() -> None:
    """32 bit samples and two colours are for zstd."""
    assert not can_code(layout(bits=32))
    assert not can_code(layout(samples=2))
    with pytest.raises(CodecError):
        encode_slice(b"", layout(bits=32), Codec.JPEGLS)


def test_a_layout_beyond_the_slice_is_refused() -> None:
    """A slice without all its frames is not coded as if it had them."""
    with pytest.raises(CodecError):
        encode_slice(HEAD, layout(), Codec.JPEGLS)


def test_a_zstd_bomb_is_refused_before_it_is_inflated() -> None:
    """A payload that says another length than promised allocates nothing."""
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))
    with pytest.raises(CodecError):
        decode_slice(bomb, Codec.ZSTD, 100)


def test_a_zstd_stream_of_unknown_length_is_refused() -> None:
    """A frame that hides its length is not ours."""
    hidden = zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 100)
    with pytest.raises(CodecError):
        decode_slice(hidden, Codec.ZSTD, 100)


@pytest.mark.parametrize("codec", list(Codec))
def test_a_wrong_length_is_refused(codec: Codec) -> None:
    """A slice that is shorter or longer than promised is an error."""
    about = layout()
    data = picture(about)
    payload = encode_slice(data, about, codec)
    for length in (len(data) - 1, len(data) + 1, 2**40, -1):
        with pytest.raises(CodecError):
            decode_slice(payload, codec, length)


def test_a_codestream_that_claims_a_huge_picture_is_refused() -> None:
    """The size in a codestream must be that of the slice, or the decoder is not asked."""
    about = layout()
    data = picture(about)
    payload = bytearray(encode_slice(data, about, Codec.JPEGLS))
    at = payload.index(b"\xff\xd8\xff\xf7")
    payload[at + 7 : at + 11] = struct.pack(">HH", 65535, 65535)
    with pytest.raises(CodecError):
        decode_slice(bytes(payload), Codec.JPEGLS, len(data))


def test_damage_anywhere_is_an_error_or_other_bytes() -> None:
    """A damaged payload never does anything but raise CodecError or fail the hash."""
    about = layout(rows=8, columns=8)
    data = picture(about)
    payload = encode_slice(data, about, Codec.JPEGLS)
    for position in range(len(payload)):
        damaged = bytearray(payload)
        damaged[position] ^= 0xFF
        try:
            assert len(decode_slice(bytes(damaged), Codec.JPEGLS, len(data))) == len(data)
        except CodecError:
            continue
