"""Packs: records inside, header and seal outside."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed, SealBroken, TooLarge, WrongSealingKey
from passbox_wire.pack import (
    HEADER_BYTES,
    MAX_DECODED_BYTES,
    MAX_END,
    MAX_PACK_BYTES,
    MAX_SEALED_BYTES,
    RECORD_BYTES,
    Codec,
    Kind,
    MessageClass,
    PackHeader,
    Record,
    encode_records,
    open_pack,
    padded,
    parse_header,
    parse_records,
    seal_pack,
)
from passbox_wire.sealing import OVERHEAD_BYTES
from tests.builders.wire import (
    PlainSealer,
    a_destination_id,
    a_header,
    a_record,
    a_sealed_pack,
    a_sealing_key,
    a_signing_key,
    a_transfer_id,
)

SEEDED = settings(derandomize=True, max_examples=60, deadline=None, database=None)
KEY = a_sealing_key()
RECORD = struct.Struct(">BBBBIQII")


def raw_record(  # noqa: PLR0913 - one argument a field of the format
    *,
    kind: int = 2,
    codec: int = 0,
    final: int = 0,
    reserved: int = 0,
    index: int = 0,
    offset: int = 0,
    raw_length: int = 3,
    length: int = 3,
    rest: bytes = b"abc",
) -> bytes:
    """Return the bytes of a record, whatever they say."""
    return RECORD.pack(kind, codec, final, reserved, index, offset, raw_length, length) + rest


# The header


def test_a_header_is_sixty_bytes_as_the_page_has_them() -> None:
    """Every field stands at the offset docs/formats/pack.md gives it."""
    header = a_header(number=258)
    data = header.encode()
    assert len(data) == HEADER_BYTES == 60
    assert data[:8] == b"PASSBOX\x01"
    assert data[8:16] == bytes([1, 1, 0, 0, 0, 0, 0, 0])
    assert data[16:24] == KEY.public_key.key_id
    assert data[24:40].hex() == a_destination_id()
    assert data[40:56].hex() == a_transfer_id()
    assert data[56:] == b"\0\0\1\2"
    assert parse_header(data) == parse_header(memoryview(data + b"more")) == header


@pytest.mark.parametrize("at", range(16))
def test_what_a_header_reserves_is_refused(at: int) -> None:
    """Another magic, version, class, suite, hop limit, flag or extension is Malformed."""
    data = bytearray(a_header().encode())
    data[at] ^= 0x40
    with pytest.raises(Malformed):
        parse_header(bytes(data))


def test_the_class_that_is_reserved_is_not_yet_read() -> None:
    """A header of the exchange class is Malformed in this version."""
    header = PackHeader(bytes(8), a_destination_id(), a_transfer_id(), 0, MessageClass.EXCHANGE)
    with pytest.raises(Malformed):
        parse_header(header.encode())


@pytest.mark.parametrize("length", range(HEADER_BYTES))
def test_a_cut_header_is_refused(length: int) -> None:
    """Fewer than 60 bytes are Malformed."""
    with pytest.raises(Malformed):
        parse_header(a_header().encode()[:length])


@SEEDED
@given(
    st.binary(max_size=80) | st.binary(max_size=60).map(lambda rest: b"PASSBOX\x01\x01\x01" + rest)
)
def test_a_header_that_parses_says_the_same_again(data: bytes) -> None:
    """Any bytes are Malformed or encode to themselves."""
    try:
        header = parse_header(data)
    except Malformed:
        return
    assert header.encode() == data[:HEADER_BYTES]


# Records

RECORDS = st.builds(
    lambda kind, index, offset, data, final: Record(
        kind, Codec.STORED, index, offset, len(data), data, sha256(data) if final else None
    ),
    st.sampled_from([Kind.INVENTORY, Kind.FILE, Kind.MANIFEST]),
    st.integers(0, 2**32 - 1),
    st.integers(0, MAX_END - 100),
    st.binary(max_size=20),
    st.booleans(),
)


@SEEDED
@given(st.lists(RECORDS, max_size=5))
def test_records_survive_a_pack(records: list[Record]) -> None:
    """What was encoded is parsed, padded or not; encoded_length is what it takes."""
    plaintext = encode_records(records)
    assert len(plaintext) == sum(record.encoded_length for record in records)
    assert list(parse_records(plaintext)) == list(parse_records(padded(plaintext))) == records


@SEEDED
@given(
    st.binary(max_size=60)
    | st.lists(RECORDS, min_size=1, max_size=3).map(lambda records: encode_records(records)[:-1])
)
def test_strange_bytes_are_records_or_malformed(data: bytes) -> None:
    """Any bytes are Malformed or records that encode to themselves."""
    try:
        records = list(parse_records(data))
    except Malformed:
        return
    assert encode_records(records) == data


def test_every_cut_of_a_record_is_noticed() -> None:
    """A plaintext cut anywhere but between records is Malformed."""
    plaintext = encode_records([a_record(b"one", final=True), a_record(b"two")])
    first = a_record(b"one", final=True).encoded_length
    for length in set(range(1, len(plaintext))) - {first}:
        with pytest.raises(Malformed):
            list(parse_records(plaintext[:length]))


@pytest.mark.parametrize(
    "data",
    [
        raw_record(kind=4),
        raw_record(codec=3),
        raw_record(final=2),
        raw_record(reserved=1),
        raw_record(raw_length=4),
        raw_record(length=2**32 - 1),
        raw_record(final=1),
        raw_record(offset=MAX_END - 2),
        raw_record(offset=2**64 - 1),
        raw_record(kind=0, codec=1),
        raw_record(kind=0, index=1),
        raw_record(kind=0, offset=1),
        raw_record(kind=0, final=1, rest=bytes(32) + b"abc"),
        raw_record() + b"\0",
    ],
    ids=[
        "kind", "codec", "final", "reserved", "stored length", "longer than the pack", "no digest",
        "ends too far", "overflow", "coded padding", "padding index", "padding offset",
        "padding digest", "trailing byte",
    ],
)  # fmt: skip
def test_a_record_that_is_not_whole_or_not_known_is_refused(data: bytes) -> None:
    """Unknown numbers, lengths that lie, offsets beyond 1 TiB and talking padding are Malformed."""
    with pytest.raises(Malformed):
        list(parse_records(data))


@pytest.mark.parametrize("codec", [Codec.ZSTD, Codec.JPEGLS])
def test_a_bomb_is_refused_before_it_is_decoded(codec: Codec) -> None:
    """Records that say they decode to more than 64 MiB together are TooLarge."""
    fits = [a_record(b"x", codec=codec, raw_length=MAX_DECODED_BYTES - 1), a_record(b"y")]
    assert len(list(parse_records(encode_records(fits)))) == 2
    with pytest.raises(TooLarge):
        list(parse_records(encode_records([*fits, a_record(b"z")])))
    with pytest.raises(TooLarge):
        list(parse_records(encode_records([a_record(b"x", codec=codec, raw_length=2**32 - 1)])))


def test_padding_is_no_bomb() -> None:
    """Padding is not decoded, so it does not count: a full pack may still be padded."""
    full = [a_record(b"x", codec=Codec.ZSTD, raw_length=MAX_DECODED_BYTES)]
    assert list(parse_records(padded(encode_records(full)))) == full


@pytest.mark.parametrize(
    "length", [0, 1, 7, 8, 9, 1000, MAX_PACK_BYTES - 48, MAX_PACK_BYTES - 47, MAX_PACK_BYTES - 24]
)
def test_padding_hides_how_much_there_is(length: int) -> None:
    """A padded pack's length is a power of two, or it had no room for a padding record."""
    plaintext = encode_records([a_record(bytes(length))])
    size = len(padded(plaintext))
    full = len(plaintext) > MAX_PACK_BYTES - RECORD_BYTES
    assert size == len(plaintext) if full else size.bit_count() == 1
    assert size <= MAX_PACK_BYTES


