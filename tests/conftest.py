"""What every test stands on: no screen, one kind of event loop, the real parts, no silent skip."""

import gc
import importlib
import os

import pytest

from tests.skips import pytest_sessionfinish, pytest_terminal_summary

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]


def _window_plugin() -> str:
    # Qt needs system libraries that its wheel does not bring.
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError:
        return "tests.parts.no_window"
    return "pytestqt.plugin"


pytest_plugins = [
    "tests.parts.chromium",
    "tests.parts.desktop",
    "tests.parts.display",
    "tests.parts.clamd",
    "tests.parts.dcmtk",
    "tests.parts.orthanc",
    "tests.parts.postfix",
    "tests.parts.smtp",
    _window_plugin(),
]

# Qt reads this when the first window is made; a run under Xvfb says xcb itself.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_finish() -> None:
    """Keep the garbage collector off what lives as long as the run.

    Half a million objects are loaded by now; each full collection would go through all of them and
    stop every thread of the servers that run here.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests (``@pytest.mark.anyio``) run on asyncio, as the programs do."""
    return "asyncio"
