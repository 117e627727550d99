"""The real OHIF: what scripts/ohif has fetched, and how to see in a browser that it has drawn.

Pixels decide: an image counts as drawn when OHIF's own canvas holds many grey levels.
"""

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".ohif"
FETCH_DEADLINE = 300  # seconds
DRAWN_DEADLINE = 60_000  # milliseconds; playwright's unit

WATCH = """
(() => {
  const levels = (canvas) => {
    const { width, height } = canvas;
    if (!width || !height) return 0;
    const context = canvas.getContext("2d");
    if (!context) return 0;
    const seen = new Set();
    for (const part of [0.35, 0.5, 0.65]) {
      const row = context.getImageData(0, Math.floor(height * part), width, 1).data;
      for (let at = 0; at < row.length; at += 4) seen.add(row[at]);
    }
    return seen.size;
  };
  const look = () => {
    for (const canvas of document.querySelectorAll("canvas.cornerstone-canvas")) {
      if (levels(canvas) > 20) {
        document.documentElement.dataset.drawnAt = Date.now();
        return;
      }
    }
    setTimeout(look, 20);
  };
  look();
})();
"""
"""Put into every frame: notes when (Date.now()) the first image was drawn."""


def ohif_folder() -> Path:
    """Return OHIF's folder, fetched now if it is not there; skips where npm has none."""
    subprocess.run([ROOT / "scripts" / "ohif"], check=True, timeout=FETCH_DEADLINE)
    if not (FOLDER / "dist").is_dir():
        pytest.skip("needs OHIF: install npm and run scripts/ohif")
    return FOLDER


def wait_until_drawn(page: "Page") -> float:
    """Return when the first image was on OHIF's canvas, in seconds of Unix time."""
    drawn = ohif_frame(page).wait_for_selector("html[data-drawn-at]", timeout=DRAWN_DEADLINE)
    assert drawn is not None
    return float(drawn.get_attribute("data-drawn-at") or 0) / 1000


def ohif_frame(page: "Page") -> "Frame":
    """Return OHIF's frame: inside our page, or the page itself where it stands alone."""
    if "/viewer" in page.url:
        return page.main_frame
    around = page.wait_for_selector("iframe", state="attached")
    frame = around.content_frame() if around else None
    assert frame is not None
    frame.wait_for_url("**/viewer?**")
    return frame
