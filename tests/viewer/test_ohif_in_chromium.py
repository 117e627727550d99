"""OHIF as a clinician sees it, in headless Chromium: drawn, fenced in, and harmless."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.e2e.awaiting import eventually
from tests.parts.chromium import ACTION_DEADLINE
from tests.parts.ohif import DRAWN_DEADLINE, WATCH, ohif_folder, ohif_frame, wait_until_drawn
from tests.viewer.coded import coded_slices
from tests.viewer.house import House, a_transfer
from tests.viewer.images import an_image
from tests.viewer.payloads import PAYLOADS, tainted_series
from tests.viewer.web_house import address_in, running_web_house

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

pytestmark = [pytest.mark.parts, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A viewer with the real OHIF."""
    folder = ohif_folder()
    with running_web_house(tmp_path_factory.mktemp("web"), folder) as running:
        yield running


@dataclass
class Desk:
    """A clinician's window, and all that it asked of the network."""

    page: "Page"
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, house: House, path: str, lang: str = "en") -> str:
        """Press the study page's button; return OHIF's origin."""
        address = address_in(house.browser.get(path, params={"lang": lang}).text)
        self.page.goto(address)
        wait_until_drawn(self.page)
        return address.split("/o/")[0]

    def origins(self) -> set[str]:
        found = (urlsplit(address) for address in self.asked)
        return {f"{one.scheme}://{one.netloc}" for one in found if one.scheme.startswith("http")}


@pytest.fixture
def desk(chromium: "Browser") -> Iterator[Desk]:
    """A window whose requests, from workers too, and refusals by policy are noted."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(ACTION_DEADLINE)
    context.add_init_script(WATCH)
    one = Desk(context.new_page())
    context.on("request", lambda request: one.asked.append(request.url))
    context.on(
        "console",
        lambda message: (
            one.complaints.append(message.text) if "Security Policy" in message.text else None
        ),
    )
    yield one
    context.close()


def test_ohif_draws_under_the_warning_and_asks_nobody_else(
    house: House, desk: Desk, medium: Path
) -> None:
    """A CT is drawn below the line that stays, OHIF's own address too; nobody else is asked."""
    path = house.visible(a_transfer(1), [an_image(medium, n, tilt=40 * n) for n in range(1, 6)])
    origin = desk.open(house, path)
    desk.page.wait_for_load_state("networkidle")
    frame = ohif_frame(desk.page)

    warning = desk.page.get_by_text("not for primary diagnosis").bounding_box()
    inside = desk.page.locator("iframe").bounding_box()
    assert warning
    assert inside
    assert warning["y"] + warning["height"] <= inside["y"]
    assert inside["y"] + inside["height"] <= 768
    assert frame.get_by_text("Skip all").count() == 0
    assert desk.origins() == {origin}
    assert any("/frames/1" in address for address in desk.asked)
    assert desk.complaints == []
    desk.page.goto(frame.url)
    assert "/viewer" not in desk.page.url
    desk.page.get_by_text("not for primary diagnosis").wait_for()


def test_compressed_and_big_endian_images_draw(house: House, desk: Desk, medium: Path) -> None:
    """JPEG lossless, JPEG-LS, JPEG 2000, RLE and big endian slices are each drawn, each another."""
    files = coded_slices(medium)
    desk.open(house, house.visible(a_transfer(3), files))
    frame = ohif_frame(desk.page)
    drawn = [_canvas(frame)]
    for number in range(2, len(files) + 1):
        desk.page.locator("iframe").hover()
        desk.page.mouse.wheel(0, 120)
        frame.get_by_text(f"({number}/{len(files)})").wait_for()
        eventually(lambda: _canvas(frame) not in drawn, "another image on the canvas")
        drawn.append(_canvas(frame))

    assert len(drawn) == len(files) == 6
    assert desk.complaints == []


def _canvas(frame: "Frame") -> str:
    pixels: str = frame.evaluate("document.querySelector('canvas.cornerstone-canvas').toDataURL()")
    return pixels


def test_scripts_in_tags_are_text(house: House, desk: Desk, medium: Path) -> None:
    """50 payloads, one a series, in every tag that OHIF shows: none runs, nothing is fetched."""
    files = [file for n in range(len(PAYLOADS)) for file in tainted_series(medium, n)]
    path = house.visible(a_transfer(50), files)
    origin = desk.open(house, path)
    frame = ohif_frame(desk.page)
    frame.get_by_text(PAYLOADS[-1][:12]).first.wait_for(timeout=DRAWN_DEADLINE)
    desk.page.wait_for_load_state("networkidle")

    assert [one.evaluate("window.hit") for one in desk.page.frames] == [None, None]
    assert desk.origins() == {origin}
