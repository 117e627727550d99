"""What a file on a medium is, by its content; the suffix sorts what the content leaves open."""

import io
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from passbox_dicom import uids
from passbox_dicom.elements import FileSource
from passbox_dicom.form import MAGIC, PREAMBLE_BYTES, plausible_encoding

FIRST_BYTES: Final = 4096
"""As much of a file's start as classify() wants."""

_PDF_WITHIN: Final = 1024  # a PDF may begin a little later (ISO 32000, implementation notes)
_DIRECTORY_CLASS: Final = b"UI\x14\0" + uids.MEDIA_STORAGE_DIRECTORY.encode("ascii")
_META_WITHIN: Final = 1024
_DIRECTORY_GROUP: Final = 0x04
_VIEWER_SUFFIXES: Final = frozenset(
    [
        ".app",
        ".bat",
        ".cfg",
        ".chm",
        ".class",
        ".cmd",
        ".conf",
        ".css",
        ".dat",
        ".dll",
        ".exe",
        ".gif",
        ".hlp",
        ".htm",
        ".html",
        ".ico",
        ".inf",
        ".ini",
        ".jar",
        ".js",
        ".json",
        ".lng",
        ".manifest",
        ".msi",
        ".ocx",
        ".plist",
        ".properties",
        ".svg",
        ".sys",
        ".ttf",
        ".xml",
        ".xsl",
    ]
)


class FileKind(StrEnum):
    """What a file is to us."""

    DICOM = "dicom"
    DICOMDIR = "dicomdir"
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    ARCHIVE = "archive"
    PROGRAM = "program"
    """A viewer that came with the disc, and what belongs to it."""
    OTHER = "other"


_MAGICS: Final = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"PK\x03\x04", FileKind.ARCHIVE),
    (b"MZ", FileKind.PROGRAM),
    (b"\x7fELF", FileKind.PROGRAM),
    (b"\xca\xfe\xba\xbe", FileKind.PROGRAM),
    (b"\xce\xfa\xed\xfe", FileKind.PROGRAM),
    (b"\xcf\xfa\xed\xfe", FileKind.PROGRAM),
    (b"#!", FileKind.PROGRAM),
    (MAGIC, FileKind.DICOM),
    (b"\x02\0\0\0", FileKind.DICOM),
    (b"\x02\0\x10\0", FileKind.DICOM),
)


def classify(first_bytes: bytes, name: str) -> FileKind:
    """Return what a file is from its first FIRST_BYTES bytes (or all of it) and its name.

    A DICOM candidate is still to be read; it may turn out to be none.
    """
    if first_bytes[PREAMBLE_BYTES : PREAMBLE_BYTES + len(MAGIC)] == MAGIC:
        directory = _DIRECTORY_CLASS in first_bytes[:_META_WITHIN]
        return FileKind.DICOMDIR if directory else FileKind.DICOM
    if b"%PDF-" in first_bytes[:_PDF_WITHIN]:
        return FileKind.PDF
    for magic, kind in _MAGICS:
        if first_bytes.startswith(magic):
            return kind
    if _bare(first_bytes):
        return FileKind.DICOMDIR if first_bytes[0] == _DIRECTORY_GROUP else FileKind.DICOM
    viewer = PurePosixPath(name.casefold()).suffix in _VIEWER_SUFFIXES
    return FileKind.PROGRAM if viewer else FileKind.OTHER


def _bare(first_bytes: bytes) -> bool:
    source = FileSource(io.BytesIO(first_bytes), len(first_bytes))
    return plausible_encoding(source, 0) is not None
