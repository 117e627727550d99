"""Files that take over what opens them cost themselves, nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.media import an_image, images, write
from tests.e2e.command import sending
from tests.e2e.hospital import Hospital
from tests.poller.bad_checkers import BALLOON, LOOP, SOCKET

CPU_SECONDS = 12


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A hospital whose checker is taken over by some files; no file may take CPU_SECONDS."""
    settings = {"poller": f"[checks]\ncpu_seconds = {CPU_SECONDS}\n"}
    with Hospital(tmp_path / "hospital", settings) as hospital:
        hospital.start("pacs", "receiver", "viewer")
        yield hospital.start_poller_as("tests.e2e.hostile_poller")


def test_a_hostile_file_costs_nobody_else_anything(
    hospital: Hospital, tmp_path: Path, small: Path
) -> None:
    """A looping, a ballooning and a calling file are refused by name; all else arrives.

    Another sender is not kept waiting for them.
    """
    taken_over = {
        f"BAD/{name}": an_image(number, patient=word.decode(), uid_root=f"1.2.3.{number}")
        for number, (name, word) in enumerate(
            {"LOOP": LOOP, "BALLOON": BALLOON, "SOCKET": SOCKET}.items(), start=90
        )
    }
    hostile = write(tmp_path / "hostile", {**taken_over, **images(3, folder="GOOD")})
    with (
        sending(hospital, hostile, state=tmp_path / "bad") as bad,
        sending(hospital, small, state=tmp_path / "good") as good,
    ):
        honest = good.said()
        assert not bad.ended, "the looping file was not under way any more: this run shows nothing"
        said = bad.said()

    assert honest.code == 0
    assert (said.code, said.json["outcome"]) == (1, "partial")
    assert {file["path"]: file["reason"] for file in said.json["files"] if file["reason"]} == {
        "BAD/LOOP": "took too long to check",
        "BAD/BALLOON": "took too much memory to check",
        "BAD/SOCKET": "the check broke",
    }
    assert len(hospital.stored(said.json["transfer"])) == 3
    assert len(hospital.stored(honest.json["transfer"])) == 3
