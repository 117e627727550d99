"""scripts/ohif where npm is missing, unreachable or delivers something else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("sh", "dirname", "mkdir", "mktemp", "rm", "tail", "cut", "sha512sum", "cat")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout with the script, and a PATH without npm."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "ohif", tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def _npm(machine: Path, body: str) -> None:
    npm = machine / "bin" / "npm"
    npm.write_text(f"#!/bin/sh\n{body}\n")
    npm.chmod(0o755)


def _run(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "scripts" / "ohif"],
        env=os.environ | {"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_npm_the_pages_keep_their_previews(machine: Path) -> None:
    """Without npm the script says so, ends well and leaves nothing."""
    done = _run(machine)
    assert done.returncode == 0
    assert "its own previews" in done.stderr
    assert not (machine / ".ohif").exists()


def test_an_unreachable_registry_is_no_fault(machine: Path) -> None:
    """When npm cannot fetch, the script says so, ends well and leaves no half of it."""
    _npm(machine, "echo no network >&2; exit 1")
    done = _run(machine)
    assert done.returncode == 0
    assert "could not fetch" in done.stderr
    assert list((machine / ".ohif").iterdir()) == []


def test_another_archive_than_the_pinned_one_is_not_unpacked(machine: Path) -> None:
    """An archive with another hash ends the script with a fault, and nothing of it stays."""
    _npm(
        machine, 'while [ "$1" != --pack-destination ]; do shift; done; : >"$2/ohif-app-3.13.2.tgz"'
    )
    done = _run(machine)
    assert done.returncode == 1
    assert "not what was pinned" in done.stderr
    assert list((machine / ".ohif").iterdir()) == []
