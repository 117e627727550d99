"""The pack: unit of upload, sealing, storing and resuming. docs/formats/pack.md is the same in words.

A sealed pack is a clear header of 56 bytes, bound whole into the seal, then one HPKE message. Inside
are records: pieces of the inventory, of files, of the manifest, or padding. A pack is only a carrier;
identity inside is (transfer, kind, index, offset), so a piece that came twice is one piece.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from passbox_wire.digests import DIGEST_BYTES, KEY_ID_BYTES
from passbox_wire.errors import Malformed, TooLarge, WrongSealingKey
from passbox_wire.ids import ID_BYTES, DestinationId, TransferId
from passbox_wire.sealing import OVERHEAD_BYTES, PACK_INFO, Sealer, SealingPrivateKey, Suite

MAGIC: Final = b"PASSBOX\x01"
_HEADER: Final = struct.Struct(f">8sBBBBH2s{KEY_ID_BYTES}s{ID_BYTES}s{ID_BYTES}sI")
HEADER_BYTES: Final = _HEADER.size
_RECORD: Final = struct.Struct(">BBBBIQII")
RECORD_BYTES: Final = _RECORD.size

MIN_PACK_BYTES: Final = 256 * 1024
MAX_PACK_BYTES: Final = 8 * 1024 * 1024
"""Bounds of a pack's plaintext the client aims at; a smaller last pack is fine."""
MAX_SEALED_BYTES: Final = HEADER_BYTES + MAX_PACK_BYTES + OVERHEAD_BYTES
"""Nothing larger is accepted by anybody."""
MAX_DECODED_BYTES: Final = 64 * 1024 * 1024
"""Sum of raw lengths in one pack; more is a bomb and refused before a byte is decoded."""


class MessageClass(IntEnum):
    """How the box treats a message; only DURABLE exists yet, the other number is reserved."""

    DURABLE = 1
    EXCHANGE = 2


class Kind(IntEnum):
    """What a record carries a piece of."""

    PADDING = 0
    INVENTORY = 1
    FILE = 2
    MANIFEST = 3


class Codec(IntEnum):
    """How a record's data are coded."""

    STORED = 0
    ZSTD = 1
    JPEGLS = 2


