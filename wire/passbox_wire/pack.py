"""The pack: unit of upload, sealing, storing and resuming.

docs/formats/pack.md is the same in words. A sealed pack is a clear header of 60 bytes, bound whole
into the seal, then one HPKE message. Inside are records: pieces of the inventory, of files, of the
manifest, or padding. A pack is only a carrier; identity inside is (transfer, kind, index, offset),
so a piece that came twice is one piece.
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
"""Sum of raw lengths in one pack without padding; more is a bomb, refused before it is decoded."""
MAX_END: Final = 2**40
"""No piece ends behind this offset: 1 TiB is the longest file there is."""


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
        """Return the 60 bytes of the header."""
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
    """One piece of an inventory part, a file or the manifest, whichever ``kind`` says, coded.

    ``data`` decodes to the ``raw_length`` bytes at ``offset`` of number ``index`` (the manifest's
    is 0). ``sha256`` is that of the whole part, file or manifest, on the piece that ends it, else
    None.
    """

    kind: Kind
    codec: Codec
    index: int
    offset: int
    raw_length: int
    data: bytes
    sha256: bytes | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a digest of another length: it would shift all that follows."""
        if self.sha256 is not None and len(self.sha256) != DIGEST_BYTES:
            raise ValueError(f"a digest has {DIGEST_BYTES} bytes")

    @property
    def encoded_length(self) -> int:
        """Bytes this record takes inside a pack."""
        return RECORD_BYTES + len(self.sha256 or b"") + len(self.data)


def parse_header(untrusted: bytes | memoryview) -> PackHeader:
    """Return the header of a sealed pack; raise Malformed for what this version does not know.

    Whether it is of the transfer, destination and number it came under is the caller's to compare.
    """
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
    reserved_used = hop_limit or flags or extension or reserved != b"\0\0"
    if reserved_used or message_class != MessageClass.DURABLE:
        raise Malformed("pack", "uses what is reserved")
    if suite != Suite.MLKEM768_X25519_HKDF_SHA256_AES256GCM:
        raise Malformed("pack", "sealed with an unknown suite")
    return PackHeader(key, DestinationId(destination.hex()), TransferId(transfer.hex()), number)


def encode_records(records: Iterable[Record]) -> bytes:
    """Return the plaintext of a pack. Raises TooLarge when it would pass MAX_PACK_BYTES."""
    plaintext = b"".join(_encode_record(record) for record in records)
    if len(plaintext) > MAX_PACK_BYTES:
        raise TooLarge("pack", "records do not fit")
    return plaintext


def padded(plaintext: bytes) -> bytes:
    """Return ``plaintext`` with one padding record: its length becomes a power of two.

    For packs that carry inventory or manifest: their length must not tell how much is on the disc.
    One that has no room for a record before MAX_PACK_BYTES stays as it is; it is full anyway.
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
        0 if record.sha256 is None else 1,
        0,
        record.index,
        record.offset,
        record.raw_length,
        len(record.data),
    )
    return head + (record.sha256 or b"") + record.data


def parse_records(untrusted: bytes) -> Iterator[Record]:
    """Yield the records of an opened pack one by one, padding left out.

    Anybody can seal, so nothing here is honest because it opened: raises Malformed for a record
    that is not whole or not known, TooLarge when the raw lengths pass MAX_DECODED_BYTES. Records
    before the bad one have been yielded by then. A small record may claim much: who decodes stays
    within what the inventory claimed of this file.
    """
    view = memoryview(untrusted)
    at = 0
    decoded = 0
    while at < len(view):
        record, at = _parse_record(view, at)
        if record.kind is Kind.PADDING:
            continue
        decoded += record.raw_length
        if decoded > MAX_DECODED_BYTES:
            raise TooLarge("pack", f"decodes to more than {MAX_DECODED_BYTES} bytes")
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
    if known_kind is Kind.PADDING and (known_codec is not Codec.STORED or final or index or offset):
        raise Malformed("record", "padding that says more than its length")
    if offset + raw_length > MAX_END:
        raise TooLarge("record", f"ends behind {MAX_END} bytes")
    data = bytes(view[at : at + length])
    return Record(known_kind, known_codec, index, offset, raw_length, data, sha256), at + length


def seal_pack(header: PackHeader, plaintext: bytes, sealer: Sealer) -> bytes:
    """Return the sealed pack: header, then the message bound to it."""
    clear = header.encode()
    return clear + sealer.seal(plaintext, PACK_INFO + clear)


def open_pack(untrusted: bytes, keys: Iterable[SealingPrivateKey]) -> tuple[PackHeader, bytes]:
    """Return header and plaintext of a sealed pack.

    Raises TooLarge, Malformed, WrongSealingKey when no key has the header's key id, SealBroken when
    it does not open.
    """
    if len(untrusted) > MAX_SEALED_BYTES:
        raise TooLarge("pack", f"longer than {MAX_SEALED_BYTES} bytes")
    header = parse_header(untrusted)
    for key in keys:
        if key.public_key.key_id == header.key_id:
            message = memoryview(untrusted)[HEADER_BYTES:]
            return header, key.open(message, PACK_INFO + untrusted[:HEADER_BYTES])
    raise WrongSealingKey(f"sealed to key {header.key_id.hex()}")
