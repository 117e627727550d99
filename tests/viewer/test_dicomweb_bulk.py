"""DICOMweb of what is no plain image: long values, bits, deflated files, 12 bit JPEG."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from passbox_viewer import dicomweb
from passbox_wire.ids import TransferId
from tests.viewer.coded import big_endian
from tests.viewer.house import House, a_transfer
from tests.viewer.images import SERIES, STUDY, an_image
from tests.viewer.objects import (
    a_document,
    a_pdf,
    a_segmentation,
    an_ecg,
    deflated,
    in_space,
    jpeg_extended,
    of_twelve_bits,
    with_overlay,
)
from tests.viewer.web_house import Asker, asking, running_web_house, value

ONE = f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}.1"
LARGE = 512
OCTETS = "application/octet-stream"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A viewer with an OHIF that nobody runs; each test has transfers of its own."""
    with running_web_house(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def transfer() -> TransferId:
    """A transfer that no other test has."""
    return a_transfer(next(_NUMBERS))


def _address(asker: Asker, element: dict[str, str]) -> str:
    """Return a bulk data address as the asker's client takes it; it is below the word's root."""
    assert element.keys() == {"vr", "BulkDataURI"}
    path = asker.root[asker.root.index("/o/") :]
    assert element["BulkDataURI"].startswith(f"{path}/studies/")
    return element["BulkDataURI"].removeprefix(path)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_an_overlay_is_a_long_value(
    house: House, medium: Path, transfer: TransferId, syntax: str
) -> None:
    """A plane of overlay is told by an address in the metadata, and lies there byte for byte."""
    path = an_image(medium)
    plane = with_overlay(path, LARGE, syntax=syntax)
    with asking(house, house.visible(transfer, [path])) as one:
        (said,) = one.json(f"{ONE}/metadata")
        answer = one.get(_address(one, said["60003000"]))
        assert (answer.content, answer.headers["Content-Type"]) == (
            plane,
            "application/octet-stream",
        )
        assert one.parts(_address(one, said["60003000"])) == [plane]
    assert value(said, "60000010") == LARGE
    assert not [tag for tag in said if int(tag[:4], 16) % 2]


def test_samples_of_an_ecg_are_a_long_value(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """A value within a sequence has an address of its own."""
    path, samples = an_ecg(medium)
    with asking(house, house.visible(transfer, [path, an_image(medium)])) as one:
        (said,) = one.json(f"/studies/{STUDY}/series/{STUDY}.70/metadata")
        group = value(said, "54000100")
        assert one.get(_address(one, group["54001010"])).content == samples


def test_a_document_is_told_as_pdf_whatever_it_says(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """An encapsulated document comes whole, and never under a kind that could run in a browser."""
    pdf = a_pdf("Report")
    path = a_document(medium, pdf, kind="text/html")
    with asking(house, house.visible(transfer, [path, an_image(medium)])) as one:
        (said,) = one.json(f"/studies/{STUDY}/series/{STUDY}.71/metadata")
        answer = one.get(_address(one, said["00420011"]))
    assert answer.content.rstrip(b"\0") == pdf
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert value(said, "00420012") == "application/pdf"


def test_big_endian_values_come_in_little_endian(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """Words of a big endian file are turned, as the syntax of all answers says."""
    path = an_image(medium)
    plane = with_overlay(path, 16)
    with asking(house, house.visible(transfer, [big_endian(path)])) as one:
        (said,) = one.json(f"{ONE}/metadata")
        turned = np.frombuffer(plane, "<u2").byteswap().tobytes()
        assert one.get(_address(one, said["60003000"])).content == turned


def test_frames_of_bits_come_as_bytes(house: House, medium: Path, transfer: TransferId) -> None:
    """A segmentation's frames are told and sent with eight bits a sample, wherever they begin."""
    images = [in_space(an_image(medium, n), n) for n in (1, 2, 3)]
    for path in images:
        image = dcmread(path)
        image.Rows, image.Columns = 61, 63
        image.PixelData = image.PixelData[: 61 * 63 * 2]
        image.save_as(path)
    path, frames = a_segmentation(medium, images)
    with asking(house, house.visible(transfer, [*images, path])) as one:
        at = f"/studies/{STUDY}/series/{STUDY}.72"
        (said,) = one.json(f"{at}/metadata")
        assert one.frames(f"{at}/instances/{STUDY}.72.1/frames/1,2,3") == frames
    assert (value(said, "00280100"), value(said, "00280101"), value(said, "00280102")) == (8, 8, 7)


def test_deflated_images_come_inflated(house: House, medium: Path, transfer: TransferId) -> None:
    """A deflated data set has metadata, long values and frames like any other."""
    path = an_image(medium)
    plane = with_overlay(path, LARGE)
    pixels = dcmread(path).PixelData
    with asking(house, house.visible(transfer, [deflated(path)])) as one:
        (said,) = one.json(f"{ONE}/metadata")
        assert one.frames(f"{ONE}/frames/1") == [pixels]
        assert one.get(_address(one, said["60003000"])).content == plane
        assert one.get(f"{ONE}/rendered").status_code == 200
    assert value(said, "00280010") == 64


def test_jpeg_of_twelve_bits_is_decoded(house: House, medium: Path, transfer: TransferId) -> None:
    """Lossy JPEG of 12 bits comes as the pixels that its coder meant, but for its loss."""
    plain = np.frombuffer(dcmread(of_twelve_bits(an_image(medium))).PixelData, "<u2")
    path = jpeg_extended(an_image(medium, tilt=1))
    with asking(house, house.visible(transfer, [path])) as one:
        (frame,) = one.frames(f"{ONE}/frames/1")
        assert one.get(f"{ONE}/rendered").status_code == 200
    shown = np.frombuffer(frame, "<u2").astype(int)
    assert shown.size == plain.size
    assert abs(shown - plain).max() <= 4


@pytest.mark.parametrize(
    "place",
    [
        "7FE00010", "00100010", "60003000/0/60003000", "60010010", "%2e%2e/frames/1", "6000300",
        "54000100/9/54001010", "54000100/-1/54001010", "60003000/", "",
        "60003000" + "/0/60003000" * 30,
    ],
)  # fmt: skip
def test_other_places_are_no_address(
    house: House, medium: Path, transfer: TransferId, place: str
) -> None:
    """Pixel data, texts, private elements, and what is not there have no bulk data address."""
    path = an_image(medium)
    with_overlay(path)
    with asking(house, house.visible(transfer, [path])) as one:
        assert one.get(f"{ONE}/bulkdata/{place}").status_code == 404
        assert one.get(f"{ONE}/bulkdata/60003000").status_code == 200


def test_another_transfers_values_are_unknown(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """A long value of another transfer is as unknown as an invented one; so with the link's end."""
    other = an_image(medium, 2, study="1.2.826.0.1.9", series="1.2.826.0.1.9.1")
    mine = an_image(medium)
    for path in (other, mine):
        with_overlay(path)
    house.visible(a_transfer(next(_NUMBERS)), [other])
    with asking(house, house.visible(transfer, [mine])) as one:
        there = "/studies/1.2.826.0.1.9/series/1.2.826.0.1.9.1/instances/1.2.826.0.1.9.1.2"
        assert one.get(f"{there}/bulkdata/60003000").status_code == 404
        assert one.get(f"{ONE}/bulkdata/60003000", Origin="http://x.example").status_code == 404
        word = one.root.split("/o/")[1].split("/")[0]
        foreign = one.root.replace(word, "A" * 22)
        assert one.client.get(f"{foreign}{ONE}/bulkdata/60003000").status_code == 404
        assert one.get(f"{ONE}/bulkdata/60003000").status_code == 200


def test_a_texts_words_are_never_taken_for_an_address(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """Whoever writes the key of an address into a text gets that text back."""
    words = '"BulkDataURI":"'
    path = an_image(medium, SeriesDescription=words)
    with asking(house, house.visible(transfer, [path])) as one:
        (said,) = one.json(f"{ONE}/metadata")
    assert value(said, "0008103E") == words
    assert dicomweb.with_addresses(dicomweb.encode([words]), "/o/x") == dicomweb.encode([words])


KINDS = [
    ("1", b"%PDF-1.7 letter", "application/pdf", ".pdf"),
    ("1", b"<html><script>alert(1)</script>", OCTETS, ".bin"),
    ("2", b'<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>', OCTETS, ".xml"),
    ("3", b"solid x\nendsolid x\n", "model/stl", ".stl"),
    ("4", b"v 0 0 0\n", "model/obj", ".obj"),
    ("77", b"<svg onload='x'/>", OCTETS, ".bin"),
]
"""The end of a SOP class, a document, and as what it may leave."""


def test_a_document_is_a_download_that_nothing_runs(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """Each kind comes whole, under our type and name, sandboxed; what it says of itself is not."""
    files = [
        a_document(
            medium, content, kind="text/html", series=f"{STUDY}.8{n}",
            sop_class=f"1.2.840.10008.5.1.4.1.1.104.{last}",
        )
        for n, (last, content, _, _) in enumerate(KINDS)
    ]  # fmt: skip
    page = house.visible(transfer, [*files, an_image(medium)])
    html = house.browser.get(page, params={"lang": "en"}).text
    rows = {row.facts.series_instance_uid: row for row in house.instances(transfer) if row.facts}

    for n, (last, content, media_type, suffix) in enumerate(KINDS):
        number = rows[f"{STUDY}.8{n}"].number
        address = f"{page}/documents/{number}"
        answer = house.browser.get(address)
        assert f'href="{address}?' in html
        assert (answer.content, answer.headers["Content-Type"]) == (content, media_type)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        name = f"document-{number}{suffix}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        with asking(house, page) as one:
            (told,) = one.json(f"/studies/{STUDY}/series/{STUDY}.8{n}/metadata")
        assert value(told, "00420012") == ("application/pdf" if last == "1" else OCTETS)
    image = rows[SERIES].number
    assert house.browser.get(f"{page}/documents/{image}").status_code == 404
    assert house.browser.get(f"/s/{'A' * 22}/documents/{image}").status_code == 404
