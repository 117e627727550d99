"""50 kills of whole programs at moments drawn by a seed, while a disc is on its way."""

import random
from pathlib import Path
from typing import Final

import pytest

from passbox.demo.phantom import write_phantom
from tests.e2e.hospital import Hospital
from tests.e2e.kills import LINE, Strikes, strike_often

SEED: Final = 20261121
WANTED: Final = {"client": 8, "receiver": 14, "poller": 14, "viewer": 14, LINE: 8}


@pytest.mark.timeout(1800)
def test_50_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """Of 50 killed programs and 8 cut lines no image is lost, and none exists twice anywhere."""
    disc = tmp_path / "disc"
    write_phantom(disc / "CT", slices=30)
    strikes = Strikes(WANTED, random.Random(SEED))
    with Hospital(tmp_path / "hospital", with_lines=True) as hospital:
        hospital.start("receiver", "viewer", "poller")

        strike_often(hospital, disc, tmp_path, strikes)

    assert strikes.hits.total() - strikes.hits[LINE] >= 50
