"""A window with a hospital behind it; its words are compiled once."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets")

from PySide6.QtWidgets import QApplication

from passbox_client.gui.app import Client
from passbox_client.gui.entry import parse
from passbox_client.line import Receiver
from passbox_client.window.volumes import Volume
from passbox_wire.profile import Profile
from tests.builders.wire import a_profile_file
from tests.client.hospital import FakeHospital

ROOT = Path(__file__).parents[2]
Opened = Callable[..., Client]


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compile the window's words."""
    subprocess.run([ROOT / "scripts" / "translations"], check=True)


@pytest.fixture(name="opened")
def _opened(qapp: QApplication, tmp_path: Path) -> Iterator[Opened]:
    """Open windows that are closed at the end."""
    clients: list[Client] = []

    def open_client(
        *arguments: str,
        hospital: Receiver | None = None,
        line: Callable[[Profile], Receiver] | None = None,
        card: bytes | None = None,
        media: tuple[Volume, ...] = (),
        over_the_network: bool = False,
    ) -> Client:
        path = tmp_path / "hospital.passbox"
        path.write_bytes(card or a_profile_file())
        where = ["--profile", str(path), "--state", str(tmp_path / "state"), "--lang", "en"]
        there = hospital or FakeHospital()
        client = Client(
            qapp,
            parse([*where, *arguments]),
            line=None if over_the_network else line or (lambda _: there),
            ask_media=lambda: media,
            settings_folder=tmp_path / "settings",
        )
        client.window.resize(1080, 780)  # the screen of the tests is small
        client.window.show()
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        client.close()
        client.window.hide()
        client.window.deleteLater()
    qapp.processEvents()
