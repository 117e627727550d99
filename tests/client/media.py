"""Media for tests of the client: folders with a few images, made byte by byte."""

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.builders.dicom import data_set, facts, part10, record, text, uid

PDF = b"%PDF-1.4\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def an_image(
    number: int = 1,
    *,
    patient: str = "Doe^Jane",
    patient_id: str = "ID-1",
    birth_date: str = "19500102",
    uid_root: str = "1.2.3",
    instance: str = "",
    side: int = 8,
    fill: int = 100,
) -> bytes:
    """Return a CT slice of ``side`` x ``side`` pixels of 16 bits."""
    values = facts(
        instance=instance or f"{uid_root}.4.{number}",
        patient=patient.encode(),
        rows=side,
        columns=side,
    )
    values |= {
        0x00100020: (b"LO", text(patient_id)),
        0x00100030: (b"DA", text(birth_date)),
        0x0020000D: (b"UI", uid(uid_root)),
        0x0020000E: (b"UI", uid(f"{uid_root}.4")),
        0x00200013: (b"IS", text(str(number))),
    }
    ramp = struct.pack("<50H", *range(fill, fill + 50))
    pixels = (ramp * (side * side // 50 + 1))[: 2 * side * side]
    return part10(data_set(values, pixels))


def images(count: int, *, folder: str = "IMG", side: int = 8) -> dict[str, bytes]:
    """Return ``count`` slices of one series by path."""
    return {f"{folder}/I{n:03}": an_image(n, side=side) for n in range(1, count + 1)}


def two_patients() -> dict[str, bytes]:
    """Return two images each of two patients."""
    others = {
        f"IMG/J00{n}": an_image(n, patient="Roe^Richard", patient_id="ID-2", uid_root="1.2.9")
        for n in (1, 2)
    }
    return images(2) | others


def listing(*paths: str) -> list[bytes]:
    """Return the directory records that list ``paths``."""
    return [record("IMAGE", file_id=path.replace("/", "\\")) for path in paths]


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write ``files`` below ``root`` and return it."""
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write ``files`` into a ZIP and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
