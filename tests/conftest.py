"""What every test stands on: no screen, one kind of event loop, the real parts, no silent skip."""

import os

import pytest

from tests.skips import pytest_sessionfinish, pytest_terminal_summary

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]

pytest_plugins = [
    "tests.parts.chromium",
    "tests.parts.dcmtk",
    "tests.parts.orthanc",
    "tests.parts.smtp",
]

# Qt reads this when the first window is made; a run under Xvfb says xcb itself.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests (``@pytest.mark.anyio``) run on asyncio, as the programs do."""
    return "asyncio"
