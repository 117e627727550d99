"""The window on a real X server and a real receiver over TLS, with an inside that signs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_wire.profile import sign_profile
from tests.builders.receiver import an_open_receiver, serving
from tests.builders.wire import a_signing_key
from tests.client.media import images, two_patients, write
from tests.contract.test_client_and_receiver import Door
from tests.parts.programs import require
from tests.window.conftest import ROOT

pytestmark = pytest.mark.parts


@pytest.fixture(name="door")
def _door(tmp_path: Path) -> Iterator[Door]:
    with an_open_receiver(tmp_path / "receiver") as house, serving(house) as ports:
        yield Door(house, ports, tmp_path)


def on_a_screen(door: Door, disc: Path) -> subprocess.CompletedProcess[str]:
    """Send a disc through a window on an X server of its own."""
    xvfb = require("xvfb-run", package="xvfb")
    card = door.folder / "hospital.passbox"
    card.write_bytes(sign_profile(door.profile().profile, a_signing_key("profile")))
    screen = [str(xvfb), "-a", "-s", "-screen 0 1280x900x24"]
    window = [sys.executable, "-m", "tests.window.on_a_screen", str(disc)]
    options = ["--profile", str(card), "--state", str(door.folder / "state"), "--lang", "en"]
    return subprocess.run(
        [*screen, *window, *options],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_disc_goes_from_a_window_to_a_real_receiver(door: Door, tmp_path: Path) -> None:
    """By keyboard alone, over pinned TLS, to the signed receipt; one of two people goes along."""
    disc = write(tmp_path / "disc", two_patients())
    with door.with_inside() as inside:
        ended = on_a_screen(door, disc)
    assert ended.returncode == 0, ended.stderr
    assert inside.files == images(2)
    assert len(ended.stdout.strip()) == len("XXXX-XXXX-XXXX-XXXX-X")
