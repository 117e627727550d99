import pytest

from passbox_dicom.classify import FileKind, classify
from tests.builders import dicom


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (dicom.ct_slice(), "whatever.exe", FileKind.DICOM),
        (dicom.part10(dicom.data_set(), preamble=b"MZ" + bytes(126)), "x", FileKind.DICOM),
        (dicom.data_set(), "IM1", FileKind.DICOM),
        (dicom.data_set(syntax=dicom.IMPLICIT_LITTLE), "IM1", FileKind.DICOM),
        (dicom.dicomdir([]), "IM1", FileKind.DICOMDIR),
        (dicom.dicomdir([])[128:], "DICOMDIR", FileKind.DICOM),
        (b"%PDF-1.7", "report.dcm", FileKind.PDF),
        (b"\xff\xd8\xff\xe0", "photo", FileKind.JPEG),
        (b"\x89PNG\r\n\x1a\n", "photo", FileKind.PNG),
        (b"PK\x03\x04", "x", FileKind.ARCHIVE),
        (b"MZ\x90\0", "viewer.dcm", FileKind.PROGRAM),
        (b"[autorun]", "AUTORUN.INF", FileKind.PROGRAM),
        (b"read me", "README.TXT", FileKind.OTHER),
        (b"no dicom at all", "image.dcm", FileKind.OTHER),
        (b"", "empty", FileKind.OTHER),
    ],
)
def test_files_are_known_by_their_content(data: bytes, name: str, kind: FileKind) -> None:
    """Content decides; the suffix sorts only what the content leaves open."""
    assert classify(data[:4096], name) is kind
