"""Stands in for pytest-qt where Qt's system libraries are missing: its tests skip and say so."""

import pytest


@pytest.fixture
def qtbot() -> None:
    """Skip, saying what to install."""
    pytest.skip(
        "needs libegl1, libgl1: run `make test` once as root, or install the list it prints"
    )
