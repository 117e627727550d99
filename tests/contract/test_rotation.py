"""The receiver's key changes to the backup while senders are in the middle of sending."""

from pathlib import Path

import pytest

from passbox_client.errors import Trouble
from passbox_client.outcome import Outcome
from tests.contract.rotating import rotate

pytestmark = pytest.mark.timeout(300)
SENDERS = 5  # tests/faults/test_rotation.py: 50


def test_running_uploads_survive_the_change_to_the_backup_key(tmp_path: Path) -> None:
    """Every upload that ran goes on under the backup key by itself: none is lost or asked about."""
    rotated = rotate(tmp_path, SENDERS)
    assert rotated.cut >= SENDERS
    assert [result.trouble for result in rotated.results] == [None] * SENDERS
    assert {result.outcome for result in rotated.results} == {Outcome.UNCONFIRMED}  # nobody signs
    assert rotated.closed == SENDERS


def test_without_the_backup_pin_none_would_finish(tmp_path: Path) -> None:
    """A key that is not pinned ends the upload in words, and what was begun is kept."""
    rotated = rotate(tmp_path, 1, knows_backup=False)
    (result,) = rotated.results
    assert result.trouble is not None
    assert (result.trouble.code, result.outcome) == (Trouble.WRONG_PIN, Outcome.INTERRUPTED)
    assert rotated.closed == 0