def test_records_that_do_not_fit_are_our_mistake_to_notice() -> None:
    """More than 8 MiB of records are TooLarge; a digest of another length is no record."""
    with pytest.raises(TooLarge):
        encode_records([a_record(bytes(MAX_PACK_BYTES))])
    with pytest.raises(ValueError, match="32 bytes"):
        Record(Kind.FILE, Codec.STORED, 0, 0, 0, b"", b"short")


# The seal

SEALED = a_sealed_pack()


def test_a_sealed_pack_opens_with_its_key() -> None:
    """Header and records come out as they went in, with any of several keys held."""
    header, plaintext = open_pack(SEALED, [a_sealing_key("older"), KEY])
    assert header == a_header()
    assert list(parse_records(plaintext)) == [a_record(final=True)]
    assert len(SEALED) == HEADER_BYTES + len(plaintext) + OVERHEAD_BYTES


def test_a_pack_sealed_twice_looks_different() -> None:
    """Sealing is random: equal packs cannot be told to be equal."""
    assert a_sealed_pack()[HEADER_BYTES:] != a_sealed_pack()[HEADER_BYTES:]


@pytest.mark.parametrize("part", range(4))
def test_every_truncation_is_noticed(part: int) -> None:
    """A pack cut to any length does not open."""
    for length in range(part, len(SEALED), 4):
        with pytest.raises((Malformed, SealBroken)):
            open_pack(SEALED[:length], [KEY])


