from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passbox_wire.inner.viewer import Finding
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult
from tests.e2e.awaiting import eventually
from tests.parts.chromium import ACTION_DEADLINE, grey_levels, picture
from tests.viewer.house import House, a_delivery, a_transfer, running_house
from tests.viewer.images import an_image

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.parts

PAYLOADS = [
    "<script>window.hit=1</script>",
    "\"><img src=x onerror='window.hit=1'>",
    "'-window.hit=1-'",
    "</title><svg onload=window.hit=1>",
    "javascript:window.hit=1",
    "{{7*7}}<iframe srcdoc='<script>parent.hit=1</script>'>",
    '<link rel=stylesheet href="http://192.0.2.1/x.css">',
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the study page of five images is; looking at it changes nothing."""
    folder = tmp_path_factory.mktemp("five")
    images = [an_image(folder, n, tilt=40 * n) for n in range(1, 6)]
    with running_house(folder) as house:
        yield f"{house.browser.base_url}{house.visible(a_transfer(), images)}".replace("//s", "/s")


@pytest.fixture
def opened(address: str, page: "Page") -> "Page":
    """The study page of five images."""
    page.goto(f"{address}?lang=en")
    return page


def test_the_picture_is_drawn(opened: "Page") -> None:
    """The first picture is on the screen in many grey levels."""
    assert grey_levels(opened.locator("#stage")) > 50


def test_keys_wheel_and_slider_scroll(opened: "Page") -> None:
    """Arrow keys, the wheel and the slider each show another picture and say which."""
    position, stage = opened.locator("#position"), opened.locator("#stage")
    opened.wait_for_load_state("networkidle")
    assert position.inner_text() == "Image 3 of 5"

    opened.keyboard.press("ArrowDown")
    opened.get_by_text("Image 4 of 5").wait_for()
    stage.hover()
    opened.mouse.wheel(0, -40)
    opened.get_by_text("Image 3 of 5").wait_for()
    opened.keyboard.press("Home")
    opened.get_by_text("Image 1 of 5").wait_for()
    opened.locator("#slider").fill("5")
    opened.get_by_text("Image 5 of 5").wait_for()
    eventually(lambda: grey_levels(stage) > 50, "a picture")


def test_window_by_button_and_drag(opened: "Page") -> None:
    """A preset and dragging each change the window and the picture on the screen."""
    opened.wait_for_load_state("networkidle")
    stage = opened.locator("#stage")
    own = picture(stage).tobytes()

    opened.get_by_text("Brain").click()
    opened.get_by_text("C 40 / W 80").wait_for()
    opened.locator("#picture[src*='width=80']").wait_for()
    eventually(lambda: picture(stage).tobytes() != own, "another picture")

    box = stage.bounding_box()
    assert box
    opened.mouse.move(box["x"] + 100, box["y"] + 100)
    opened.mouse.down()
    opened.mouse.move(box["x"] + 200, box["y"] + 150)
    opened.mouse.up()
    opened.get_by_text("C 50 / W 100").wait_for()


def test_the_page_works_without_script(house: House, page: "Page", medium: Path) -> None:
    """Without script the picture is there and links lead to the next one and to other windows."""
    path = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])
    browser = page.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.set_default_timeout(ACTION_DEADLINE)
    plain.goto(f"{house.browser.base_url}{path}?lang=en".replace("//s", "/s"))
    assert grey_levels(plain.locator("#stage")) > 50

    plain.locator("#next").click()
    plain.get_by_text("Image 3 of 3").wait_for()
    plain.get_by_text("Bone").click()
    plain.get_by_text("C 500 / W 2000").wait_for()
    plain.context.close()


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1366, 768)])
def test_the_whole_picture_fits_the_window(
    opened: "Page", width: int, height: int, lang: str
) -> None:
    """On usual screens picture, slider and window buttons are all there without scrolling."""
    opened.set_viewport_size({"width": width, "height": height})
    opened.goto(opened.url.replace("lang=en", f"lang={lang}"))

    for part in ("#picture", "#slider", ".windows a:last-child", "#forward .state"):
        box = opened.locator(part).bounding_box()
        assert box, part
        assert box["y"] + box["height"] <= height, part
        assert box["x"] + box["width"] <= width, part
    canvas = opened.locator("#stage").bounding_box()
    assert canvas
    assert canvas["height"] > height / 2
    assert opened.evaluate("document.documentElement.scrollHeight") == height


def test_no_word_from_outside_is_executed(house: House, page: "Page", medium: Path) -> None:
    """Script in any shown tag, sender field or path is text: nothing runs, nothing is fetched."""
    origin = str(house.browser.base_url).rstrip("/")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))

    for number, payload in enumerate(PAYLOADS):
        page.goto(f"{origin}{_tainted(house, medium, number, payload)}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hit") is None, payload
        assert payload in page.locator("aside").inner_text()
        assert payload[:10] in page.locator("nav.series").inner_text()

    assert [address for address in addresses if not address.startswith(origin)] == []


def _tainted(house: House, medium: Path, number: int, payload: str) -> str:
    """Return the page of a transfer that has the payload in every shown place."""
    image = an_image(
        medium, name=payload, StudyDescription=payload, SeriesDescription=payload,
        PatientID=payload, PatientBirthDate=payload, Modality=payload, PatientSex=payload,
        StudyDate=payload,
    )  # fmt: skip
    sender = dict.fromkeys(("name", "email", "phone", "message"), payload)
    path = house.visible(a_transfer(number), [image], **sender)
    finding = Finding(payload, FileKind.PDF, FileResult.REFUSED, payload[:64])
    house.deliver(a_transfer(number), a_delivery(findings=(finding,)))
    return path
