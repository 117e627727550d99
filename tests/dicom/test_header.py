import io
import struct

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from passbox_dicom.elements import Encoding
from passbox_dicom.errors import (
    DicomError,
    HostileDicom,
    Limit,
    MalformedDicom,
    NotDicom,
    TruncatedDicom,
)
from passbox_dicom.form import Form
from passbox_dicom.header import Header, read_header
from passbox_dicom.meta import file_meta
from passbox_dicom.pixels import PixelLayout
from passbox_dicom.sources import ReadLimits
from tests.builders import dicom

PIXELS = struct.pack("<16H", *range(16))


def read(data: bytes, limits: ReadLimits | None = None) -> Header:
    """Read a file that is all in memory."""
    return read_header(io.BytesIO(data), len(data), limits or ReadLimits())


def shipped(name: str) -> bytes:
    """Return one of pydicom's test files."""
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    with open(path, "rb") as file:  # noqa: PTH123 - pydicom hands out text
        return file.read()


def test_a_plain_file_tells_all_its_facts() -> None:
    """A Part 10 file gives patient, study, series, instance and where its pixels lie."""
    data = dicom.part10(dicom.data_set(pixels=PIXELS))
    header = read(data)
    assert header.form is Form.PART10
    assert (header.patient.name, header.patient.patient_id) == ("Doe^Jane", "ID-1")
    assert (header.patient.birth_date, header.patient.sex) == ("19500102", "F")
    assert (header.study_instance_uid, header.series_instance_uid) == ("1.2.3", "1.2.3.4")
    assert (header.series_number, header.instance_number) == (3, 7)
    assert (header.modality, header.study_date, header.study_description) == (
        "CT",
        "20260102",
        "Head",
    )
    assert header.storable
    assert not header.truncated
    assert header.pixel is not None
    assert data[header.pixel.offset : header.pixel.offset + header.pixel.length] == PIXELS


@pytest.mark.parametrize(
    ("syntax", "encoding"),
    [
        (dicom.EXPLICIT_LITTLE, Encoding.EXPLICIT_LITTLE),
        (dicom.IMPLICIT_LITTLE, Encoding.IMPLICIT_LITTLE),
        (dicom.EXPLICIT_BIG, Encoding.EXPLICIT_BIG),
    ],
)
def test_a_file_without_meta_header_is_recognised(syntax: str, encoding: Encoding) -> None:
    """A bare data set is read in the encoding it is written in, and can be wrapped and stored."""
    body = dicom.data_set(dicom.facts(syntax=syntax), PIXELS, syntax=syntax)
    header = read(body)
    assert (header.form, header.encoding) == (Form.HEADERLESS, encoding)
    assert (header.transfer_syntax_uid, header.rows) == (syntax, 4)
    assert header.storable
    wrapped = dcmread(io.BytesIO(file_meta(header) + body[header.data_set_offset :]))
    assert wrapped.file_meta.TransferSyntaxUID == syntax
    assert wrapped.file_meta.MediaStorageSOPInstanceUID == "1.2.3.4.5"
    assert wrapped.PatientName == "Doe^Jane"
    assert wrapped.PixelData == PIXELS


def test_meta_header_without_preamble_is_recognised() -> None:
    """A file that begins with group 0002 is read from behind it and loses nothing else."""
    data = dicom.part10(dicom.data_set(pixels=PIXELS))[132:]
    header = read(data)
    assert header.form is Form.HEADERLESS
    assert header.storable
    again = read(file_meta(header) + data[header.data_set_offset :])
    assert again.form is Form.PART10
    assert again.sop_instance_uid == header.sop_instance_uid


def test_a_deflated_file_is_read_but_its_pixels_have_no_place() -> None:
    """Pixels of a deflated data set have no offset in the file."""
    header = read(dicom.part10(dicom.data_set(pixels=PIXELS), syntax=dicom.DEFLATED))
    assert header.patient.name == "Doe^Jane"
    assert header.pixel is None


