"""DICOM files made byte by byte, so that they can be as wrong as a test needs them."""

import struct
import zlib
from collections.abc import Iterable

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
DIRECTORY = "1.2.840.10008.1.3.10"
UNDEFINED = 0xFFFFFFFF

_LONG = {b"OB", b"OW", b"SQ", b"UN", b"UT"}
Values = dict[int, tuple[bytes, bytes]]


def element(
    tag: int, vr: bytes, value: bytes, *, length: int | None = None, syntax: str = EXPLICIT_LITTLE
) -> bytes:
    """Return one element; ``length`` overrides what the value really has."""
    order = ">" if syntax == EXPLICIT_BIG else "<"
    said = len(value) if length is None else length
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if syntax == IMPLICIT_LITTLE:
        return head + struct.pack("<I", said) + value
    if vr in _LONG:
        return head + vr + b"\0\0" + struct.pack(order + "I", said) + value
    return head + vr + struct.pack(order + "H", said) + value


def item(content: bytes, *, undefined: bool = False) -> bytes:
    """Return a sequence item, ended by a delimiter when ``undefined``."""
    if undefined:
        return (
            struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
            + content
            + struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
        )
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def text(value: str, encoding: str = "ascii") -> bytes:
    """Return a text value padded to an even length."""
    raw = value.encode(encoding)
    return raw + b" " * (len(raw) % 2)


def uid(value: str) -> bytes:
    """Return a UID padded to an even length."""
    raw = value.encode("ascii")
    return raw + b"\0" * (len(raw) % 2)


def short(number: int, syntax: str = EXPLICIT_LITTLE) -> bytes:
    """Return an unsigned short in the byte order of the syntax."""
    return struct.pack(">H" if syntax == EXPLICIT_BIG else "<H", number)


def facts(  # noqa: PLR0913  # a builder: one default for each thing a test may want otherwise
    *,
    patient: bytes = b"Doe^Jane",
    instance: str = "1.2.3.4.5",
    sop_class: str = CT_IMAGE,
    rows: int = 4,
    columns: int = 4,
    bits: int = 16,
    samples: int = 1,
    frames: int = 1,
    signed: bool = False,
    charset: str = "",
    syntax: str = EXPLICIT_LITTLE,
) -> Values:
    """Return the elements of a small CT slice, without its pixels."""
    return {
        0x00080005: (b"CS", text(charset)),
        0x00080016: (b"UI", uid(sop_class)),
        0x00080018: (b"UI", uid(instance)),
        0x00080020: (b"DA", b"20260102"),
        0x00080060: (b"CS", b"CT"),
        0x00081030: (b"LO", b"Head"),
        0x0008103E: (b"LO", text("Axial 1mm")),
        0x00100010: (b"PN", patient + b" " * (len(patient) % 2)),
        0x00100020: (b"LO", b"ID-1"),
        0x00100030: (b"DA", b"19500102"),
        0x00100040: (b"CS", text("F")),
        0x0020000D: (b"UI", uid("1.2.3")),
        0x0020000E: (b"UI", uid("1.2.3.4")),
        0x00200011: (b"IS", text("3")),
        0x00200013: (b"IS", text("7")),
        0x00280002: (b"US", short(samples, syntax)),
        0x00280004: (b"CS", text("MONOCHROME2" if samples == 1 else "RGB")),
        0x00280008: (b"IS", text(str(frames))),
        0x00280010: (b"US", short(rows, syntax)),
        0x00280011: (b"US", short(columns, syntax)),
        0x00280100: (b"US", short(bits, syntax)),
        0x00280101: (b"US", short(bits, syntax)),
        0x00280102: (b"US", short(bits - 1, syntax)),
        0x00280103: (b"US", short(int(signed), syntax)),
    }


def data_set(
    values: Values | None = None,
    pixels: bytes | None = None,
    *,
    syntax: str = EXPLICIT_LITTLE,
    extra: Iterable[bytes] = (),
) -> bytes:
    """Return a data set: ``values`` in the order of their tags, ``extra`` elements, pixel data."""
    values = facts(syntax=syntax) if values is None else values
    coded = [element(tag, vr, value, syntax=syntax) for tag, (vr, value) in sorted(values.items())]
    if pixels is not None:
        coded += [*extra, element(0x7FE00010, b"OW", pixels, syntax=syntax)]
    else:
        coded += extra
    return b"".join(coded)


def part10(
    body: bytes,
    *,
    syntax: str = EXPLICIT_LITTLE,
    sop_class: str = CT_IMAGE,
    preamble: bytes = bytes(128),
) -> bytes:
    """Return a Part 10 file around a data set; a deflated syntax deflates it."""
    meta = (
        element(0x00020002, b"UI", uid(sop_class))
        + element(0x00020003, b"UI", uid("1.2.3.4.5"))
        + element(0x00020010, b"UI", uid(syntax))
    )
    if syntax == DEFLATED:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = packer.compress(body) + packer.flush()
    length = element(0x00020000, b"UL", struct.pack("<I", len(meta)))
    return preamble + b"DICM" + length + meta + body


def ct_slice(*, instance: str = "1.2.3.4.5", patient: bytes = b"Doe^Jane") -> bytes:
    """Return a whole file with a picture of 4 x 4."""
    pixels = struct.pack("<16H", *range(100, 116))
    return part10(data_set(facts(instance=instance, patient=patient), pixels))


def record(
    kind: str,
    values: Values | None = None,
    *,
    file_id: str | None = None,
    next_offset: int = 0,
    lower_offset: int = 0,
) -> bytes:
    """Return one directory record as an item."""
    content = (
        element(0x00041400, b"UL", struct.pack("<I", next_offset))
        + element(0x00041410, b"US", short(0xFFFF))
        + element(0x00041420, b"UL", struct.pack("<I", lower_offset))
        + element(0x00041430, b"CS", text(kind))
    )
    if file_id is not None:
        content += element(0x00041500, b"CS", text(file_id))
        content += element(0x00041510, b"UI", uid(CT_IMAGE))
        content += element(0x00041511, b"UI", uid("1.2.3.4.5"))
    content += data_set(values or {})
    return item(content)


def dicomdir(records: Iterable[bytes]) -> bytes:
    """Return a DICOMDIR of these records."""
    body = element(0x00041220, b"SQ", b"".join(records))
    return part10(element(0x00041130, b"CS", text("DISC")) + body, sop_class=DIRECTORY)
