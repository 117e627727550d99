"""What the injection of faults needs: somebody who runs acts, and a place for them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.injection import Injector

_MEMORY = Path("/dev/shm")  # noqa: S108  # a private folder below it


@pytest.fixture(scope="session")
def injector() -> Injector:
    """What runs the acts."""
    return Injector()


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder, in memory if there is one: the calls are what counts, and fsync costs nothing."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)
