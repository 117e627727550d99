from typing import TYPE_CHECKING

import pytest

from tests.parts.chromium import grey_levels

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.parts

CANVAS = "<canvas width=300 height=200></canvas>"
RAMP = """() => {
  const canvas = document.querySelector("canvas"), pen = canvas.getContext("2d");
  for (let x = 0; x < 300; x++) {
    pen.fillStyle = `rgb(${x / 2},${x / 2},${x / 2})`;
    pen.fillRect(x, 0, 1, 200);
  }
}"""


def test_a_drawn_picture_is_told_from_an_empty_one(page: "Page") -> None:
    """Grey levels on the screen tell a drawn canvas from an empty one."""
    page.set_content(CANVAS)
    canvas = page.locator("canvas")
    assert grey_levels(canvas) <= 2

    page.evaluate(RAMP)

    assert grey_levels(canvas) > 100
