"""The demo's own reader: hashes of what lies on the medium, taken before the client starts.

Written apart from the product's reading on purpose, on the standard library alone, so that the demo
compares the product with something else than itself. It follows no links.
"""

import hashlib
import os
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PREAMBLE: Final = 128
_LONG_LENGTH: Final = {b"OB", b"OW", b"OF", b"OD", b"OL", b"SQ", b"UC", b"UN", b"UR", b"UT"}


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Hashes of one file; ``data_set_sha256`` is of the bytes after group 0002, if there is one."""

    size: int
    sha256: bytes
    data_set_sha256: bytes


def read_medium(root: Path) -> dict[str, ReadFile]:
    """Return {path relative to ``root`` with slashes: hashes}; a ZIP counts as its members."""
    files: dict[str, ReadFile] = {}
    for path in _files(root):
        name = path.relative_to(root).as_posix() if path != root else path.name
        if zipfile.is_zipfile(path):
            prefix = "" if path == root else f"{name}/"
            files.update(_zip_members(path, prefix))
        else:
            files[name] = hashed(path.read_bytes())
    return files


def hashed(content: bytes) -> ReadFile:
    """Return the hashes of one file's bytes."""
    data_set = content[data_set_offset(content) :]
    return ReadFile(
        len(content), hashlib.sha256(content).digest(), hashlib.sha256(data_set).digest()
    )


def data_set_offset(content: bytes) -> int:
    """Return where the data set starts: after group 0002 of a Part 10 file (PS3.10 7.1), else 0."""
    if content[_PREAMBLE : _PREAMBLE + 4] != b"DICM":
        return 0
    at = _PREAMBLE + 4
    while content[at : at + 2] == b"\x02\x00":
        vr = content[at + 4 : at + 6]
        if vr in _LONG_LENGTH:
            at += 12 + struct.unpack_from("<I", content, at + 8)[0]
        else:
            at += 8 + struct.unpack_from("<H", content, at + 6)[0]
    return at


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _zip_members(path: Path, prefix: str) -> Iterator[tuple[str, ReadFile]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.is_dir() and not member.flag_bits & 1:
                yield prefix + member.filename, hashed(archive.read(member))
