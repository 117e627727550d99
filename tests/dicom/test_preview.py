import io
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from passbox_dicom.errors import UndecodablePixels, WorkerGarbled
from passbox_dicom.preview import LIMITS, TARGET, Look, preview
from passbox_dicom.worker import WorkerPool
from tests.builders import dicom


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    """Return one real worker with all decoders."""
    with WorkerPool(TARGET, LIMITS) as pool:
        yield pool


def shipped(name: str) -> Path:
    """Return one of pydicom's test files."""
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return Path(path)


def picture(png: bytes) -> Image.Image:
    """Return the picture opened."""
    return Image.open(io.BytesIO(png))


def grey(tmp_path: Path, values: list[int], **changes: dicom.Values) -> Path:
    """Return a file of one row of grey values; ``changes["more"]`` are more elements."""
    facts = dicom.facts(rows=1, columns=len(values), signed=True)
    facts |= changes.get("more", {})
    path = tmp_path / "image.dcm"
    path.write_bytes(dicom.part10(dicom.data_set(facts, struct.pack(f"<{len(values)}h", *values))))
    return path


def row(png: bytes) -> list[int]:
    """Return the grey values of a picture of one row."""
    return list(picture(png).tobytes())


def test_the_asked_window_is_used_in_the_images_units(tmp_path: Path, workers: WorkerPool) -> None:
    """Center and width count after slope and intercept, as in CT."""
    path = grey(
        tmp_path,
        [0, 1000, 1050, 1100, 3000],
        more={0x00281052: (b"DS", dicom.text("-1000")), 0x00281053: (b"DS", dicom.text("1"))},
    )
    shown = preview(workers, path, Look(center=50, width=100))
    assert row(shown.png) == [0, 0, 127, 255, 255]
    assert (shown.center, shown.width) == (50.0, 100.0)


def test_without_asking_the_files_window_is_used(tmp_path: Path, workers: WorkerPool) -> None:
    """The window of the header is the default."""
    path = grey(
        tmp_path,
        [0, 100, 200],
        more={0x00281050: (b"DS", dicom.text("100")), 0x00281051: (b"DS", dicom.text("200"))},
    )
    assert row(preview(workers, path, Look()).png) == [0, 127, 255]


def test_without_any_window_the_values_decide(tmp_path: Path, workers: WorkerPool) -> None:
    """A file without a window is shown from its lowest to its highest values."""
    shown = row(preview(workers, grey(tmp_path, [-500, 0, 500]), Look()).png)
    assert (shown[0], shown[-1]) == (0, 255)


def test_monochrome1_is_inverted(tmp_path: Path, workers: WorkerPool) -> None:
    """Where 0 means white, the picture is turned."""
    path = grey(tmp_path, [-500, 0, 500], more={0x00280004: (b"CS", dicom.text("MONOCHROME1"))})
    shown = row(preview(workers, path, Look()).png)
    assert (shown[0], shown[-1]) == (255, 0)


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "SC_rgb_jls_lossy_line.dcm",
        "SC_rgb_rle_16bit.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    ],
)
def test_colours_are_the_same_in_every_syntax(workers: WorkerPool, name: str) -> None:
    """JPEG, JPEG Lossless, JPEG-LS, RLE, JPEG 2000 and YBR show the same red on top."""
    shown = picture(preview(workers, shipped(name), Look()).png).convert("RGB").getpixel((0, 0))
    assert isinstance(shown, tuple)
    assert all(abs(got - red) < 12 for got, red in zip(shown, (255, 0, 0), strict=True))


@pytest.mark.parametrize(
    "name",
    [
        "examples_palette.dcm",
        "image_dfl.dcm",
        "rtdose.dcm",
        "JPEGLSNearLossless_16.dcm",
        "SC_rgb_small_odd_big_endian.dcm",
        "JPGExtended.dcm",
    ],
)
def test_other_kinds_of_pixels_are_drawn(workers: WorkerPool, name: str) -> None:
    """Palettes, deflated files, 32 bit doses, JPEG of 12 bits and odd sizes give a picture."""
    shown = preview(workers, shipped(name), Look())
    assert (
        picture(shown.png).size == (shown.columns, shown.rows)
        or max(picture(shown.png).size) == 512
    )


def test_one_frame_of_many_is_shown(workers: WorkerPool) -> None:
    """A frame is asked for by its number from 0."""
    path = shipped("examples_ybr_color.dcm")
    first, last = (preview(workers, path, Look(frame=n)) for n in (0, 29))
    assert first.frames == 30
    assert first.png != last.png
    with pytest.raises(UndecodablePixels):
        preview(workers, path, Look(frame=30))


def test_the_longer_side_has_a_limit(workers: WorkerPool) -> None:
    """A thumbnail is as small as asked and keeps its shape."""
    shown = preview(workers, shipped("JPEG2000.dcm"), Look(max_size=64))
    assert picture(shown.png).size == (16, 64)
    assert (shown.rows, shown.columns) == (1024, 256)


def test_a_file_on_a_medium_and_without_meta_header_is_drawn(
    tmp_path: Path, workers: WorkerPool
) -> None:
    """The sender's side shows files where they lie, also bare data sets."""
    (tmp_path / "IM1").write_bytes(dicom.data_set(pixels=struct.pack("<16H", *range(16))))
    assert preview(workers, (tmp_path, ("IM1",)), Look()).rows == 4


@pytest.mark.parametrize("name", ["reportsi.dcm", "README.txt"])
def test_what_has_no_picture_says_so(workers: WorkerPool, name: str) -> None:
    """Reports and other files are a typed error."""
    with pytest.raises(UndecodablePixels):
        preview(workers, shipped(name), Look())


def test_a_picture_of_absurd_size_is_refused(tmp_path: Path, workers: WorkerPool) -> None:
    """The header's size is looked at before anything is decoded."""
    path = tmp_path / "huge.dcm"
    path.write_bytes(
        dicom.part10(dicom.data_set(dicom.facts(rows=65535, columns=65535), bytes(64)))
    )
    with pytest.raises(UndecodablePixels):
        preview(workers, path, Look())


@pytest.mark.parametrize("png", ["", "no base64!", "AAAA"])
def test_a_worker_that_sends_no_picture_is_not_believed(tmp_path: Path, png: str) -> None:
    """What is no PNG does not reach a page."""

    class Nonsense:
        def run(self, request: object) -> dict[str, object]:
            return {
                "problem": None, "png": png, "rows": 1, "columns": 1, "frames": 1,
                "center": None, "width": None,
            }  # fmt: skip

    with pytest.raises(WorkerGarbled):
        preview(Nonsense(), tmp_path, Look())
