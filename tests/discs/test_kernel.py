"""What a scan asks of the kernel: nothing outside the medium, and sectors that fail once more."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.discs.contents import listed, table
from tests.discs.making import write
from tests.discs.slices import Slice, files, series
from tests.parts.programs import require

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")
HOSTILE_IDS = 200
MARK = "OUTSIDE"
SHAPES = (
    "..\\..\\{0}",
    "..\\..\\..\\..\\..\\..\\tmp\\{0}",
    "\\{0}",
    "\\etc\\{0}",
    "/etc/{0}",
    "C:\\{0}",
    "C:{0}",
    "\\\\server\\share\\{0}",
    "//server/share/{0}",
    "IMAGES\\..\\..\\{0}",
    "IMAGES\\{0}\\..\\..\\x",
    "LINK\\{0}",
    "~\\{0}",
    "CON\\{0}",
    "{0}:stream",
    "{0}. ",
    ".\\{0}",
    "%2e%2e\\{0}",
    "..;1\\{0}",
    "IMAGES\\IM000001\\{0}",
)


def traced(disc: Path, log: Path, *options: str) -> dict[str, Any]:
    """Scan a disc under strace; return what `scan --json` printed."""
    command: Sequence[str | Path] = [
        require("strace", package="strace"), "-f", "-s", "4096", "-o", log, *options,
        sys.executable, "-m", "passbox", "scan", disc, "--json",
    ]  # fmt: skip
    done = subprocess.run(
        command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=100
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def hostile_disc(root: Path) -> Path:
    """Write a disc of two images whose table leads out two hundred times, by links as well."""
    (root / "real").mkdir(parents=True)
    (root / "real" / f"{MARK}link").write_bytes(Slice(number=99).data())
    ids = [SHAPES[n % len(SHAPES)].format(f"{MARK}{n}") for n in range(HOSTILE_IDS)]
    named = [(file_id, Slice(number=100 + n)) for n, file_id in enumerate(ids)]
    disc = write(root / "disc", files(series(2)))
    (disc / "LINK").symlink_to(root / "real")
    (disc / "DICOMDIR").write_bytes(table(listed(series(2)) + named))
    return disc


def test_two_hundred_hostile_ids_open_nothing_outside(tmp_path: Path) -> None:
    """No name out of a table of contents reaches the kernel, in any call on files or sockets."""
    disc = hostile_disc(tmp_path)
    log = tmp_path / "calls"
    said = traced(disc, log, "-e", "trace=%file,%network")
    calls = log.read_text(errors="replace")
    assert [line for line in calls.splitlines() if MARK in line] == []
    assert "IM000001" in calls
    assert (said["instances_found"], said["listed_missing"]) == (2, HOSTILE_IDS)


def test_a_scan_makes_no_connection(tmp_path: Path) -> None:
    """Scanning is offline: no socket of the internet is made by any of its processes."""
    log = tmp_path / "calls"
    disc = write(tmp_path / "disc", files(series(2)))
    said = traced(disc, log, "-e", "trace=%network")
    assert "AF_INET" not in log.read_text()
    assert said["instances_found"] == 2


@pytest.fixture
def scratched(tmp_path: Path) -> Path:
    """Return a disc with a table of contents; strace makes one of its files fail."""
    slices = series(4)
    return write(tmp_path / "disc", {**files(slices), "DICOMDIR": table(listed(slices))})


def failing(disc: Path, when: str) -> tuple[str, ...]:
    """Return strace's options that let reading one file fail."""
    path = disc / "IMAGES" / "IM000002"
    return ("-P", os.fspath(path), "-e", "trace=read", "-e", f"inject=read:error=EIO{when}")


def test_an_unreadable_sector_is_told_with_its_study(scratched: Path, tmp_path: Path) -> None:
    """A file whose sectors fail for good is named with its study; all others are found."""
    said = traced(scratched, tmp_path / "calls", *failing(scratched, ""))
    assert (said["instances_found"], said["listed"], said["unreadable"]) == (3, 4, 1)
    finding = next(found for found in said["findings"] if found["code"] == "unreadable")
    assert (finding["severity"], finding["paths"]) == ("loss", ["IMAGES/IM000002"])
    assert [study["description"] for study in finding["studies"]] == ["Head"]
    assert "Head" in finding["sentence"]
    assert (tmp_path / "calls").read_text().count("EIO") >= 3


def test_a_sector_that_yields_at_the_second_try_is_no_loss(scratched: Path, tmp_path: Path) -> None:
    """A read that fails once is tried again, and nothing is missing."""
    said = traced(scratched, tmp_path / "calls", *failing(scratched, ":when=1"))
    assert (said["instances_found"], said["unreadable"], said["findings"]) == (4, 0, [])
