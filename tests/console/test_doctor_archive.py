"""What the doctor says of a house's own archive."""

from pathlib import Path

import pytest

from passbox.doctor_archive import look_at
from passbox_viewer.settings import Archive, Forward
from tests.parts.orthanc import DICOMWEB, running_orthanc

pytestmark = [
    pytest.mark.parts,
    pytest.mark.skipif(not DICOMWEB.exists(), reason="install orthanc-dicomweb"),
]


def test_the_doctor_asks_the_archive_and_says_what_is_lost(tmp_path: Path) -> None:
    """C-ECHO and QIDO-RS are asked, the missing namespace is told; silence is to be cared for."""
    with running_orthanc(tmp_path, [DICOMWEB]) as orthanc:
        archive = Archive(
            host=orthanc.host, port=orthanc.dicom_port, ae_title=orthanc.ae_title,
            dicomweb=orthanc.dicomweb, answer_seconds=10,
        )  # fmt: skip
        note, echo, listing = look_at(archive, Forward())
        elsewhere = archive.model_copy(update={"dicomweb": f"{orthanc.dicomweb}/nothing"})
        wrong = list(look_at(elsewhere, Forward()))[-1]
    silent = list(look_at(archive, Forward()))

    assert note.mark == "NOTE"
    assert "no namespace" in note.what
    assert "Patient ID" in note.what
    assert [echo.mark, listing.mark] == ["OK  ", "OK  "]
    assert wrong.remedy == "no answer to QIDO-RS"
    assert [one.mark for one in silent] == ["NOTE", "CARE", "CARE"]
