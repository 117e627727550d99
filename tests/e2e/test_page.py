"""The study's page as a clinician's browser shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.awaiting import eventually
from tests.e2e.command import Said, send
from tests.e2e.hospital import Hospital, a_hospital
from tests.parts.chromium import grey_levels, picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.parts

MANY_GREYS = 60  # an empty stage has a few, and so has one that only shows words


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A running hospital."""
    with a_hospital(tmp_path_factory.mktemp("page")) as hospital:
        yield hospital


@pytest.fixture(scope="module")
def said(hospital: Hospital, ct: Path) -> Said:
    """A CT series that was delivered."""
    return send(hospital, ct)


@pytest.fixture(scope="module")
def link(hospital: Hospital, said: Said) -> str:
    """The link of the mail."""
    assert said.code == 0, said.sentences
    return hospital.next_link()


def drawn(page: Page) -> Locator:
    """Return the picture once the browser has it."""
    page.wait_for_function("document.getElementById('picture').naturalWidth > 100")
    return page.locator("#picture")


def test_an_image_is_really_drawn_and_scrolls(page: Page, link: str) -> None:
    """The page draws an image with its grey levels, and a key shows the next one."""
    page.goto(f"{link}?lang=en")
    shown = drawn(page)
    assert grey_levels(shown) > MANY_GREYS
    before, place = picture(shown).tobytes(), page.locator("#position").inner_text()

    page.keyboard.press("ArrowDown")

    eventually(
        lambda: picture(shown).tobytes() != before and grey_levels(shown) > MANY_GREYS,
        "another picture, drawn",
    )
    assert page.locator("#position").inner_text() != place


def test_the_page_says_that_it_is_from_outside(page: Page, link: str) -> None:
    """The page says that the images are from outside and unverified, and who sent them."""
    page.goto(f"{link}?lang=en")
    assert "not for primary diagnosis" in page.locator(".banner").inner_text()
    assert "Dr. Anna Weber" in page.locator("aside").inner_text()


def test_the_button_brings_the_images_into_the_pacs(
    hospital: Hospital, said: Said, page: Page, link: str
) -> None:
    """Pressing the button forwards every image; the page then says that they are in the PACS."""
    page.goto(f"{link}?lang=en")
    page.locator("#forward button.primary").click()

    page.wait_for_selector("#forward.good")

    stored = hospital.stored(said.json["transfer"])
    assert "In the PACS" in page.locator("#forward .state").inner_text()
    assert all(instance.in_pacs for instance in stored)
    assert hospital.in_pacs() == sorted(instance.sop_instance_uid for instance in stored)
