"""A share of the random deeds of tests/faults/test_viewer_audit.py, and an audit that fails."""

import random
from pathlib import Path

import httpx
import pytest

from passbox_base import audit
from tests.viewer.deeds import People, do_random_deeds
from tests.viewer.house import House, a_transfer
from tests.viewer.images import an_image

DEEDS = 120


def test_every_deed_has_one_line(tmp_path: Path) -> None:
    """Each look, download, hold and decision leaves one line; what is refused leaves none."""
    do_random_deeds(tmp_path, DEEDS, seed=4)


def test_a_picture_without_its_page_is_a_look(house: House, medium: Path) -> None:
    """Who asks for a picture alone leaves a line, by each link once."""
    page = house.visible(a_transfer(1), [an_image(medium)])
    (row,) = house.instances(a_transfer(1))
    for _ in range(2):
        assert house.browser.get(f"{page}/images/{row.number}.png").status_code == 200
    chain = house.settings.store.folder / "audit.jsonl"
    assert [entry["event"] for entry in audit.entries(chain)].count("looked at") == 1


def test_what_cannot_be_written_down_does_not_happen(house: House, medium: Path) -> None:
    """Without an audit no page and no deed: each is an error, and nothing was changed."""
    people = People(house, medium)
    before = house.read(a_transfer(1))
    house.running.rooms.office.audit.close()
    for deed in (people.look, people.hold):
        with pytest.raises((AssertionError, httpx.HTTPError)):
            deed(random.Random(1))
    assert house.read(a_transfer(1)) == before
