import subprocess
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from tests.parts.dcmtk import Scp, dcmdump, dcmsend

pytestmark = pytest.mark.parts

CT = Path(str(get_testdata_file("CT_small.dcm")))
JPEG_LS = Path(str(get_testdata_file("MR_small_jpeg_ls_lossless.dcm")))


def test_storescp_writes_the_data_set_as_it_came(storescp: Scp) -> None:
    """Storescp stores an instance, compressed ones too, and dcmdump reads it."""
    dcmsend([CT, JPEG_LS], storescp)

    stored = storescp.files()
    assert len(stored) == 2
    assert pydicom.dcmread(CT).SOPInstanceUID in "".join(map(dcmdump, stored))


def test_dcmqrscp_keeps_what_it_takes(dcmqrscp: Scp) -> None:
    """Dcmqrscp stores an instance into its archive."""
    dcmsend([CT], dcmqrscp)

    assert [pydicom.dcmread(file).SOPInstanceUID for file in dcmqrscp.files()] == [
        pydicom.dcmread(CT).SOPInstanceUID
    ]


def test_dcmdump_refuses_what_is_no_dicom(tmp_path: Path) -> None:
    """Dcmdump fails on a file that is not DICOM."""
    text = tmp_path / "letter.txt"
    text.write_text("Dear colleague")
    with pytest.raises(subprocess.CalledProcessError):
        dcmdump(text)
