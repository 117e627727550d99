"""How a slice of a file travels: stored, zstd, or with its native pixel data as JPEG-LS.

Rule it keeps: decoding gives back the bytes that went in, proved before a JPEG-LS slice is handed
out; and no decoder allocates more than the promised length. Decoding foreign slices belongs into a
worker. The JPEG-LS payload is described in docs/formats/jpegls-slice.md.
"""

import struct
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import jpeg_ls
import numpy as np
import numpy.typing as npt
import zstandard

from passbox_dicom.errors import CodecError
from passbox_dicom.pixels import PixelLayout
from passbox_wire.pack import Codec

MAX_RAW_BYTES: Final = 64 * 1024 * 1024
"""Of one slice; a decoded pack is at most as large."""

_VERSION: Final = 1
_ZSTD_LEVEL: Final = 3
_BORDER_ZSTD_LEVEL: Final = 9  # the few kilobytes around the pixels: headers that are alike
_HEAD: Final = struct.Struct(">BBBBHHIIIII")
_FRAME: Final = struct.Struct(">HBBI")
_FLAG_SIGNED: Final = 1
_FLAG_BIG_ENDIAN: Final = 2
_COLOURS: Final = 3
_BYTE: Final = 8
_WORD: Final = 16
_BY_PIXEL: Final = 2
_GREY: Final = 0
_LEAST_BITS: Final = 2  # the smallest precision JPEG-LS knows (ISO/IEC 14495-1 C.2.2)
_POOR_RATIO: Final = 0.6  # above this JPEG-LS found little, and zstd is asked too

_START_OF_FRAME: Final = struct.Struct(">HHHBHHB")
_SOI: Final = 0xFFD8
_SOF55: Final = 0xFFF7

_Words = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class _Geometry:
    """Of one coded frame: rows, columns, samples by pixel, bytes of a sample."""

    rows: int
    columns: int
    samples: int
    width: int

    @property
    def frame_bytes(self) -> int:
        return self.rows * self.columns * self.samples * self.width


def best_encoding(
    data: bytes, layout: PixelLayout | None, allowed: AbstractSet[Codec]
) -> tuple[Codec, bytes]:
    """Return the densest of the ``allowed`` codecs that gives ``data`` back, and the payload.

    ``layout`` describes the whole frames inside ``data``, with offsets from its start; None means
    no pixels are known. STORED is always allowed.
    """
    best = (Codec.STORED, data)
    if Codec.JPEGLS in allowed and layout is not None and can_code(layout):
        best = _smaller(best, Codec.JPEGLS, _proved(data, layout))
    if Codec.ZSTD in allowed and len(best[1]) > _POOR_RATIO * len(data):
        best = _smaller(best, Codec.ZSTD, _pack(data, _ZSTD_LEVEL))
    return best


def can_code(layout: PixelLayout) -> bool:
    """Return whether JPEG-LS can be tried: 8 or 16 bits allocated, 1 or 3 samples."""
    return layout.bits_allocated in {_BYTE, _WORD} and layout.samples in {1, _COLOURS}


def _smaller(best: tuple[Codec, bytes], codec: Codec, payload: bytes | None) -> tuple[Codec, bytes]:
    return best if payload is None or len(payload) >= len(best[1]) else (codec, payload)


def _proved(data: bytes, layout: PixelLayout) -> bytes | None:
    """Return the JPEG-LS payload, None unless it gives the same bytes back."""
    try:
        payload = encode_slice(data, layout, Codec.JPEGLS)
        return payload if decode_slice(payload, Codec.JPEGLS, len(data)) == data else None
    except CodecError:
        return None


def encode_slice(data: bytes, layout: PixelLayout | None, codec: Codec) -> bytes:
    """Return ``data`` coded; ``layout`` is needed for JPEGLS only, relative to ``data``.

    Raises:
        CodecError: JPEGLS cannot code this layout.

    """
    if codec is Codec.STORED:
        return data
    if codec is Codec.ZSTD:
        return _pack(data, _ZSTD_LEVEL)
    if layout is None or not can_code(layout) or layout.offset + layout.length > len(data):
        raise CodecError("no pixel data that JPEG-LS can code")
    return _encode_frames(data, layout)


def decode_slice(payload: bytes, codec: Codec, raw_length: int) -> bytes:
    """Return the ``raw_length`` bytes that ``payload`` stands for.

    Raises:
        CodecError: damaged, or not of that length; nothing larger is ever allocated.

    """
    if not 0 <= raw_length <= MAX_RAW_BYTES:
        raise CodecError("a slice longer than any we send")
    if codec is Codec.STORED:
        if len(payload) != raw_length:
            raise CodecError("a stored slice of another length")
        return payload
    if codec is Codec.ZSTD:
        return _unpack(payload, raw_length)
    return _decode_frames(payload, raw_length)


def _pack(data: bytes, level: int) -> bytes:
    return zstandard.ZstdCompressor(level=level).compress(data)


