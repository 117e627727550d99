import hashlib
import zipfile
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from passbox.demo.readback import differences
from passbox.demo.reader import data_set_offset, read_medium


def test_the_data_set_starts_after_group_0002() -> None:
    """The demo's reader finds the start of the data set where pydicom finds it."""
    for name in ("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm"):
        path = Path(str(get_testdata_file(name)))
        with path.open("rb") as file:
            file.seek(132)
            pydicom.filereader._read_file_meta_info(file)
            expected = file.tell()
        assert data_set_offset(path.read_bytes()) == expected


def test_a_zip_counts_as_its_members(tmp_path: Path) -> None:
    """Files of a ZIP are listed under its name; a ZIP given as medium has no name in front."""
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("IMG/1", b"one")
    digest = hashlib.sha256(b"one").digest()
    assert {name: file.sha256 for name, file in read_medium(tmp_path).items()} == {
        "a.zip/IMG/1": digest
    }
    assert list(read_medium(archive)) == ["IMG/1"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A symbolic link on the medium is no file of the medium."""
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert read_medium(tmp_path) == {}


def test_a_changed_element_is_a_difference() -> None:
    """Group lengths may differ between two data sets, a value may not, at any depth."""
    one, other = (Dataset(), Dataset())
    for data_set in (one, other):
        item = Dataset()
        item.CodeValue = "1"
        data_set.PatientID = "7"
        data_set.ProcedureCodeSequence = [item]
    assert differences(one, other) == []
    other.ProcedureCodeSequence[0].CodeValue = "2"
    assert differences(one, other) == ["(0008,1032)"]
