"""One viewer for a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.viewer.house import House, running_house
from tests.viewer.office import log_in, set_password


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A viewer without a PACS."""
    folder = tmp_path / "house"
    folder.mkdir()
    with running_house(folder) as running:
        yield running


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """A folder for images."""
    folder = tmp_path / "medium"
    folder.mkdir()
    return folder


@pytest.fixture
def office(house: House) -> House:
    """A house whose administrator is logged in."""
    set_password(house)
    assert log_in(house).status_code == 303
    return house
