"""What tests of several modules send."""

from pathlib import Path

import pytest

from tests.client.sending import Sending


@pytest.fixture(name="sending")
def _sending(tmp_path: Path) -> Sending:
    """Three images, and a hospital that nobody has sent anything yet."""
    return Sending(tmp_path)
