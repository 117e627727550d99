"""Discs without a single image that an archive could hold: the most frequent failure of all."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

from tests.discs.making import Packed, disc, write, zip_of
from tests.discs.slices import files, series

JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n"


@disc
def only_photos(root: Path) -> Path:
    """Photos of a screen."""
    return write(root, {f"DCIM/IMG_{n:04}.JPG": JPEG + bytes([n]) for n in range(5)})


@disc
def only_a_letter(root: Path) -> Path:
    """A report as PDF, and no images."""
    return write(root, {"Befund.pdf": PDF})


@disc
def only_office_files(root: Path) -> Path:
    """Letters of an office program and a text."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    content = {"Arztbrief.docx": packed.getvalue(), "Brief.doc": b"\xd0\xcf\x11\xe0" + bytes(600)}
    return write(root, {**content, "readme.txt": b"Guten Tag."})


@disc
def only_films(root: Path) -> Path:
    """Ultrasound as ordinary films."""
    avi = b"RIFF" + struct.pack("<I", 400) + b"AVI LIST" + bytes(400)
    mp4 = b"\0\0\0\x18ftypmp42" + bytes(400)
    return write(root, {"Echo/1.avi": avi, "Echo/2.mp4": mp4})


@disc
def only_a_viewer(root: Path) -> Path:
    """A viewer program whose images were forgotten."""
    exe = b"MZ" + bytes(400)
    return write(root, {"autorun.inf": b"[autorun]", "Viewer/view.exe": exe, "Viewer/a.dll": exe})


@disc
def only_web_pages(root: Path) -> Path:
    """Pages for a browser with small pictures: a preview instead of the examination."""
    content = {"index.html": b"<html>", "pages/1.html": b"<html>", "pages/1.jpg": JPEG}
    return write(root, content)


@disc
def other_image_formats(root: Path) -> Path:
    """Research formats and bitmaps."""
    nifti = struct.pack("<i", 348) + bytes(340) + b"n+1\0" + bytes(200)
    bmp = b"BM" + struct.pack("<IHHI", 500, 0, 0, 54) + bytes(450)
    tiff = b"II*\0\x08\0\0\0" + bytes(400)
    return write(root, {"brain.nii": nifti, "scan.bmp": bmp, "scan.tif": tiff})


@disc
def raw_pixels(root: Path) -> Path:
    """Pixels without any header, named like images."""
    return write(root, {f"IMG{n:03}.dcm": bytes(range(256)) * 8 for n in range(3)})


@disc
def other_archives(root: Path) -> Path:
    """Packed by programs whose files we do not open."""
    content = {
        "bilder.rar": b"Rar!\x1a\x07\x01\0" + bytes(200),
        "bilder.7z": b"7z\xbc\xaf\x27\x1c" + bytes(200),
        "bilder.tar.gz": b"\x1f\x8b\x08\0" + bytes(200),
    }
    return write(root, content)


@disc
def locked_zip(root: Path) -> Path:
    """A ZIP with a password that nobody gave."""
    root.mkdir(exist_ok=True)
    return lock(root / "disc.zip", files(series(3)), b"geheim")


@disc
def blank_disc(root: Path) -> Path:
    """Nothing at all: burning failed."""
    root.mkdir(exist_ok=True)
    return root


@disc
def empty_files(root: Path) -> Path:
    """Two thousand empty files."""
    return write(root, {f"D{n // 100}/F{n:04}": b"" for n in range(2000)})


def lock(path: Path, content: dict[str, bytes], password: bytes) -> Path:
    """Write a ZIP encrypted the old way (APPNOTE 6.1): the standard library only reads it."""
    members = []
    for name, data in content.items():
        crc = zlib.crc32(data)
        sealed = _encrypt(bytes(11) + bytes([crc >> 24]) + data, password)
        members.append(Packed(name, sealed, len(data), crc, zipfile.ZIP_STORED, encrypted=True))
    return zip_of(path, members)


def _crc(value: int, byte: int) -> int:
    value ^= byte
    for _ in range(8):
        value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
    return value


_CRCS = [_crc(0, byte) for byte in range(256)]


def _encrypt(data: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = keys[0] >> 8 ^ _CRCS[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = keys[2] >> 8 ^ _CRCS[(keys[2] ^ keys[1] >> 24) & 0xFF]

    for byte in password:
        update(byte)
    sealed = bytearray()
    for byte in data:
        mask = keys[2] | 2
        sealed.append(byte ^ (mask * (mask ^ 1) >> 8 & 0xFF))
        update(byte)
    return bytes(sealed)
