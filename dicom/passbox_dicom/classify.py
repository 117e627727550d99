"""What a file on a medium is, by its content; the suffix sorts what the content leaves open."""

import io
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from passbox_dicom import uids
from passbox_dicom.form import MAGIC, PREAMBLE_BYTES, plausible_encoding
from passbox_dicom.sources import FileSource

FIRST_BYTES: Final = 4096
"""As much of a file's start as classify() wants."""

_PDF_WITHIN: Final = 1024  # a PDF may begin a little later (ISO 32000, implementation notes)
_DIRECTORY_CLASS: Final = b"UI\x14\0" + uids.MEDIA_STORAGE_DIRECTORY.encode("ascii")
_META_WITHIN: Final = 1024
_TAR: Final = b"ustar"
_TAR_AT: Final = 257
_RUN_SUFFIXES: Final = frozenset(
    [".app", ".class", ".dll", ".dylib", ".exe", ".jar", ".ocx", ".so"]
)
_DIRECTORY_GROUP: Final = 0x04
_OPEN_PACKAGES: Final = frozenset(
    [".docx", ".epub", ".odp", ".ods", ".odt", ".pptx", ".xlsx"],
)
"""Documents that are ZIP files inside."""
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
        ".cur",
        ".dat",
        ".dll",
        ".dylib",
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
        ".qm",
        ".so",
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
    """Files in a file: ZIP, and kinds we do not open (RAR, 7z, tar, gzip and others)."""
    PROGRAM = "program"
    """A viewer that came with the disc, and what belongs to it."""
    OTHER = "other"


_MAGICS: Final = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"PK\x03\x04", FileKind.ARCHIVE),
    (b"PK\x05\x06", FileKind.ARCHIVE),
    (b"Rar!\x1a\x07", FileKind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", FileKind.ARCHIVE),
    (b"\x1f\x8b\x08", FileKind.ARCHIVE),
    (b"BZh", FileKind.ARCHIVE),
    (b"\xfd7zXZ\0", FileKind.ARCHIVE),
    (b"(\xb5/\xfd", FileKind.ARCHIVE),
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
    suffix = PurePosixPath(name.casefold()).suffix
    for magic, kind in _MAGICS:
        if first_bytes.startswith(magic):
            return _packed(suffix) if kind is FileKind.ARCHIVE else kind
    if first_bytes[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return FileKind.ARCHIVE
    if _bare(first_bytes):
        return FileKind.DICOMDIR if first_bytes[0] == _DIRECTORY_GROUP else FileKind.DICOM
    return FileKind.PROGRAM if suffix in _VIEWER_SUFFIXES else FileKind.OTHER


def is_program_file(name: str) -> bool:
    """Return whether a name is that of something to run, rather than of its data."""
    return PurePosixPath(name.casefold()).suffix in _RUN_SUFFIXES


def _packed(suffix: str) -> FileKind:
    """Return what a packed file is: a viewer's resources, a document, or files in a file."""
    if suffix in _VIEWER_SUFFIXES:
        return FileKind.PROGRAM
    return FileKind.OTHER if suffix in _OPEN_PACKAGES else FileKind.ARCHIVE


def _bare(first_bytes: bytes) -> bool:
    source = FileSource(io.BytesIO(first_bytes), len(first_bytes))
    return plausible_encoding(source, 0) is not None