def _unpack(payload: bytes, raw_length: int) -> bytes:
    """Inflate one zstd frame; the library allocates what it says, so that is checked first."""
    try:
        said = zstandard.get_frame_parameters(payload)
        if said.content_size != raw_length:
            raise CodecError("a zstd slice of another length")
        data = zstandard.ZstdDecompressor(max_window_size=MAX_RAW_BYTES).decompress(
            payload, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise CodecError("a damaged zstd slice") from error
    if len(data) != raw_length:
        raise CodecError("a zstd slice of another length")
    return data


def _encode_frames(data: bytes, layout: PixelLayout) -> bytes:
    by_plane = layout.planar and layout.samples == _COLOURS
    geometry = _Geometry(
        rows=layout.rows,
        columns=layout.columns,
        samples=1 if by_plane else layout.samples,
        width=layout.bits_allocated // _BYTE,
    )
    count = layout.frames * (layout.samples if by_plane else 1)
    signed = layout.signed and geometry.width > 1
    end = layout.offset + layout.length
    if count * geometry.frame_bytes != layout.length:
        raise CodecError("frames and length disagree")
    before = _pack(data[: layout.offset], _BORDER_ZSTD_LEVEL)
    after = _pack(data[end:], _BORDER_ZSTD_LEVEL)
    parts = [
        _HEAD.pack(
            _VERSION,
            signed * _FLAG_SIGNED | layout.big_endian * _FLAG_BIG_ENDIAN,
            geometry.samples,
            geometry.width,
            geometry.rows,
            geometry.columns,
            count,
            layout.offset,
            len(before),
            len(data) - end,
            len(after),
        ),
        before,
        after,
    ]
    for start in range(layout.offset, end, geometry.frame_bytes):
        frame = data[start : start + geometry.frame_bytes]
        parts += _encode_frame(frame, geometry, signed=signed, big_endian=layout.big_endian)
    return b"".join(parts)


def _encode_frame(
    frame: bytes, geometry: _Geometry, *, signed: bool, big_endian: bool
) -> tuple[bytes, bytes]:
    """Return the frame's head and codestream; samples are shifted so that the smallest is 0."""
    bias, bits = 0, _BYTE
    if geometry.width > 1:
        samples = np.frombuffer(frame, ">i2" if big_endian else "<i2")
        samples = samples if signed else samples.view(samples.dtype.str.replace("i", "u"))
        bias = int(samples.min())
        shifted = (samples.astype(np.int32) - bias).astype("<u2")
        bits = max(_LEAST_BITS, int(shifted.max()).bit_length())
        frame = shifted.tobytes() if bits > _BYTE else shifted.astype(np.uint8).tobytes()
    stream = _jpegls(frame, geometry, bits)
    return _FRAME.pack(bias & 0xFFFF, bits, 0, len(stream)), stream


def _jpegls(frame: bytes, geometry: _Geometry, bits: int) -> bytes:
    try:
        return bytes(
            jpeg_ls.encode_buffer(
                frame,
                geometry.rows,
                geometry.columns,
                geometry.samples,
                bits,
                interleave_mode=_GREY if geometry.samples == 1 else _BY_PIXEL,
            )
        )
    except (RuntimeError, ValueError) as error:
        raise CodecError("JPEG-LS refused the frame") from error


def _decode_frames(payload: bytes, raw_length: int) -> bytes:
    """Put a slice together again; every length is checked against ``raw_length`` before use."""
    if len(payload) < _HEAD.size:
        raise CodecError("a JPEG-LS slice cut short")
    (
        version, flags, samples, width, rows, columns, count,
        before_raw, before_packed, after_raw, after_packed,
    ) = _HEAD.unpack_from(payload)  # fmt: skip
    geometry = _Geometry(rows, columns, samples, width)
    if version != _VERSION or samples not in {1, _COLOURS} or width not in {1, 2}:
        raise CodecError("a JPEG-LS slice of an unknown kind")
    if (
        before_raw + count * geometry.frame_bytes + after_raw != raw_length
        or not geometry.frame_bytes
    ):
        raise CodecError("a JPEG-LS slice of another length")
    middle = _HEAD.size + before_packed
    position = middle + after_packed
    parts = [_unpack(payload[_HEAD.size : middle], before_raw)]
    for _ in range(count):
        if len(payload) < position + _FRAME.size:
            raise CodecError("a JPEG-LS slice cut short")
        bias, bits, _reserved, length = _FRAME.unpack_from(payload, position)
        position += _FRAME.size
        stream = payload[position : position + length]
        position += length
        parts.append(_decode_frame(stream, geometry, bits, bias, flags))
    if position != len(payload):
        raise CodecError("a JPEG-LS slice with something behind it")
    parts.append(_unpack(payload[middle : middle + after_packed], after_raw))
    return b"".join(parts)


def _decode_frame(stream: bytes, geometry: _Geometry, bits: int, bias: int, flags: int) -> bytes:
    samples = np.frombuffer(_pixels(stream, geometry, bits), "u1" if bits <= _BYTE else "<u2")
    if samples.size * geometry.width != geometry.frame_bytes:
        raise CodecError("a JPEG-LS frame of another size")
    if geometry.width == 1:
        return samples.tobytes()
    words: _Words = samples.astype(np.uint16) + np.uint16(bias)  # modulo 2**16, also for signed
    return words.astype(">u2" if flags & _FLAG_BIG_ENDIAN else "<u2").tobytes()


def _pixels(stream: bytes, geometry: _Geometry, bits: int) -> bytes:
    """Decode one codestream after checking that it says what the slice's head says.

    The decoder allocates what the codestream's frame header says (ISO/IEC 14495-1 C.2.2), and our
    encoder writes that header first: anything else is not from us.
    """
    if len(stream) < _START_OF_FRAME.size:
        raise CodecError("a JPEG-LS frame cut short")
    soi, sof, _length, precision, rows, columns, samples = _START_OF_FRAME.unpack_from(stream)
    said = _Geometry(rows, columns, samples, geometry.width)
    if (soi, sof, precision, said) != (_SOI, _SOF55, bits, geometry):
        raise CodecError("a JPEG-LS frame that contradicts its slice")
    try:
        return bytes(jpeg_ls.decode_buffer(stream)[0])
    except (RuntimeError, ValueError) as error:
        raise CodecError("a damaged JPEG-LS frame") from error
