"""What is no plain image, in OHIF under its strict policy: drawn, not only handed out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.awaiting import eventually
from tests.parts.ohif import ohif_frame
from tests.viewer.house import House, a_transfer
from tests.viewer.images import an_image
from tests.viewer.objects import (
    a_document,
    a_pdf,
    a_segmentation,
    an_ecg,
    deflated,
    in_space,
    jpeg_extended,
    with_overlay,
)
from tests.viewer.test_ohif_in_chromium import Desk, desk, house
from tests.viewer.web_house import address_in

__all__ = ["desk", "house"]

pytestmark = [pytest.mark.faults, pytest.mark.parts, pytest.mark.timeout(300)]

RED = """(() => {
  const canvas = document.querySelector("canvas.cornerstone-canvas");
  if (!canvas) return 0;
  const { width, height } = canvas;
  const row = canvas.getContext("2d").getImageData(0, Math.floor(height / 3), width, 1).data;
  let red = 0;
  for (let at = 0; at < row.length; at += 4) red += row[at] > row[at + 1] + 40;
  return red;
})()"""
"""How many points of a line across the picture are red: the colour of the segment."""


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """A folder for images."""
    folder = tmp_path / "medium"
    folder.mkdir()
    return folder


def test_a_segmentation_is_laid_over_its_images(house: House, desk: Desk, medium: Path) -> None:
    """A binary segmentation is loaded frame by frame, coloured, and no policy is complained of."""
    images = [
        in_space(an_image(medium, n, tilt=n, WindowCenter="500", WindowWidth="1000"), n)
        for n in range(1, 6)
    ]
    segmentation, _ = a_segmentation(medium, images)
    desk.open(house, house.visible(a_transfer(201), [*images, segmentation]))
    frame = ohif_frame(desk.page)
    assert frame.evaluate(RED) == 0
    frame.locator('[data-cy="study-browser-thumbnail-no-image"]').first.dblclick()

    eventually(lambda: frame.evaluate(RED) > 50, "the segment on the canvas", 60)
    assert desk.complaints == []


def test_an_overlay_is_drawn_above_its_image(house: House, desk: Desk, medium: Path) -> None:
    """A plane of group 6000 stands above the image, fetched by its address."""
    path = an_image(medium, WindowCenter="500", WindowWidth="1000")
    with_overlay(path, 512)
    desk.open(house, house.visible(a_transfer(202), [path]))
    ohif_frame(desk.page).locator("svg image").first.wait_for()
    assert any(address.endswith("/bulkdata/60003000") for address in desk.asked)
    assert desk.complaints == []


def test_a_document_opens_in_the_browsers_own_viewer(
    house: House, desk: Desk, medium: Path
) -> None:
    """An encapsulated PDF is shown by the browser in a frame of its own process."""
    path = a_document(medium, a_pdf("A report"), kind="text/html")
    page = house.browser.get(house.visible(a_transfer(203), [path])).text
    desk.page.goto(address_in(page))

    def viewers() -> list[str]:
        desk.page.title()  # frames are told of while something is asked
        return [one.url for one in desk.page.frames if one.url.startswith("chrome-extension:")]

    eventually(lambda: bool(viewers()), "the browser's viewer of PDFs", 60)


@pytest.mark.parametrize(
    "made",
    [
        lambda folder: an_ecg(folder)[0],
        lambda folder: deflated(an_image(folder, WindowCenter="500", WindowWidth="1000")),
        lambda folder: jpeg_extended(an_image(folder, WindowCenter="500", WindowWidth="1000")),
    ],
    ids=["ECG", "deflated", "JPEG of 12 bits"],
)
def test_it_is_drawn(
    house: House,
    desk: Desk,
    medium: Path,
    made: Callable[[Path], Path],
    request: pytest.FixtureRequest,
) -> None:
    """Waveforms, deflated images and lossy JPEG of 12 bits come onto the canvas."""
    number = 204 + sum(map(ord, request.node.name))
    desk.open(house, house.visible(a_transfer(number), [made(medium)]))
    assert desk.complaints == []
