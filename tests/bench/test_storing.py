"""Four dcmsend at once into the temporary store, durable, and into dcmtk's storescp, which is not.

Alternating runs on one machine: only the ratio counts. Each dcmsend has a namespace, or a name, of
its own, so that every instance is a file of its own at both. A run ends when every dcmsend has been
told success of every instance; for the viewer that means file and directory are synced.
"""

import contextlib
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from passbox_base.clocks import SystemClock
from passbox_poller.dialling import viewer_link
from passbox_poller.settings import read_settings
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import Facts
from passbox_wire.inventory import Sender
from tests.bench import media, results
from tests.e2e.hospital import Hospital
from tests.parts.programs import LOOPBACK, free_port, require, running

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

SENDERS: Final = 4
RUNS: Final = int(os.environ.get("PASSBOX_BENCH_RUNS", "3"))
CALLING: Final = "PASSBOX_POLLER"
_NO_DELAY: Final = {**os.environ, "TCP_NODELAY": "1"}
_PATIENCE: Final = 600.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where one dcmsend sends to."""

    port: int
    called: str


def _seconds(doors: Sequence[Door], files: Sequence[Path]) -> float:
    """Let one dcmsend for each door send the files, all at once; return how long all of it took."""
    program = require("dcmsend", "dcmtk")
    started = time.monotonic()
    senders = [
        subprocess.Popen(
            [
                program, "--aetitle", CALLING, "--call", door.called, "--no-uid-checks",
                LOOPBACK, str(door.port), *files,
            ],
            env=_NO_DELAY,
        )
        for door in doors
    ]  # fmt: skip
    codes = [sender.wait(_PATIENCE) for sender in senders]
    taken = time.monotonic() - started
    assert codes == [0] * len(doors)
    return taken


@contextlib.contextmanager
def _storescp(folder: Path) -> Iterator[int]:
    """Run dcmtk's storescp as it is fastest: a process for each association, bytes as they come."""
    folder.mkdir()
    port = free_port()
    command: list[str | Path] = [
        "/usr/bin/env", "TCP_NODELAY=1", require("storescp", "dcmtk"), "--fork", "--accept-all",
        "--bit-preserving", "--unique-filenames", "--output-directory", folder, str(port),
    ]  # fmt: skip
    with running(command, port, folder.parent / "storescp.log"):
        yield port


def _namespaces(hospital: Hospital) -> list[Door]:
    """Register a transfer for each sender and return its door."""
    link = viewer_link(read_settings(hospital.settings_of("poller")), SystemClock())
    doors = []
    for _ in range(SENDERS):
        sender = Sender(name="Bench", email="bench@example.org")
        facts = Facts(TransferId(secrets.token_hex(16)), sender, "", "", "en", 1, 1)
        doors.append(Door(hospital.house.ports.scp, link.register(facts)))
    link.cut()
    return doors


def test_storing(tmp_path: Path) -> None:
    """Seconds until four dcmsend at once have been told success of everything."""
    files = media.files(media.ct(tmp_path))
    size = SENDERS * sum(path.stat().st_size for path in files)
    ours: list[float] = []
    theirs: list[float] = []
    with Hospital(tmp_path / "house", cold=True) as hospital:
        hospital.start("viewer")
        for run in range(RUNS):
            ours.append(_seconds(_namespaces(hospital), files))
            with _storescp(tmp_path / f"peer{run}") as port:
                theirs.append(_seconds([Door(port, "STORESCP")] * SENDERS, files))
    rows = [
        [name, results.seconds(taken), f"{size / results.MIB / min(taken):.0f}", ratio]
        for name, taken, ratio in (
            ("storescp, TCP_NODELAY=1, nothing synced", theirs, "1.00"),
            ("Passbox, every instance durable", ours, results.ratio(theirs, ours)),
        )
    ]
    head = ["who", "seconds: median (each)", "best, MiB/s", "throughput of storescp's"]
    results.publish(
        "Four dcmsend at once into the temporary store",
        f"Data: {SENDERS} times {len(files)} files, {size / 1e6:.1f} MB. Must reach: 0.5 of "
        f"storescp's throughput.\n\n{results.table(head, rows)}",
    )
