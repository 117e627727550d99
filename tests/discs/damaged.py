"""Discs with files that are cut, doubled, old, or lack what they should have."""

import struct
from dataclasses import replace
from pathlib import Path

from tests.builders.dicom import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    data_set,
    element,
    short,
    text,
)
from tests.discs.contents import listed, table
from tests.discs.making import disc, write, zipped
from tests.discs.slices import Slice, files, series


@disc
def cut_in_pixels(root: Path) -> Path:
    """Files that end within their pixels."""
    slices = series(4)
    content = files(slices)
    content["IMAGES/IM000002"] = content["IMAGES/IM000002"][:-100]
    return write(root, {**content, "DICOMDIR": table(listed(slices))})


@disc
def cut_in_header(root: Path) -> Path:
    """Files that end before they say whose they are; the table knows it."""
    slices = series(4)
    content = files(slices)
    content["IMAGES/IM000003"] = content["IMAGES/IM000003"][:260]
    return write(root, {**content, "DICOMDIR": table(listed(slices))})


@disc
def damaged_zip_member(root: Path) -> Path:
    """One member of a ZIP does not unpack."""
    root.mkdir(exist_ok=True)
    path = zipped(root / "disc.zip", files(series(3)))
    raw = bytearray(path.read_bytes())
    at = raw.index(b"IMAGES/IM000002") + 60
    raw[at : at + 40] = b"\xff" * 40
    path.write_bytes(bytes(raw))
    return root


@disc
def zip_cut_off(root: Path) -> Path:
    """The download of a ZIP broke off."""
    path = zipped(root / "disc.zip", files(series(3)))
    path.write_bytes(path.read_bytes()[:-60])
    return root


@disc
def without_headers(root: Path) -> Path:
    """Bare data sets in three encodings, as scanners and planning systems leave them."""
    syntaxes = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG)
    slices = [replace(Slice(), number=n, syntax=syntax) for n, syntax in enumerate(syntaxes, 1)]
    return write(root, {f"scan{s.number}": s.bare() for s in slices})


@disc
def from_the_eighties(root: Path) -> Path:
    """ACR-NEMA 2 beside today's images."""
    old = data_set(
        {
            0x00080001: (b"UL", struct.pack("<I", 500)),
            0x00080010: (b"SH", text("ACR-NEMA 2.0")),
            0x00080020: (b"DA", b"19890203"),
            0x00080060: (b"CS", b"CT"),
            0x00100010: (b"PN", b"DOE^JANE"),
            0x00280010: (b"US", short(4)),
            0x00280011: (b"US", short(4)),
        },
        bytes(32),
        syntax=IMPLICIT_LITTLE,
    )
    return write(root, {**files(series(2)), "OLD/SLICE1": old})


@disc
def without_identity(root: Path) -> Path:
    """An image without SOP Instance UID, and one whose UID is no UID."""
    first, second = Slice(number=8).values(), Slice(number=9).values()
    del first[0x00080018]
    second[0x00080018] = (b"UI", b"not a uid!")
    content = {"NOUID": data_set(first, bytes(512)), "BADUID": data_set(second, bytes(512))}
    return write(root, {**files(series(2)), **content})


@disc
def copies(root: Path) -> Path:
    """The same images in two folders."""
    return write(root, {**files(series(3), "A"), **files(series(3), "B")})


@disc
def same_uid_other_bytes(root: Path) -> Path:
    """Two images of one identity and different pixels."""
    content = files(series(3), "A")
    return write(root, {**content, "B/IM000001": replace(Slice(), fill=7).data()})


@disc
def gap_in_series(root: Path) -> Path:
    """Instance numbers 1 to 40 and 42 to 100."""
    return write(root, files([s for s in series(100) if s.number != 41]))


@disc
def numbered_in_steps(root: Path) -> Path:
    """A device that numbers 1, 101, 201: no gap."""
    return write(root, files([replace(Slice(), number=n) for n in range(1, 900, 100)]))


@disc
def trailing_rubbish(root: Path) -> Path:
    """Zeros behind the pixels, as tape copies leave them, and a padding element."""
    padding = element(0xFFFCFFFC, b"OB", bytes(20))
    slices = series(2)
    content = {"a": slices[0].data() + bytes(512), "b": slices[1].data() + padding}
    return write(root, content)
