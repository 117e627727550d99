"""Tries a package where it was built: unpack it, let it scan a disc, let its window come up.

The smallest proof that a bundle is whole, for runners where our tests' real parts are not. It needs
no network; where there is no screen the window comes up on Qt's off-screen platform.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pydicom.data

SECONDS = 120
UP_SECONDS = 20
"""A program that is still there after them has its window; one that fails ends long before."""


def main() -> None:
    """Try the folder form in the folder named on the command line."""
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        programs = _unpacked(out, Path(work))
        suffix = ".exe" if sys.platform == "win32" else ""
        disc = Path(pydicom.data.__file__).parent / "test_files" / "dicomdirtests"
        command = [str(programs / f"passbox-cli{suffix}"), "scan", str(disc), "--json"]
        # Exit code 1: this disc of pydicom's names files that it does not have.
        said = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        found = json.loads(said.stdout)["instances_found"]
        if found < 81:  # noqa: PLR2004 - what lies on that disc
            raise SystemExit(f"try_package: found {found} images of 81: {said.stderr.decode()}")
        for window in (programs / f"Passbox{suffix}", *out.glob("*-one-file.*")):
            _bring_up(window, Path(work))
            sys.stdout.write(f"{window.name}: its window comes up\n")
    sys.stdout.write(f"{out}: scans {found} images\n")


def _bring_up(window: Path, work: Path) -> None:
    """Start the window's program and leave it for a while; it must not end by itself."""
    environment = _plain_environment(work)
    with subprocess.Popen([window], env=environment, stderr=subprocess.PIPE) as running:
        try:
            _, said = running.communicate(timeout=UP_SECONDS)
        except subprocess.TimeoutExpired:
            running.terminate()
        else:
            raise SystemExit(f"try_package: {window.name} ended by itself: {said.decode()}")


def _unpacked(out: Path, work: Path) -> Path:
    if sys.platform == "darwin":
        tool, mount = "/usr/bin/hdiutil", str(work / "image")
        attach = [tool, "attach", "-readonly", "-mountpoint", mount]
        subprocess.run([*attach, str(next(out.glob("*.dmg")))], check=True)
        shutil.copytree(f"{mount}/Passbox.app", work / "Passbox.app", symlinks=True)
        subprocess.run([tool, "detach", mount], check=True)
        return work / "Passbox.app/Contents/MacOS"
    archive = next(iter([*out.glob("*.tar.gz"), *out.glob("*.zip")]))
    shutil.unpack_archive(archive, work)
    return work / "Passbox"


def _plain_environment(work: Path) -> dict[str, str]:
    """Return what the system itself needs, a home of its own, and nothing of this Python."""
    kept = ("SYSTEMROOT", "TEMP", "APPDATA", "LOCALAPPDATA", "LANG")
    named = {name: os.environ[name] for name in kept if name in os.environ}
    return {**named, "HOME": str(work), "USERPROFILE": str(work), "QT_QPA_PLATFORM": "offscreen"}


if __name__ == "__main__":
    main()
