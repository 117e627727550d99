"""Fifty running uploads while the receiver changes to its backup key."""

from pathlib import Path

import pytest

from tests.contract.rotating import rotate

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
SENDERS = 50


def test_fifty_running_uploads_survive_the_change_of_key(tmp_path: Path) -> None:
    """0 of 50 lost, none interrupted."""
    rotated = rotate(tmp_path, SENDERS)
    lost = SENDERS - rotated.closed
    print(f"{SENDERS} uploads, {rotated.cut} connections cut, {lost} lost")  # noqa: T201  # the figure
    assert rotated.cut >= SENDERS
    assert [result.trouble for result in rotated.results] == [None] * SENDERS
    assert lost == 0
