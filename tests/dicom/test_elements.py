import io
import struct

import pytest

from passbox_dicom.elements import ITEM, UNDEFINED, Element, Encoding, walk
from passbox_dicom.errors import HostileDicom, Limit, MalformedDicom, TruncatedDicom
from passbox_dicom.sources import FileSource, ReadLimits
from tests.builders import dicom

NAME = dicom.element(0x00100010, b"PN", b"A^B ")


def elements(
    data: bytes, *, into_sequences: bool = True, limits: ReadLimits | None = None
) -> list[Element]:
    """Return all elements of an explicit little endian data set."""
    limits = limits or ReadLimits()
    source = FileSource(io.BytesIO(data), len(data), limits)
    encoding = Encoding.EXPLICIT_LITTLE
    return list(walk(source, encoding, 0, into_sequences=into_sequences, limits=limits))


@pytest.mark.parametrize("undefined_item", [False, True])
@pytest.mark.parametrize("undefined_sequence", [False, True])
def test_sequences_are_entered_with_their_depth(
    *, undefined_item: bool, undefined_sequence: bool
) -> None:
    """Items and what is in them are yielded with depth, however their end is written."""
    content = dicom.item(NAME, undefined=undefined_item)
    if undefined_sequence:
        sequence = (
            dicom.element(0x00081140, b"SQ", b"", length=UNDEFINED) + content + dicom.SEQUENCE_END
        )
    else:
        sequence = dicom.element(0x00081140, b"SQ", content)
    found = [(element.tag, element.depth) for element in elements(sequence + NAME)]
    assert found == [(0x00081140, 0), (ITEM, 2), (0x00100010, 2), (0x00100010, 0)]


def test_defined_sequences_are_jumped_over_unless_asked() -> None:
    """The header reader does not pay for what stands in sequences."""
    sequence = dicom.element(0x00081140, b"SQ", dicom.item(NAME))
    assert [element.depth for element in elements(sequence + NAME, into_sequences=False)] == [0, 0]


def test_fragments_are_passed_over() -> None:
    """Encapsulated pixel data are one element, whatever their bytes look like."""
    fragments = dicom.item(b"") + dicom.item(dicom.SEQUENCE_END) + dicom.SEQUENCE_END
    pixels = dicom.element(0x7FE00010, b"OB", b"", length=UNDEFINED) + fragments
    tags = [element.tag for element in elements(NAME + pixels) if element.depth == 0]
    assert tags == [0x00100010, 0x7FE00010]


def test_values_lie_where_they_are_said_to_lie() -> None:
    """Offset and length cut out exactly the value."""
    (element,) = elements(NAME)
    assert NAME[element.offset : element.offset + element.length] == b"A^B "
    assert element.vr == b"PN"


def test_trailing_zeros_end_the_data_set() -> None:
    """Padding behind the data set is no element, and no flood."""
    assert len(elements(NAME + bytes(10_000_000), limits=ReadLimits(max_elements=10))) == 1


@pytest.mark.parametrize(
    "data",
    [
        dicom.element(0x00081140, b"SQ", dicom.item(NAME), length=18),
        dicom.element(0x00081140, b"SQ", NAME),
        dicom.SEQUENCE_END,
        dicom.item(NAME),
        dicom.element(0x00081140, b"SQ", b"", length=UNDEFINED) + dicom.item(b"")[:4] + b"\x0d\xe0",
    ],
)
def test_contradictions_are_malformed(data: bytes) -> None:
    """Lengths beyond their sequence and items out of place are found."""
    with pytest.raises((MalformedDicom, TruncatedDicom)):
        elements(data)


@pytest.mark.parametrize("cut", [1, 5, 9, 11])
def test_an_end_inside_an_element_is_truncated(cut: int) -> None:
    """The end of the file is an end only between elements."""
    with pytest.raises(TruncatedDicom):
        elements(NAME + NAME[:cut])


def test_an_open_sequence_at_the_end_is_truncated() -> None:
    """A sequence that is never ended is a file that was cut."""
    with pytest.raises(TruncatedDicom):
        elements(dicom.element(0x00081140, b"SQ", b"", length=UNDEFINED) + dicom.item(NAME))


def test_empty_items_count() -> None:
    """A flood of empty items ends at the limit of elements (D3)."""
    flood = dicom.element(0x00081140, b"SQ", b"", length=UNDEFINED) + dicom.item(b"") * 5000
    with pytest.raises(HostileDicom) as caught:
        elements(flood, limits=ReadLimits(max_elements=1000))
    assert caught.value.limit is Limit.ELEMENTS


def test_what_is_fetched_counts() -> None:
    """A structure spread over a huge file is not followed without end."""
    spread = b"".join(dicom.element(0x00091001, b"OB", bytes(100_000)) for _ in range(30))
    with pytest.raises(HostileDicom) as caught:
        elements(spread, limits=ReadLimits(max_header_bytes=50_000))
    assert caught.value.limit is Limit.HEADER_BYTES


def test_nesting_up_to_the_limit_is_fine() -> None:
    """Fifty levels are read, one more is not."""

    def nested(levels: int) -> bytes:
        data = NAME
        for _ in range(levels):
            data = dicom.element(0x00091001, b"SQ", dicom.item(data))
        return data

    assert elements(nested(50))[-1].depth == 100
    with pytest.raises(HostileDicom):
        elements(nested(51))


def test_implicit_elements_in_an_explicit_file_are_read() -> None:
    """A known fault of devices: an element without VR among others with."""
    implicit = struct.pack("<HHI", 0x0029, 0x1001, 4) + b"\x01\x02\x03\x04"
    assert [element.tag for element in elements(implicit + NAME)] == [0x00291001, 0x00100010]
