"""Ten thousand deeds of people in random order: ten thousand lines, and none done without its line.

A seeded share of it runs with the viewer's own tests (tests/viewer/test_audit.py).
"""

from pathlib import Path

import pytest

from tests.viewer.deeds import do_random_deeds

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

DEEDS = 10_000


def test_every_deed_has_one_line(tmp_path: Path) -> None:
    """As many lines as deeds, in their order, in a chain that is whole."""
    do_random_deeds(tmp_path, DEEDS, seed=5)
