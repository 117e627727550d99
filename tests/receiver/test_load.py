"""A share of what `make faults` and `make soak` load the receiver with (tests/faults)."""

from pathlib import Path

import pytest

from tests.faults.soak import soak

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]


async def test_a_short_soak(tmp_path: Path) -> None:
    """In two rounds all packs of 8 honest senders arrive byte for byte, of 5 hostile none.

    After each no file is open and no temporary one there that was not before, and no pack is kept.
    """
    report = await soak(tmp_path, seconds=0, honest=8, hostile=5, least=2, size=40_000)
    assert (report.rounds, report.packs) == (2, 48)
