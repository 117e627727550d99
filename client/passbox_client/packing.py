"""From files to packs, as pure rules: where a file is cut, what shares a pack, when it is full.

The rule: cuts depend on the file alone (its size and pixel layout), so a second pass over the same
medium cuts the same slices and what is held already is recognised. Documents (inventory, manifest)
never share a pack with files, and are padded so that their length tells little.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from passbox_dicom.pixels import PixelLayout
from passbox_wire.digests import DIGEST_BYTES, sha256
from passbox_wire.pack import (
    MAX_DECODED_BYTES,
    MAX_PACK_BYTES,
    RECORD_BYTES,
    Codec,
    Kind,
    Record,
    encode_records,
    padded,
)

SLICE_BYTES: Final = 4 * 1024 * 1024
"""What a slice aims at: fits in a pack even when coding finds nothing."""
MAX_FRAME_BYTES: Final = 32 * 1024 * 1024
"""Frames up to this size are kept whole for JPEG-LS; larger ones are cut like any bytes."""
MAX_RECORDS: Final = 8_000
"""In one pack: keeps the journal's line for it short."""
_RECORD_HEAD: Final = RECORD_BYTES + DIGEST_BYTES


@dataclass(frozen=True, slots=True)
class Cut:
    """Bytes [start, stop) of a file; ``pixel``: the whole frames inside, relative to ``start``."""

    start: int
    stop: int
    pixel: PixelLayout | None


def cuts(size: int, pixel: PixelLayout | None) -> Iterator[Cut]:
    """Yield the slices of a file of ``size`` bytes, in order, without gaps, also if empty."""
    frames = pixel if pixel and pixel.offset + pixel.length <= size else None
    if size <= SLICE_BYTES:
        yield Cut(0, size, frames)
    elif frames is None or not 0 < frames.frame_bytes <= MAX_FRAME_BYTES:
        yield from _plain(0, size)
    else:
        yield from _by_frames(size, frames)


def _plain(start: int, stop: int) -> Iterator[Cut]:
    for at in range(start, stop, SLICE_BYTES):
        yield Cut(at, min(at + SLICE_BYTES, stop), None)


def _by_frames(size: int, pixel: PixelLayout) -> Iterator[Cut]:
    step = max(1, SLICE_BYTES // pixel.frame_bytes) * pixel.frame_bytes
    end = pixel.offset + pixel.length
    yield from _plain(0, pixel.offset)
    for at in range(pixel.offset, end, step):
        stop = min(at + step, end)
        yield Cut(at, stop, pixel.within(at, stop))
    yield from _plain(end, size)


@dataclass(frozen=True, slots=True)
class Coded:
    """A piece of a slice, coded: ``raw_length`` bytes at ``delta`` from the slice's start."""

    delta: int
    raw_length: int
    codec: Codec
    payload: bytes


def fitting(
    data: bytes,
    coded: tuple[Codec, bytes],
    plainly: Callable[[bytes], tuple[Codec, bytes]],
) -> list[Coded]:
    """Return a coded slice as pieces that fit in a pack.

    A large frame that JPEG-LS did not shrink enough is cut, each piece coded by ``plainly``.
    """
    codec, payload = coded
    if len(payload) + _RECORD_HEAD <= MAX_PACK_BYTES:
        return [Coded(0, len(data), codec, payload)]
    pieces = []
    for at in range(0, len(data), SLICE_BYTES):
        piece = data[at : at + SLICE_BYTES]
        pieces.append(Coded(at, len(piece), *plainly(piece)))
    return pieces


@dataclass(slots=True)
class PackBuilder:
    """Records of files on their way into one pack."""

    records: list[Record] = field(default_factory=list)
    encoded: int = 0
    decoded: int = 0

    def takes(self, record: Record) -> bool:
        """Return whether the record still fits by every bound of the contract."""
        return (
            self.encoded + record.encoded_length <= MAX_PACK_BYTES
            and self.decoded + record.raw_length <= MAX_DECODED_BYTES
            and len(self.records) < MAX_RECORDS
        )

    def add(self, record: Record) -> None:
        """Take a record that fits."""
        self.records.append(record)
        self.encoded += record.encoded_length
        self.decoded += record.raw_length

    def empty(self) -> list[Record]:
        """Return what was gathered and start anew."""
        records, self.records = self.records, []
        self.encoded = self.decoded = 0
        return records


def document_records(
    kind: Kind, index: int, document: bytes, pack: Callable[[bytes], tuple[Codec, bytes]]
) -> Iterator[Record]:
    """Yield the records of an inventory part or manifest, one for each pack of its own."""
    digest = sha256(document)
    for at in range(0, len(document), SLICE_BYTES):
        piece = document[at : at + SLICE_BYTES]
        codec, payload = pack(piece)
        final = digest if at + SLICE_BYTES >= len(document) else None
        yield Record(kind, codec, index, at, len(piece), payload, final)


def document_plaintext(record: Record) -> bytes:
    """Return the padded plaintext of a pack that carries one record of a document."""
    return padded(encode_records([record]))
