"""A receiver in process for each test, with one sender and the inside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.clocks import FakeClock
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Open a receiver with default rules."""
    with an_open_receiver(tmp_path) as opened:
        yield opened


@pytest.fixture
def sender(house: House) -> Sender:
    """Stand for somebody on the internet who has not opened his transfer yet."""
    return Sender(house.public(), house)


@pytest.fixture
def poller(house: House) -> Poller:
    """Stand for the inside."""
    return Poller(house.inner(), house)


@pytest.fixture
def clock() -> FakeClock:
    """Stand on a fixed day until told to go on."""
    return FakeClock()
