"""Going on with 2 GB in one file after a SIGKILL: what is repeated, as a figure."""

import os
from pathlib import Path
from typing import Final

import pytest

from passbox_client.upload import THREADS
from tests.e2e.hospital import Hospital
from tests.e2e.large import kill_and_go_on, noise
from tests.e2e.test_large_resume import AHEAD

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

BYTES: Final = int(float(os.environ.get("PASSBOX_BENCH_GB", "2")) * 1e9)


def test_two_gigabytes_go_on_after_a_kill(tmp_path: Path) -> None:
    """Killed at 70 %: what is repeated is at most the packs in flight."""
    disc = noise(tmp_path / "disc", BYTES)
    with Hospital(tmp_path / "house", with_lines=True) as hospital:
        hospital.start("receiver", "viewer", "poller")
        repeated = kill_and_go_on(hospital, disc, tmp_path / "state", BYTES * 7 // 10)
    print(f"\n{repeated}")  # noqa: T201  # the figure
    assert repeated.in_flight <= THREADS + AHEAD
    assert repeated.nothing_but_flight
