"""The register of discs: a name, and a function that writes the medium into an empty folder."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

Maker = Callable[[Path], Path]
MAKERS: dict[str, Maker] = {}
"""By name; a maker returns the path to be scanned."""


def disc(maker: Maker) -> Maker:
    """Register a maker under its function's name; its docstring is the disc's story."""
    MAKERS[maker.__name__] = maker
    return maker


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below ``root`` and return it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a ZIP and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@dataclass(frozen=True)
class Packed:
    """A member of a ZIP as it lies there; ``size`` and ``crc`` are of what it unpacks to."""

    name: str
    data: bytes
    size: int
    crc: int
    method: int = zipfile.ZIP_DEFLATED
    encrypted: bool = False


def zip_of(path: Path, members: Iterable[Packed]) -> Path:
    """Write members as they are: the standard library would pack them itself (APPNOTE 4.3)."""
    body, directory, count = b"", b"", 0
    for member in members:
        name = member.name.encode()
        sizes = (member.crc, len(member.data), member.size)
        about = struct.pack("<HHHHHIII", 20, member.encrypted, member.method, 0, 33, *sizes)
        tail = struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + about + tail + name
        body += b"PK\x03\x04" + about + struct.pack("<HH", len(name), 0) + name + member.data
        count += 1
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def deflated_zeros(megabytes: int, first: bytes = b"") -> bytes:
    """Return ``first`` and so many megabytes of zeros, deflated: one piece, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = packer.compress(first) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * megabytes + packer.flush()
