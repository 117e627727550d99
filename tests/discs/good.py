"""Discs as they should be, in the ways they differ between devices."""

from dataclasses import replace
from pathlib import Path

from tests.builders.dicom import DEFLATED, EXPLICIT_BIG, IMPLICIT_LITTLE
from tests.discs.contents import listed, table
from tests.discs.making import disc, write, zipped
from tests.discs.slices import Slice, files, series

HTML = b"<!doctype html><title>Viewer</title>"
EXE = b"MZ" + bytes(300)


@disc
def proper_disc(root: Path) -> Path:
    """A CT series with a table of contents that is right."""
    slices = series(6)
    return write(root, {**files(slices), "DICOMDIR": table(listed(slices))})


@disc
def without_table(root: Path) -> Path:
    """A folder of images without any table of contents."""
    return write(root, files(series(6)))


@disc
def with_viewer(root: Path) -> Path:
    """A disc with a viewer that starts by itself, its icons, pages and manual."""
    slices = series(4)
    viewer = {
        "AUTORUN.INF": b"[autorun]\nopen=VIEWER\\START.EXE\n",
        "VIEWER/START.EXE": EXE,
        "VIEWER/LIB.DLL": EXE,
        "VIEWER/HELP/INDEX.HTML": HTML,
        "VIEWER/HELP/STEP1.JPG": b"\xff\xd8\xff\xe0" + bytes(60),
        "VIEWER/SKIN/LOGO.PNG": b"\x89PNG\r\n\x1a\n" + bytes(60),
        "VIEWER/SETTINGS.JSON": b'{"language": "de"}',
        "README.TXT": b"Please insert this disc and wait.",
    }
    return write(root, {**files(slices), **viewer, "DICOMDIR": table(listed(slices))})


@disc
def one_zip(root: Path) -> Path:
    """The whole disc as one ZIP file, table of contents and all."""
    slices = series(5)
    return zipped(root / "disc.zip", {**files(slices), "DICOMDIR": table(listed(slices))})


@disc
def zip_on_a_stick(root: Path) -> Path:
    """A stick with a disc as ZIP in a folder, and a ZIP within a ZIP."""
    slices = series(3)
    zipped(root / "from clinic" / "disc.zip", {**files(slices), "DICOMDIR": table(listed(slices))})
    inner = zipped(root / "inner.zip", files(series(2, Slice(series=5)))).read_bytes()
    (root / "inner.zip").unlink()
    zipped(root / "outer.zip", {"inner.zip": inner})
    return root


@disc
def deep_folders(root: Path) -> Path:
    """One folder a patient, study and series, as many archives write them."""
    slices = series(3) + series(3, Slice(series=5))
    paths = [f"PA000001/ST000001/SE{s.series:06}/IM{s.number:06}" for s in slices]
    content = {path: image.data() for path, image in zip(paths, slices, strict=True)}
    return write(root, {**content, "DICOMDIR": table(list(zip(paths, slices, strict=True)))})


@disc
def other_encodings(root: Path) -> Path:
    """Implicit, big endian and deflated files with their headers."""
    syntaxes = (IMPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED)
    slices = [replace(Slice(), number=n, syntax=syntax) for n, syntax in enumerate(syntaxes, 1)]
    slices[2] = replace(slices[2], syntax="1.2.840.10008.1.2.1.99")
    return write(root, files(slices))


@disc
def vendor_objects(root: Path) -> Path:
    """Images, a structured report and objects that only the maker of the device knows."""
    report = Slice(number=10, sop_class="1.2.840.10008.5.1.4.1.1.88.11", series=8)
    raw = [Slice(number=n, sop_class="1.3.12.2.1107.5.9.1", series=9) for n in (20, 21)]
    slices = [*series(3), report, *raw]
    return write(root, {**files(slices), "DICOMDIR": table(listed(slices))})
