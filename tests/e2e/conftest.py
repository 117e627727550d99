"""Discs that several tests send, and more patience than tests in one process need."""

from pathlib import Path

import pytest

from passbox.demo.phantom import write_phantom
from tests.client.media import images, write

PATIENCE = 300  # seconds; a deadline against hangs on a machine that does other things as well


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give whole programs time to start."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def ct(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disc with one CT series of twelve slices, 6.3 MB: enough packs to break off between two."""
    disc = tmp_path_factory.mktemp("ct")
    write_phantom(disc / "CT", slices=12)
    return disc


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disc with three tiny slices."""
    return write(tmp_path_factory.mktemp("small"), images(3))
