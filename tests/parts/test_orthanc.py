import io
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import UID
from pynetdicom.ae import ApplicationEntity

from tests.parts.dcmtk import Scp, dcmsend
from tests.parts.orthanc import Orthanc

STUDY_ROOT_FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")  # PS3.4 annex C.6.2

pytestmark = pytest.mark.parts


def test_keeps_and_gives_back_what_was_sent(orthanc: Orthanc, tmp_path: Path) -> None:
    """Orthanc stores an instance by C-STORE and its REST interface counts it and gives it back."""
    sent = Path(str(get_testdata_file("CT_small.dcm")))
    uid = pydicom.dcmread(sent).SOPInstanceUID

    dcmsend([sent], Scp(orthanc.ae_title, orthanc.dicom_port, tmp_path))

    assert orthanc.instance_count() == 1
    assert orthanc.sop_instance_uids() == [uid]
    kept = pydicom.dcmread(io.BytesIO(orthanc.instance(uid)))
    assert kept.PixelData == pydicom.dcmread(sent).PixelData


def test_is_empty_at_first_and_says_what_it_lacks(orthanc: Orthanc) -> None:
    """A fresh Orthanc holds nothing, and asking for an unknown instance is an error."""
    assert orthanc.instance_count() == 0
    with pytest.raises(LookupError):
        orthanc.instance("1.2.3")


def test_takes_further_modalities(orthanc: Orthanc) -> None:
    """A modality made known while running may ask by C-FIND."""
    orthanc.allow("LATE", 4242)
    entity = ApplicationEntity("LATE")
    entity.add_requested_context(STUDY_ROOT_FIND)
    association = entity.associate(orthanc.host, orthanc.dicom_port, ae_title=orthanc.ae_title)
    question = pydicom.Dataset()
    question.QueryRetrieveLevel = "STUDY"
    question.StudyInstanceUID = ""
    statuses = [status.Status for status, _ in association.send_c_find(question, STUDY_ROOT_FIND)]
    association.release()
    assert statuses == [0x0000]
