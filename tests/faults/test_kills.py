"""200 kills of each program, and the proof that kills find what they are there to find."""

import random
from pathlib import Path

import pytest

from passbox.demo.phantom import write_phantom
from tests.e2e.hospital import Hospital
from tests.e2e.kills import CLIENT, LINE, SERVERS, Strikes, strike_often

pytestmark = pytest.mark.faults

KILLS = 200
SEED = 4


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disc with a CT series that takes some packs."""
    disc = tmp_path_factory.mktemp("disc")
    write_phantom(disc / "CT", slices=30)
    return disc


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("program", [CLIENT, *SERVERS])
def test_200_kills_of_one_program(disc: Path, tmp_path: Path, program: str) -> None:
    """200 kills of a program, and 20 cut lines between them: 0 lost, 0 doubled."""
    strikes = Strikes({program: KILLS, LINE: KILLS // 10}, random.Random(f"{SEED} {program}"))
    with Hospital(tmp_path / "hospital", with_lines=True) as hospital:
        hospital.start(*SERVERS)
        strike_often(hospital, disc, tmp_path, strikes)
    assert strikes.hits[program] >= KILLS


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("program", "build", "victim"),
    [
        ("client", "forgetful_client", "client"),
        ("receiver", "forgetful_receiver", "receiver"),
        ("poller", "forgetful_poller", "poller"),
        ("viewer", "doubling_viewer", "poller"),
    ],
)
def test_kills_find_a_bad_build(
    disc: Path, tmp_path: Path, program: str, build: str, victim: str
) -> None:
    """Who keeps journal or packs in memory loses, a viewer that makes names up doubles: all show.

    For the viewer the poller is killed: what it did not note yet it does again.
    """
    strikes = Strikes({victim: 12}, random.Random(SEED))
    builds = {program: ("tests.e2e.bad_builds", build)}
    with Hospital(tmp_path / "hospital", with_lines=True, builds=builds) as hospital:
        hospital.start(*SERVERS)
        with pytest.raises(AssertionError):
            strike_often(hospital, disc, tmp_path, strikes)
