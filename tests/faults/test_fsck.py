"""The quarantine under many changes."""

from pathlib import Path

import pytest

from tests.builders.receiver import Sender, an_open_receiver, good
from tests.receiver.test_fsck import _pack, flip_and_find

pytestmark = [pytest.mark.faults, pytest.mark.anyio, pytest.mark.timeout(600)]


async def test_1000_flips(tmp_path: Path) -> None:
    """Of 1,000 random bit flips in a pack 1,000 are found."""
    with an_open_receiver(tmp_path) as house:
        sender = Sender(house.public(), house)
        good(await sender.open())
        good(await sender.put(0))
        path = _pack(tmp_path, sender.transfer, 0)
        assert flip_and_find(house, path, sender.transfer, 1_000) == 1_000