@dataclass(frozen=True, slots=True)
class PackHeader:
    """What the DMZ sees of a pack beside its length."""

    key_id: bytes
    destination: DestinationId
    transfer: TransferId
    number: int
    message_class: MessageClass = MessageClass.DURABLE
    suite: Suite = Suite.MLKEM768_X25519_HKDF_SHA256_AES256GCM
    hop_limit: int = 0

    def encode(self) -> bytes:
        """Return the 56 bytes of the header."""
        return _HEADER.pack(
            MAGIC,
            self.message_class,
            self.suite,
            self.hop_limit,
            0,
            0,
            b"\0\0",
            self.key_id,
            bytes.fromhex(self.destination),
            bytes.fromhex(self.transfer),
            self.number,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One piece: ``data`` are ``raw_length`` bytes at ``offset`` of inventory part, file or manifest ``index``, coded.

    ``sha256`` is that of the whole inventory part, file or manifest and stands where it ends, else None.
    """

    kind: Kind
    codec: Codec
    index: int
    offset: int
    raw_length: int
    data: bytes
    sha256: bytes | None = None

    @property
    def encoded_length(self) -> int:
        """Bytes this record takes inside a pack."""
        return RECORD_BYTES + (DIGEST_BYTES if self.sha256 else 0) + len(self.data)


def parse_header(untrusted: bytes | memoryview) -> PackHeader:
    """Return the header of a sealed pack; raise Malformed for anything this version does not know."""
    if len(untrusted) < HEADER_BYTES:
        raise Malformed("pack", "shorter than its header")
    (
        magic,
        message_class,
        suite,
        hop_limit,
        flags,
        extension,
        reserved,
        key,
        destination,
        transfer,
        number,
    ) = _HEADER.unpack(bytes(untrusted[:HEADER_BYTES]))
    if magic != MAGIC:
        raise Malformed("pack", "not a pack of this version")
    if flags or extension or reserved != b"\0\0" or message_class != MessageClass.DURABLE:
        raise Malformed("pack", "uses what is reserved")
    if suite != Suite.MLKEM768_X25519_HKDF_SHA256_AES256GCM:
        raise Malformed("pack", "sealed with an unknown suite")
    return PackHeader(
        key,
        DestinationId(destination.hex()),
        TransferId(transfer.hex()),
        number,
        hop_limit=hop_limit,
    )


def encode_records(records: Iterable[Record]) -> bytes:
    """Return the plaintext of a pack. Raises TooLarge when it would pass MAX_PACK_BYTES."""
    plaintext = b"".join(_encode_record(record) for record in records)
    if len(plaintext) > MAX_PACK_BYTES:
        raise TooLarge("pack", "records do not fit")
    return plaintext


def padded(plaintext: bytes) -> bytes:
    """Return ``plaintext`` with one padding record, so that its length is a power of two (at most MAX_PACK_BYTES).

    For packs that carry inventory or manifest: their length must not tell how much is on the disc.
    """
    least = len(plaintext) + RECORD_BYTES
    size = min(1 << (least - 1).bit_length(), MAX_PACK_BYTES)
    if size < least:
        return plaintext
    empty = b"\0" * (size - least)
    return plaintext + _encode_record(Record(Kind.PADDING, Codec.STORED, 0, 0, len(empty), empty))


def _encode_record(record: Record) -> bytes:
    head = _RECORD.pack(
        record.kind,
        record.codec,
        1 if record.sha256 else 0,
        0,
        record.index,
        record.offset,
        record.raw_length,
        len(record.data),
    )
    return head + (record.sha256 or b"") + record.data


def parse_records(untrusted: bytes) -> Iterator[Record]:
    """Yield the records of an opened pack, padding left out.

    The seal proves who could have made it, not that he is honest: raises Malformed for a record that
    is not whole or not known, TooLarge when the raw lengths pass MAX_DECODED_BYTES.
    """
    view = memoryview(untrusted)
    at = 0
    decoded = 0
    while at < len(view):
        record, at = _parse_record(view, at)
        decoded += record.raw_length
        if decoded > MAX_DECODED_BYTES:
            raise TooLarge("pack", f"decodes to more than {MAX_DECODED_BYTES} bytes")
        if record.kind is not Kind.PADDING:
            yield record


def _parse_record(view: memoryview, at: int) -> tuple[Record, int]:
    if len(view) - at < RECORD_BYTES:
        raise Malformed("record", "cut off")
    kind, codec, final, reserved, index, offset, raw_length, length = _RECORD.unpack_from(view, at)
    at += RECORD_BYTES
    digest_length = DIGEST_BYTES if final else 0
    if final > 1 or reserved or len(view) - at < digest_length + length:
        raise Malformed("record", "cut off or uses what is reserved")
    try:
        known_kind, known_codec = Kind(kind), Codec(codec)
    except ValueError as error:
        raise Malformed("record", "of an unknown kind or codec") from error
    sha256 = bytes(view[at : at + digest_length]) if final else None
    at += digest_length
    if known_codec is Codec.STORED and length != raw_length:
        raise Malformed("record", "stored data of another length")
    data = bytes(view[at : at + length])
    return Record(known_kind, known_codec, index, offset, raw_length, data, sha256), at + length


def seal_pack(header: PackHeader, plaintext: bytes, sealer: Sealer) -> bytes:
    """Return the sealed pack: header, then the message bound to it."""
    clear = header.encode()
    return clear + sealer.seal(plaintext, PACK_INFO + clear)


def open_pack(untrusted: bytes, keys: Iterable[SealingPrivateKey]) -> tuple[PackHeader, bytes]:
    """Return header and plaintext of a sealed pack.

    Raises Malformed, WrongSealingKey when no key has the header's key id, SealBroken when it does not open.
    """
    header = parse_header(untrusted)
    for key in keys:
        if key.public_key.key_id == header.key_id:
            message = memoryview(untrusted)[HEADER_BYTES:]
            return header, key.open(message, PACK_INFO + untrusted[:HEADER_BYTES])
    raise WrongSealingKey(f"sealed to key {header.key_id.hex()}")
