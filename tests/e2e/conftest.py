"""Discs that several tests send."""

from pathlib import Path

import pytest

from passbox.demo.phantom import write_phantom
from tests.client.media import images, write


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
