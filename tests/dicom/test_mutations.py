"""Mutated files: whatever is flipped, cut, doubled or put in, there are facts or a typed error."""

import io

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from passbox_dicom.classify import classify
from passbox_dicom.directory import read_directory
from passbox_dicom.elements import walk
from passbox_dicom.errors import DicomError
from passbox_dicom.form import read_opening
from passbox_dicom.header import read_header
from passbox_dicom.replies import header_json, parse_header
from passbox_dicom.sources import FileSource, ReadLimits
from tests.builders import dicom

LIMITS = ReadLimits(max_elements=2000, max_inflated_bytes=1_000_000, max_header_bytes=4_000_000)
SEQUENCE = dicom.element(0x00081140, b"SQ", dicom.item(dicom.data_set(), undefined=True))
IMAGES = [
    dicom.ct_slice(),
    dicom.part10(dicom.data_set(pixels=bytes(32), extra=[SEQUENCE])),
    dicom.part10(dicom.data_set(), syntax=dicom.DEFLATED),
    dicom.data_set(syntax=dicom.IMPLICIT_LITTLE),
    dicom.data_set(dicom.facts(syntax=dicom.EXPLICIT_BIG), syntax=dicom.EXPLICIT_BIG),
]
DIRECTORY = dicom.dicomdir(
    [
        dicom.record("PATIENT", {0x00100010: (b"PN", b"Doe^Jane")}),
        dicom.record("STUDY"),
        dicom.record("SERIES"),
        *(dicom.record("IMAGE", file_id=f"IMAGES\\IM{n}") for n in range(5)),
    ]
)

Change = tuple[str, int, bytes]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["put", "insert", "cut", "double"]),
        st.integers(0, 4000),
        st.one_of(
            st.binary(min_size=1, max_size=8),
            st.sampled_from(
                [
                    b"\xff\xff\xff\xff",
                    b"\xf0\xff\xff\xff",
                    b"SQ\0\0",
                    b"\xfe\xff\x00\xe0",
                    b"\0" * 8,
                ]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, changes: list[Change]) -> bytes:
    """Return the file with the changes made one after the other."""
    for kind, position, new in changes:
        at = position % (len(data) + 1)
        if kind == "put":
            data = data[:at] + new + data[at + len(new) :]
        elif kind == "insert":
            data = data[:at] + new + data[at:]
        elif kind == "cut":
            data = data[:at] + data[at + len(new) :]
        else:
            data = data[:at] + data[at // 2 : at] + data[at:]
    return data


@seed(20260102)
@settings(max_examples=600, deadline=None, database=None)
@given(st.sampled_from(IMAGES), CHANGES)
def test_a_mutated_image_gives_facts_or_a_typed_error(image: bytes, changes: list[Change]) -> None:
    """No mutation makes the header reader raise anything else, and its facts cross the border."""
    data = mutated(image, changes)
    classify(data[:4096], "x")
    try:
        header = read_header(io.BytesIO(data), len(data), LIMITS)
    except DicomError:
        return
    assert parse_header(header_json(header)) == header


@seed(20260102)
@settings(max_examples=400, deadline=None, database=None)
@given(CHANGES)
def test_a_mutated_directory_gives_entries_or_a_typed_error(changes: list[Change]) -> None:
    """No mutation makes the directory reader hang or raise anything else."""
    try:
        directory = read_directory(mutated(DIRECTORY, changes), LIMITS)
    except DicomError:
        return
    assert all("\\" not in part for entry in directory.entries for part in entry.untrusted_file_id)


@seed(20260102)
@settings(max_examples=400, deadline=None, database=None)
@given(st.sampled_from(IMAGES), CHANGES)
def test_a_mutated_structure_is_walked_to_an_end(image: bytes, changes: list[Change]) -> None:
    """The full walk moves forward only: offsets never go back."""
    data = mutated(image, changes)
    last = 0
    try:
        opening = read_opening(io.BytesIO(data), len(data), LIMITS)
        source = FileSource(io.BytesIO(data), len(data), LIMITS)
        start = opening.data_set_offset
        for element in walk(source, opening.encoding, start, into_sequences=True, limits=LIMITS):
            assert element.offset > last
            last = element.offset
    except DicomError:
        return
