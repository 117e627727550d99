"""What the doctor tries on the machines inside."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passbox.doctor import Diagnosis
from passbox.doctor_inside import confinement, judged, scanner
from passbox.house import Rooms
from passbox.initialise import initialise
from passbox_dicom.probing import Freedom, freedoms
from passbox_dicom.worker import WorkerLimits
from passbox_poller.errors import NotNow
from passbox_poller.scanning import Clamd, Health, parse_health
from passbox_poller.settings import ClamdScanner
from tests.console.test_initialise import NOW, a_house
from tests.parts.clamd import RunningClamd
from tests.parts.programs import LOOPBACK, free_port


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    """What init made."""
    made = Rooms(tmp_path / "hospital")
    initialise(made, a_house(), NOW)
    return made


def with_scanner(rooms: Rooms, line: str) -> list[Diagnosis]:
    """Return what is said with these settings of a scanner."""
    settings = rooms.poller_settings.read_text()
    rooms.poller_settings.write_text(f"{settings}\n[checks.scanner]\n{line}\n")
    return list(scanner(rooms))


def test_a_worker_is_seen_to_be_fenced_in(rooms: Rooms) -> None:
    """On Linux a worker tries network, programs, files and memory, and gets none of it."""
    (said,) = confinement(rooms)
    assert said.remedy is None
    assert "no network" in said.what


def test_a_worker_that_may_open_files_is_seen_to_read(tmp_path: Path) -> None:
    """The probe tells what it saw: where reading is left to a worker, it reads."""
    assert freedoms(tmp_path, WorkerLimits(opens_files=True)) == {Freedom.READING}
    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_images_is_not_probed(tmp_path: Path) -> None:
    """In the DMZ nothing reads an image, so nothing is said."""
    assert list(confinement(Rooms(tmp_path))) == []
    assert list(scanner(Rooms(tmp_path))) == []


def test_no_scanner_is_asked_where_none_is_configured(rooms: Rooms) -> None:
    """A scanner is optional, and its absence no fault."""
    assert list(scanner(rooms)) == []


def test_a_scanner_that_is_away_is_care(rooms: Rooms) -> None:
    """Files wait for it, and the doctor says so."""
    (said,) = with_scanner(rooms, f"port = {free_port()}")
    assert said.remedy is not None
    assert "every file waits" in said.remedy


@pytest.mark.parts
def test_a_real_clamd_is_asked(rooms: Rooms, clamd: RunningClamd) -> None:
    """It answers, with its version; hand-made signatures have no age, and that is said."""
    (said,) = with_scanner(rooms, f'socket = "{clamd.socket}"')
    assert "ClamAV" in said.what
    assert said.remedy is not None
    assert "how old" in said.remedy


def test_what_is_no_clamd_is_not_taken_for_one() -> None:
    """Something else on the port is told."""
    with socket.create_server((LOOPBACK, 0)) as server:

        def answer() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                connection.sendall(b"220 mail.example ESMTP\0")
                connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(NotNow, match=r"no virus scanner|does not answer"):
            Clamd(ClamdScanner(port=server.getsockname()[1], seconds=30)).health()
        thread.join()


@pytest.mark.parametrize(("days", "fine"), [(1, True), (30, False)])
def test_old_signatures_are_care(days: int, fine: bool) -> None:
    """A week is enough for freshclam; what is older finds nothing new."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    said = judged(Health("ClamAV 1.4.3", now - timedelta(days=days)), now)
    assert (said.remedy is None) is fine


def test_the_age_is_read_from_the_version() -> None:
    """The form of clamd(8): version, number of the daily signatures, when they were made."""
    health = parse_health(b"ClamAV 1.4.3/27500/Fri Jan 10 09:41:20 2025")
    assert health == Health("ClamAV 1.4.3", datetime(2025, 1, 10, 9, 41, 20, tzinfo=UTC))
    assert parse_health(b"\x1b[2J").version == "?[2J"
    assert parse_health(b"").signatures is None
