"""Where files are cut, what shares a pack, when a pack is full."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from passbox_client.coding import plainly
from passbox_client.packing import (
    MAX_FRAME_BYTES,
    SLICE_BYTES,
    PackBuilder,
    cuts,
    document_plaintext,
    document_records,
    fitting,
)
from passbox_dicom.codec import decode_slice
from passbox_dicom.pixels import PixelLayout
from passbox_wire.digests import sha256
from passbox_wire.pack import (
    MAX_DECODED_BYTES,
    MAX_PACK_BYTES,
    Codec,
    Kind,
    parse_records,
)
from tests.builders.wire import a_record


def a_layout(*, offset: int = 1000, side: int = 512, frames: int = 1) -> PixelLayout:
    """Return frames of ``side`` x ``side`` pixels of 16 bits."""
    return PixelLayout(
        offset=offset,
        length=side * side * 2 * frames,
        rows=side,
        columns=side,
        samples=1,
        bits_allocated=16,
        bits_stored=12,
        signed=False,
        frames=frames,
        planar=False,
    )


@given(
    size=st.integers(0, 40 * 1024 * 1024),
    offset=st.integers(0, 9 * 1024 * 1024),
    frames=st.integers(0, 60),
)
def test_cuts_cover_a_file_without_gaps(size: int, offset: int, frames: int) -> None:
    """Slices follow each other from the first byte to the last, whatever the pixel layout says."""
    pixel = a_layout(offset=offset, frames=frames) if frames else None
    pieces = list(cuts(size, pixel))
    assert pieces[0].start == 0
    assert pieces[-1].stop == size
    assert all(a.stop == b.start for a, b in pairwise(pieces))


def test_a_large_multi_frame_is_cut_between_frames() -> None:
    """Each slice of the pixels holds whole frames and says where they are."""
    pixel = a_layout(frames=20)
    size = pixel.offset + pixel.length + 10
    pieces = list(cuts(size, pixel))
    framed = [piece.pixel for piece in pieces if piece.pixel]
    assert sum(layout.frames for layout in framed) == 20
    assert all(layout.offset == 0 for layout in framed)
    assert all(piece.stop - piece.start <= SLICE_BYTES for piece in pieces)


def test_frames_too_large_to_code_are_cut_as_bytes() -> None:
    """A frame beyond the limit is cut like any bytes: memory stays bounded."""
    pixel = a_layout(offset=0, side=5000, frames=1)
    assert pixel.frame_bytes > MAX_FRAME_BYTES
    assert all(piece.pixel is None for piece in cuts(pixel.length, pixel))


def test_a_layout_beyond_the_file_is_not_believed() -> None:
    """A header that promises more pixels than the file has does not change the cuts."""
    assert [c.pixel for c in cuts(2000, a_layout())] == [None]


def test_a_frame_that_does_not_shrink_is_cut_to_fit() -> None:
    """Coded data too large for a pack go as pieces, each of which fits and gives its bytes back."""
    data = bytes(range(256)) * (36 * 1024)
    pieces = fitting(data, (Codec.JPEGLS, data), plainly)
    assert all(len(piece.payload) < MAX_PACK_BYTES for piece in pieces)
    restored = [decode_slice(p.payload, p.codec, p.raw_length) for p in pieces]
    assert b"".join(restored) == data
    assert [piece.delta for piece in pieces] == [0, SLICE_BYTES, 2 * SLICE_BYTES]


def test_a_pack_takes_what_the_contract_takes() -> None:
    """A record that would pass the bound of a pack, or of what it decodes to, does not fit."""
    builder = PackBuilder()
    builder.add(a_record(bytes(MAX_PACK_BYTES // 2)))
    assert not builder.takes(a_record(bytes(MAX_PACK_BYTES // 2)))
    assert not builder.takes(a_record(b"", codec=Codec.ZSTD, raw_length=MAX_DECODED_BYTES))
    assert builder.takes(a_record(b"small"))
    assert len(builder.empty()) == 1
    assert builder.encoded == builder.decoded == 0


def test_a_document_travels_alone_and_padded() -> None:
    """Each pack of a document is one record padded to a power of two; all give it back."""
    document = b"".join(f'"{n}",'.encode() for n in range(1_200_000))
    records = list(document_records(Kind.INVENTORY, 0, document, plainly))
    assert len(records) == 3
    plain = [document_plaintext(record) for record in records]
    assert all(len(text).bit_count() == 1 for text in plain)
    opened = [record for text in plain for record in parse_records(text)]
    assert opened == records
    assert b"".join(decode_slice(r.data, r.codec, r.raw_length) for r in opened) == document
    assert [r.sha256 for r in opened] == [None, None, sha256(document)]
