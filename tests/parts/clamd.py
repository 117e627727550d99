"""A real clamd (Debian's clamav-daemon) with one signature: a string that no virus has."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.parts.programs import LOOPBACK, free_port, require, running

INFECTED = b"Passbox-Signature-Of-No-Virus"
MAX_STREAM = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RunningClamd:
    """Where it listens, both ways."""

    socket: Path
    port: int


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClamd]:
    """A clamd that finds INFECTED and takes streams of MAX_STREAM bytes."""
    program = require("clamd", "clamav-daemon")
    folder = tmp_path_factory.mktemp("clamd")
    database = folder / "db"
    database.mkdir()
    (database / "own.ndb").write_text(f"Passbox.Test:0:*:{INFECTED.hex()}\n")
    port = free_port()
    config = folder / "clamd.conf"
    config.write_text(
        f"Foreground yes\nDatabaseDirectory {database}\nLocalSocket {folder}/socket\n"
        f"TCPSocket {port}\nTCPAddr {LOOPBACK}\nStreamMaxLength {MAX_STREAM}\n"
    )
    with running([program, "-c", config], port, folder / "log"):
        yield RunningClamd(folder / "socket", port)
