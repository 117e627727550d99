"""Going on with a large instance after a kill."""

from pathlib import Path

from passbox_client.upload import THREADS
from tests.e2e.hospital import Hospital
from tests.e2e.large import kill_and_go_on, noise

SIZE = 24 * 1024 * 1024  # tests/faults/test_large_resume.py: 2 GB
AHEAD = 2  # sealed packs that wait beside those in flight


def test_a_kill_in_a_large_instance_repeats_only_what_was_in_flight(tmp_path: Path) -> None:
    """SIGKILL in the middle of one large file: nothing that was held is sent again."""
    disc = noise(tmp_path / "disc", SIZE)
    with Hospital(tmp_path / "house", with_lines=True) as hospital:
        hospital.start("receiver", "viewer", "poller")
        repeated = kill_and_go_on(hospital, disc, tmp_path / "state", SIZE // 2)
    assert repeated.held > SIZE // 8, repeated
    assert repeated.in_flight <= THREADS + AHEAD, repeated
    assert repeated.nothing_but_flight, repeated