def test_acr_nema_is_recognised_and_not_storable() -> None:
    """An ACR-NEMA file is known for what it is: no PACS can hold it."""
    values = {
        tag: value
        for tag, value in dicom.facts().items()
        if tag not in {0x00080005, 0x00080016, 0x00080018}
    }
    values[0x00080001] = (b"UL", struct.pack("<I", 400))
    values[0x00080010] = (b"LO", dicom.text("ACR-NEMA 2.0"))
    header = read(dicom.data_set(values, PIXELS, syntax=dicom.IMPLICIT_LITTLE))
    assert header.form is Form.ACR_NEMA
    assert not header.storable


def test_an_encoding_other_than_declared_is_found() -> None:
    """A device that says explicit and writes implicit is read as it writes."""
    body = dicom.data_set(syntax=dicom.IMPLICIT_LITTLE)
    header = read(dicom.part10(body, syntax=dicom.EXPLICIT_LITTLE))
    assert header.encoding is Encoding.IMPLICIT_LITTLE
    assert header.patient.name == "Doe^Jane"


def test_a_dicomdir_is_never_an_image() -> None:
    """A DICOMDIR is not storable."""
    header = read(dicom.dicomdir([dicom.record("PATIENT")]))
    assert header.is_directory
    assert not header.storable


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0x00080018, b"not a uid "),
        (0x00080018, b"1." * 40),
        (0x0020000D, b""),
        (0x00080016, b"1.2.840.10008.1.1\0"),
    ],
)
def test_without_usable_uids_it_is_not_storable(tag: int, value: bytes) -> None:
    """Missing, overlong or wrong UIDs, and other services, make a file not storable."""
    values = dicom.facts()
    values[tag] = (b"UI", value)
    assert not read(dicom.data_set(values)).storable


@pytest.mark.parametrize("sop_class", ["1.3.46.670589.5.0.1.1", "1.2.840.10008.5.1.4.1.1.999"])
def test_unknown_storage_classes_are_let_through(sop_class: str) -> None:
    """Private and newer SOP classes are storable: the PACS decides."""
    assert read(dicom.data_set(dicom.facts(sop_class=sop_class))).storable


def test_a_file_cut_in_its_pixels_still_tells_whose_it_is() -> None:
    """A truncated file is marked and keeps its facts, for the report."""
    header = read(dicom.part10(dicom.data_set(pixels=PIXELS))[:-5])
    assert header.truncated
    assert header.patient.name == "Doe^Jane"


def test_a_meta_header_without_an_end_is_truncated() -> None:
    """A group 0002 element of undefined length, which none may have, makes the file truncated."""
    endless = dicom.element(0x00020001, b"OB", b"\0\1", length=dicom.UNDEFINED)
    with pytest.raises(TruncatedDicom):
        read(bytes(128) + b"DICM" + endless + dicom.data_set())


def test_a_file_cut_before_its_study_is_truncated() -> None:
    """A file that ends before it says anything useful is an error."""
    data = dicom.part10(dicom.data_set())
    with pytest.raises(TruncatedDicom):
        read(data[: data.index(b"Head") + 1])


@pytest.mark.parametrize(
    "data", [b"", b"hello", bytes(200), b"%PDF-1.7 nothing", bytes(range(256)) * 8]
)
def test_other_files_are_not_dicom(data: bytes) -> None:
    """What makes no sense as DICOM is refused as such."""
    with pytest.raises(NotDicom):
        read(data)


def test_an_element_longer_than_the_file_is_refused_before_it_is_read() -> None:
    """A length of 4 GB in a file of a few hundred bytes allocates nothing (D4)."""
    huge = dicom.element(0x00090010, b"UN", b"", length=0xFFFFFFF0)
    with pytest.raises(TruncatedDicom):
        read(dicom.part10(huge + dicom.data_set()))


def test_a_long_value_where_a_name_should_be_is_hostile() -> None:
    """A name of a megabyte is refused, not shown (D4)."""
    values = dicom.facts()
    values[0x00100010] = (b"UN", b"x" * 1_000_000)
    with pytest.raises(HostileDicom) as caught:
        read(dicom.part10(dicom.data_set(values)))
    assert caught.value.limit is Limit.VALUE_BYTES


def test_deep_nesting_is_refused() -> None:
    """100,000 levels end at the limit of depth, without recursion (D2)."""
    level = (
        dicom.element(0x00091001, b"SQ", b"", length=dicom.UNDEFINED)
        + dicom.item(b"", undefined=True)[:8]
    )
    with pytest.raises(HostileDicom) as caught:
        read(dicom.part10(level * 100_000))
    assert caught.value.limit is Limit.DEPTH


