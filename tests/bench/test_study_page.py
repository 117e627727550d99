"""How long until a clinician sees the first picture of the study page, and what a ZIP costs."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from passbox.demo.phantom import write_phantom
from tests.bench import media, results
from tests.bench.contenders import peak_rss
from tests.viewer.house import House, a_transfer, running_house

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.bench, pytest.mark.parts, pytest.mark.timeout(1800)]

SLICES: Final = int(os.environ.get("PASSBOX_BENCH_SLICES", "300"))
RUNS: Final = int(os.environ.get("PASSBOX_BENCH_RUNS", "5"))
_DRAWN: Final = 12


def test_the_study_page(tmp_path: Path, chromium: "Browser") -> None:
    """A CT of PASSBOX_BENCH_SLICES slices (300), opened for the first time and again.

    The peer is the same browser opening nothing but the picture from the same server.
    """
    (tmp_path / "house").mkdir()
    with running_house(tmp_path / "house") as house:
        house.running.painters.warm()  # as the program does at its start
        page = house.visible(a_transfer(), _ct(tmp_path))
        house.running.rooms.describer.complete(a_transfer())
        origin = str(house.browser.base_url).rstrip("/")
        address = origin + page
        first = [_open(chromium, address, script=False)]
        plain = [_open(chromium, address, script=False) for _ in range(RUNS)]
        scripted = [_open(chromium, address, script=True) for _ in range(RUNS)]
        html = house.browser.get(page).text
        source = html.split('id="picture" src="')[1].split('"')[0].replace("&amp;", "&")
        picture = origin + source
        alone = [_open(chromium, picture, script=False) for _ in range(RUNS)]
        taken, size = _download(house, page)
    rows = [
        ("study page, first opening ever", results.seconds(first), results.ratio(first, alone)),
        ("study page without script", results.seconds(plain), results.ratio(plain, alone)),
        ("study page", results.seconds(scripted), results.ratio(scripted, alone)),
        ("the picture alone", results.seconds(alone), "1.00"),
    ]
    body = results.table(("until all pictures are there", "seconds", "of the picture alone"), rows)
    body += (
        f"\n\nThe whole CT as ZIP with DICOMDIR: {size / 1e6:.0f} MB in {taken:.2f} s"
        f" ({size / 1e6 / taken:.0f} MB/s); peak RSS of the process, with all else it did here:"
        f" {peak_rss(os.getpid()) / results.MIB:.0f} MiB."
    )
    results.publish(f"Study page of a CT with {SLICES} slices", body)


def _open(browser: "Browser", address: str, *, script: bool) -> float:
    context = browser.new_context(
        java_script_enabled=script, viewport={"width": 1366, "height": 768}
    )
    page = context.new_page()
    begun = time.monotonic()
    page.goto(address, wait_until="load")  # all pictures in view are part of it
    taken = time.monotonic() - begun
    context.close()
    return taken


def _download(house: House, page: str) -> tuple[float, int]:
    begun, size = time.monotonic(), 0
    with house.browser.stream("GET", f"{page}/images.zip") as answer:
        for piece in answer.iter_raw():
            size += len(piece)
    return time.monotonic() - begun, size


def _ct(folder: Path) -> list[Path]:
    """Return the slices: some are drawn, the others are these again, further down."""
    write_phantom(folder / "drawn", slices=min(SLICES, _DRAWN))
    drawn = [dcmread(file) for file in media.files(folder / "drawn")]
    (folder / "ct").mkdir()
    for number in range(SLICES):
        image = drawn[number % len(drawn)]
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.InstanceNumber = number + 1
        image.save_as(folder / "ct" / f"I{number:04d}")
    return media.files(folder / "ct")
