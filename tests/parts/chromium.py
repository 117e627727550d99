"""A page as a person sees it: Debian's Chromium, headless, driven by playwright.

What counts as drawn is decided on the pixels of a screenshot, never on the page's own word.
Tests using it are plain functions: playwright's blocking API refuses a running event loop.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.parts.programs import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

# As root there is no sandbox to be had; shared memory is small in containers.
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"]
ACTION_DEADLINE = 60_000  # milliseconds; playwright's unit


def picture(of: Locator) -> Image.Image:
    """Return what is on the screen where ``of`` is, in grey levels."""
    return Image.open(io.BytesIO(of.screenshot())).convert("L")


def grey_levels(of: Locator) -> int:
    """Return how many grey levels, 1 to 256, are on the screen where ``of`` is.

    An empty box has one or two, a radiograph far more than 20.
    """
    return sum(1 for count in picture(of).histogram() if count)


# Not longer than a module: playwright keeps an event loop running in this thread for as long as it
# lives, and no asynchronous test of another module could run beside it.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module; skips where the package is missing."""
    program = require("chromium", package="chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh page without cookies; throw-away certificates are taken as they are."""
    context = chromium.new_context(
        ignore_https_errors=True, viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(ACTION_DEADLINE)
    yield context.new_page()
    context.close()