def test_an_element_flood_is_refused() -> None:
    """More elements than the limit are refused (D3)."""
    flood = dicom.element(0x00091001, b"LO", b"") * 2000
    with pytest.raises(HostileDicom) as caught:
        read(dicom.part10(flood), ReadLimits(max_elements=1000))
    assert caught.value.limit is Limit.ELEMENTS


def test_a_deflate_bomb_is_refused() -> None:
    """A data set that inflates beyond the limit is refused (D1)."""
    body = dicom.data_set() + dicom.element(0x00291001, b"OB", bytes(8_000_000))
    data = dicom.part10(body, syntax=dicom.DEFLATED)
    assert len(data) < 20_000
    with pytest.raises(HostileDicom) as caught:
        read(data, ReadLimits(max_inflated_bytes=1_000_000))
    assert caught.value.limit is Limit.INFLATED_BYTES


def test_items_where_none_can_be_are_malformed() -> None:
    """A stray delimiter is an error of its own kind."""
    with pytest.raises(MalformedDicom):
        read(dicom.part10(dicom.SEQUENCE_END + dicom.data_set()))


def test_undefined_sequences_are_passed_over() -> None:
    """What stands inside a sequence is not taken for the facts of the file."""
    inner = dicom.element(0x00100010, b"PN", b"Other^Person")
    sequence = dicom.element(0x00081140, b"SQ", b"", length=dicom.UNDEFINED)
    values = dicom.facts()
    start = dicom.data_set({tag: value for tag, value in values.items() if tag < 0x00081140})
    rest = dicom.data_set({tag: value for tag, value in values.items() if tag > 0x00081140})
    body = start + sequence + dicom.item(inner, undefined=True) + dicom.SEQUENCE_END + rest
    assert read(dicom.part10(body)).patient.name == "Doe^Jane"


def test_a_private_sequence_of_unknown_vr_is_read_as_implicit() -> None:
    """UN of undefined length holds implicit elements (PS3.5 6.2.2)."""
    assert not read(shipped("UN_sequence.dcm")).storable


def test_pixels_that_are_shorter_than_said_have_no_layout() -> None:
    """A layout is told only when the frames fit into the pixel data."""
    assert read(dicom.data_set(dicom.facts(frames=2), PIXELS)).pixel is None


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 1000, (100, 4)),
        (100, 120, (0, 2)),
        (95, 131, (5, 3)),
        (103, 129, (7, 1)),
        (101, 110, None),
    ],
)
def test_a_layout_narrows_to_whole_frames(
    start: int, stop: int, expected: tuple[int, int] | None
) -> None:
    """A slice of a file knows which whole frames are in it, with offsets of its own."""
    layout = PixelLayout(100, 40, 1, 10, 1, 8, 8, signed=False, frames=4, planar=False)
    inside = layout.within(start, stop)
    assert (None if inside is None else (inside.offset, inside.frames)) == expected
    assert inside is None or inside.length == inside.frames * 10


def test_agrees_with_pydicom_on_its_shipped_files() -> None:
    """On files of many makers we read the same identity as pydicom does."""
    names = ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "JPEG2000.dcm",
             "rtplan.dcm", "reportsi.dcm", "image_dfl.dcm", "examples_ybr_color.dcm"]  # fmt: skip
    for name in names:
        data = shipped(name)
        theirs = dcmread(io.BytesIO(data), stop_before_pixels=True)
        ours = read(data)
        assert ours.sop_instance_uid == theirs.SOPInstanceUID
        assert ours.study_instance_uid == theirs.StudyInstanceUID
        assert ours.patient.patient_id == theirs.PatientID
        assert ours.rows == theirs.get("Rows")
        assert ours.transfer_syntax_uid == theirs.file_meta.TransferSyntaxUID


def test_every_error_is_of_our_tree() -> None:
    """Cutting a file anywhere gives facts or a DicomError, nothing else."""
    data = dicom.part10(dicom.data_set(pixels=PIXELS))
    for length in range(len(data)):
        try:
            read(data[:length])
        except DicomError:
            continue
