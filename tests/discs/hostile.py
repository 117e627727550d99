"""Discs made to harm: to leave the medium, to eat the machine, to lie to the eye."""

import os
import socket
import stat
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

from tests.builders.dicom import DEFLATED, UNDEFINED, data_set, element, item, part10, text
from tests.discs.contents import table
from tests.discs.making import Packed, deflated_zeros, disc, write, zip_of, zipped
from tests.discs.slices import Slice, files, series

OUTSIDE = (
    "..\\..\\..\\etc\\passwd",
    "\\etc\\shadow",
    "C:\\Users\\praxis\\Documents\\x",
    "\\\\evil\\share\\x",
    "IMAGES\\..\\..\\secret",
)


@disc
def ids_that_lead_out(root: Path) -> Path:
    """A table that names files of the computer it is read on, and of another one."""
    named = [(path, Slice(number=90 + n)) for n, path in enumerate(OUTSIDE)]
    return write(root, {**files(series(2)), "DICOMDIR": table(named)})


@disc
def links_that_lead_out(root: Path) -> Path:
    """Links to a file and a folder outside, and a folder that is a link within."""
    outside = root.parent / f"{root.name} outside"
    write(outside, {"secret": Slice(number=77).data()})
    write(root, files(series(2)))
    (root / "FILE").symlink_to(outside / "secret")
    (root / "FOLDER").symlink_to(outside, target_is_directory=True)
    (root / "ROUND").symlink_to(root, target_is_directory=True)
    return root


@disc
def devices(root: Path) -> Path:
    """A FIFO that nobody writes to and a socket, named like images."""
    write(root, files(series(2)))
    os.mkfifo(root / "IMAGES" / "IM000009")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(root)  # a socket's path has 108 bytes
        try:
            listening.bind("SOCKET")
        finally:
            os.chdir(here)
    return root


@disc
def deflate_bomb(root: Path) -> Path:
    """A megabyte that inflates to a gigabyte."""
    head = struct.pack("<HH2sHI", 0x0009, 0x1010, b"OB", 0, 1 << 30)
    packed = deflated_zeros(1024, data_set({0x00080005: (b"CS", b"")}) + head)
    bomb = part10(b"", syntax=DEFLATED)[:-2] + packed
    return write(root, {**files(series(2)), "BOMB": bomb})


@disc
def deep_nesting(root: Path) -> Path:
    """Sequences within sequences, 100,000 deep."""
    level = element(0x00091001, b"SQ", b"", length=UNDEFINED)[:12]
    level += struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
    return write(root, {**files(series(2)), "DEEP": part10(level * 100_000)})


@disc
def element_flood(root: Path) -> Path:
    """Eight megabytes of empty items."""
    empty = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    flood = element(0x00091001, b"SQ", b"", length=UNDEFINED)[:12] + empty * 1_000_000
    return write(root, {**files(series(2)), "FLOOD": part10(flood)})


@disc
def huge_length(root: Path) -> Path:
    """A value that says it has four gigabytes, in a file of a few hundred bytes."""
    huge = element(0x00091001, b"OB", b"", length=0xFFFFFFF0)
    return write(root, {**files(series(2)), "HUGE": part10(huge)})


@disc
def zip_bomb(root: Path) -> Path:
    """Forty files that unpack to two gigabytes."""
    write(root, files(series(2)))
    size = 52 * 1024 * 1024
    packed, crc = deflated_zeros(52), zlib.crc32(bytes(size))
    zip_of(root / "bomb.zip", [Packed(f"I{n}", packed, size, crc) for n in range(40)])
    return root


@disc
def zip_that_leads_out(root: Path) -> Path:
    """Members with "..", absolute names, drive letters and links."""
    write(root, files(series(2)))
    with zipfile.ZipFile(root / "slip.zip", "w") as archive:
        for n, name in enumerate(("../../out", "/etc/out", "a/../../out")):
            archive.writestr(name, Slice(number=30 + n).data())
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return root


@disc
def zips_within_zips(root: Path) -> Path:
    """Three ZIP files one in the other."""
    data = zipped(root / "c.zip", files(series(1))).read_bytes()
    for name in ("b.zip", "a.zip"):
        inner = "c.zip" if name == "b.zip" else "b.zip"
        data = zipped(root / name, {inner: data}).read_bytes()
    for name in ("c.zip", "b.zip"):
        (root / name).unlink()
    return write(root, files(series(2)))


@disc
def names_to_deceive(root: Path) -> Path:
    """File names of 255 bytes, with line ends, escapes, reversed and broken characters."""
    slices = series(5)
    write(root, files(slices[:1]))
    folder = os.fsencode(root)
    names = (b"x" * 255, b"a\nb\x1b[2Jc", "img\u202egpj.exe".encode(), b"broken\xff\xfe")
    for name, image in zip(names, slices[1:], strict=True):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(image.data())
    return root


@disc
def texts_to_deceive(root: Path) -> Path:
    """A patient's name with script, line end, escape and direction marks."""
    name = "<script>alert(1)</script>^\u202eenaJ\x1b[31m".encode()
    image = Slice(patient=name, charset="ISO_IR 192", description="<img src=x onerror=alert(1)>")
    return write(root, files(series(2, image)))


@disc
def program_in_the_preamble(root: Path) -> Path:
    """Images that are Windows and Linux programs as well (CVE-2019-11687)."""
    content = {}
    for n, magic in enumerate((b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh\n"), 1):
        image = replace(Slice(), number=n)
        content[f"IM{n}"] = part10(image.bare(), preamble=magic.ljust(128, b"\0"))
    return write(root, content)


@disc
def folders_without_end(root: Path) -> Path:
    """Eighty folders, each in the other, with an image at the bottom."""
    write(root, files(series(2)))
    return write(root, {"/".join(["d"] * 80 + ["IM1"]): Slice(number=50).data()})


@disc
def flood_of_records(root: Path) -> Path:
    """A table of contents of 300,000 records that name nothing that is there."""
    head = element(0x00041430, b"CS", text("IMAGE"))
    ids = (element(0x00041500, b"CS", text(f"X{n:07}")) for n in range(300_000))
    body = element(0x00041220, b"SQ", b"".join(item(head + file_id) for file_id in ids))
    flood = part10(body, sop_class="1.2.840.10008.1.3.10")
    return write(root, {**files(series(2)), "DICOMDIR": flood})
