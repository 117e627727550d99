"""A share of what `make faults` loads the receiver with (tests/faults/test_load.py)."""

from pathlib import Path

import pytest

from tests.builders.crowd import Malice, arrived_whole, left_nothing, rush
from tests.builders.door import a_door

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]


async def test_a_small_crowd_with_hostile_ones(tmp_path: Path) -> None:
    """Of 12 senders at once every honest one's packs arrive byte for byte, of 5 hostile none."""
    with a_door(tmp_path) as door:
        before = door.open_files()
        crowd = await rush(door, 12, 5, packs=2, size=60_000)
        arrived_whole(crowd, 12)
        refused = {malice: {s for m, s in crowd.answers if m is malice} for malice in Malice}
        assert refused[Malice.WRONG_DIGEST] <= {400, 429}
        assert refused[Malice.WRONG_SIGNATURE] <= {404, 429}
        await left_nothing(door, before)
