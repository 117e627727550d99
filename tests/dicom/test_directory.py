import io
import struct

import pytest
from pydicom.data import get_testdata_file

from passbox_dicom.directory import read_directory
from passbox_dicom.errors import HostileDicom, Limit, NotDicom
from passbox_dicom.sources import ReadLimits
from tests.builders import dicom


def named(name: str, patient_id: str = "1") -> dicom.Values:
    """Return a patient record's elements."""
    return {
        0x00100010: (b"PN", dicom.text(name)),
        0x00100020: (b"LO", dicom.text(patient_id)),
    }


def study(uid: str) -> dicom.Values:
    """Return a study record's elements."""
    return {0x0020000D: (b"UI", dicom.uid(uid)), 0x00081030: (b"LO", b"Head")}


def series(uid: str) -> dicom.Values:
    """Return a series record's elements."""
    return {0x0020000E: (b"UI", dicom.uid(uid)), 0x00080060: (b"CS", b"CT")}


def test_entries_carry_what_stands_above_them() -> None:
    """Each listed file comes with the patient, study and series before it."""
    directory = read_directory(
        dicom.dicomdir(
            [
                dicom.record("PATIENT", named("Doe^Jane")),
                dicom.record("STUDY", study("1.2.3")),
                dicom.record("SERIES", series("1.2.3.4")),
                dicom.record("IMAGE", file_id="IMAGES\\IM1"),
                dicom.record("PATIENT", named("Roe^Rick", "2")),
                dicom.record("IMAGE", file_id="IMAGES\\IM2"),
            ]
        )
    )
    first, second = directory.entries
    assert directory.complete
    assert first.untrusted_file_id == ("IMAGES", "IM1")
    above = first.context
    assert (above.patient.name, above.study_instance_uid, above.series_instance_uid) == (
        "Doe^Jane", "1.2.3", "1.2.3.4",
    )  # fmt: skip
    assert (above.study_description, above.modality) == ("Head", "CT")
    assert (second.context.patient.name, second.context.patient.patient_id) == ("Roe^Rick", "2")
    assert second.context.study_instance_uid is None


def test_offsets_that_run_in_circles_do_nothing() -> None:
    """A record that points at itself is read once."""
    records = [
        dicom.record("PATIENT", named("Doe^Jane"), next_offset=400, lower_offset=400),
        dicom.record("IMAGE", file_id="A", next_offset=400, lower_offset=1),
    ]
    assert len(read_directory(dicom.dicomdir(records)).entries) == 1


@pytest.mark.parametrize(
    ("file_id", "parts"),
    [
        ("..\\..\\etc\\passwd", ("..", "..", "etc", "passwd")),
        ("\\\\server\\share\\x", ("", "server", "share", "x")),
        ("C:\\Users\\x", ("C:", "Users", "x")),
        ("IMAGES/IM1", ("IMAGES", "IM1")),
    ],
)
def test_hostile_file_ids_are_parts_and_nothing_more(file_id: str, parts: tuple[str, ...]) -> None:
    """What a DICOMDIR names is told as written, part by part."""
    (entry,) = read_directory(dicom.dicomdir([dicom.record("IMAGE", file_id=file_id)])).entries
    assert entry.untrusted_file_id == parts


def test_a_directory_cut_in_the_middle_keeps_its_beginning() -> None:
    """What was listed before the damage is kept, and the damage is told."""
    data = dicom.dicomdir([dicom.record("IMAGE", file_id=f"IM{n}") for n in range(100)])
    directory = read_directory(data[: len(data) // 2])
    assert not directory.complete
    assert 20 < len(directory.entries) < 100


def test_an_image_is_no_directory() -> None:
    """A file without records is refused."""
    with pytest.raises(NotDicom):
        read_directory(dicom.ct_slice())


def test_floods_of_records_end_at_the_limit() -> None:
    """More elements than the limit are refused."""
    data = dicom.dicomdir([dicom.record("PRIVATE")] * 500)
    with pytest.raises(HostileDicom) as caught:
        read_directory(data, ReadLimits(max_elements=1000))
    assert caught.value.limit is Limit.ELEMENTS


@pytest.mark.parametrize(
    "name", ["DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-bigEnd", "DICOMDIR-nopatient"]
)
def test_the_shipped_disc_lists_its_31_images(name: str) -> None:
    """A real disc's directory is read in all encodings."""
    path = get_testdata_file(f"dicomdirtests/{name}", download=False)
    assert isinstance(path, str)
    with io.open(path, "rb") as file:  # noqa: UP020 - pydicom hands out text
        assert len(read_directory(file.read()).entries) == 31


def test_an_undefined_sequence_of_records_is_read() -> None:
    """Records may stand in a sequence of undefined length."""
    record = dicom.record("IMAGE", file_id="IM1")
    body = struct.pack("<HH2sHI", 0x0004, 0x1220, b"SQ", 0, dicom.UNDEFINED) + record
    data = dicom.part10(body + dicom.SEQUENCE_END, sop_class=dicom.DIRECTORY)
    assert len(read_directory(data).entries) == 1