def test_a_longer_pack_does_not_open() -> None:
    """One byte more is SealBroken; more than the largest pack is TooLarge before it is opened."""
    with pytest.raises(SealBroken):
        open_pack(SEALED + b"\0", [KEY])
    with pytest.raises(TooLarge):
        open_pack(SEALED + bytes(MAX_SEALED_BYTES), [KEY])


@pytest.mark.parametrize(
    "at",
    [0, 9, 24, 40, 59, *range(60, 60 + OVERHEAD_BYTES, 101), len(SEALED) - 17, len(SEALED) - 1],
)
def test_every_flipped_bit_is_noticed(at: int) -> None:
    """A bit changed in header, lattice ciphertext, X25519 share, text or tag: nothing opens."""
    for bit in range(8):
        altered = bytearray(SEALED)
        altered[at] ^= 1 << bit
        with pytest.raises((Malformed, SealBroken)):
            open_pack(bytes(altered), [KEY])


def test_a_pack_does_not_open_under_another_header() -> None:
    """The header is bound whole: no transfer, destination or number can be put in front."""
    other = a_transfer_id(a_signing_key("another transfer"))
    for header in (
        a_header(transfer=other),
        a_header(number=1),
        a_header(destination=a_destination_id("surgery")),
    ):
        with pytest.raises(SealBroken):
            open_pack(header.encode() + SEALED[HEADER_BYTES:], [KEY])


def test_a_pack_for_another_key_is_said_to_be_one() -> None:
    """A key id that we do not hold is WrongSealingKey; a lying key id is SealBroken."""
    with pytest.raises(WrongSealingKey):
        open_pack(SEALED, [a_sealing_key("older")])
    with pytest.raises(WrongSealingKey):
        open_pack(SEALED, [])
    lying = seal_pack(a_header(), b"", a_sealing_key("older").public_key)
    with pytest.raises(SealBroken):
        open_pack(lying, [KEY])


def test_a_message_bound_to_another_purpose_is_no_pack() -> None:
    """The same key opens nothing that was sealed with other info, a report for example."""
    message = KEY.public_key.seal(b"text", b"passbox/v1/report\n" + a_header().encode())
    with pytest.raises(SealBroken):
        open_pack(a_header().encode() + message, [KEY])


def test_a_low_order_share_does_not_open() -> None:
    """A message whose X25519 share is the zero point is SealBroken, not another error."""
    share = HEADER_BYTES + 1088
    altered = SEALED[:share] + bytes(32) + SEALED[share + 32 :]
    with pytest.raises(SealBroken):
        open_pack(altered, [KEY])


def test_the_sealer_is_a_seam() -> None:
    """A test may hand in a sealer that does not seal, and then sees its plaintext."""
    assert a_record().data in seal_pack(a_header(), encode_records([a_record()]), PlainSealer())
