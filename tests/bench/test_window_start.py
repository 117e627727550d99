"""How soon the packaged window is up, beside an empty window of PySide6 packaged the same way.

The window is up with its first picture, which is as empty as the other's but for a name; its first
page follows, and is measured beside it.
"""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from tests.bench import results
from tests.builders import wire
from tests.parts.display import window_names

pytestmark = [pytest.mark.bench, pytest.mark.parts, pytest.mark.timeout(1800)]

ROOT: Final = Path(__file__).parents[2]
RUNS: Final = 5
DEADLINE: Final = 60.0
LOOK_SECONDS: Final = 0.01
_FIRST_PAGE: Final = "Send images – Example Hospital"
EMPTY: Final = """
import sys
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication(sys.argv)
window = QWidget()
window.setWindowTitle("empty")
window.show()
sys.exit(application.exec())
"""


def test_the_window_is_up_soon(tmp_path: Path, display: str) -> None:
    """Alternating starts, the first of each not counted; must reach: 1.5 of the empty window."""
    profile = tmp_path / "hospital.passbox"
    profile.write_bytes(wire.a_profile_file())
    programs = {"Passbox": _passbox(tmp_path), "empty": _empty(tmp_path)}
    waits = (("Passbox", "Passbox"), (_FIRST_PAGE, "Passbox"), ("empty", "empty"))
    times: dict[str, list[float]] = {name: [] for name, _ in waits}
    for run in range(RUNS + 1):
        for name, program in waits:
            options = ["--profile", str(profile)] if program == "Passbox" else []
            command = [str(programs[program]), *options]
            took = _until_shown(command, name, display, tmp_path)
            if run:
                times[name].append(took)
    peer = times["empty"]
    rows = [
        (name, results.seconds(took), results.ratio(took, peer)) for name, took in times.items()
    ]
    body = "Must reach: the window, Passbox, is up within 1.5 of the empty one. Its first page, "
    body += f"*{_FIRST_PAGE}*, takes its place when it is loaded.\n\n"
    body += results.table(("is up", "seconds: median (each)", "of empty"), rows)
    results.publish("Start of the packaged window", body)


def _passbox(folder: Path) -> Path:
    command = [sys.executable, str(ROOT / "packaging/build_client.py"), "--form", "folder"]
    subprocess.run([*command, "--out", str(folder / "client")], check=True)
    archive = next((folder / "client").glob("*.tar.gz"))
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(folder)], check=True)
    return folder / "Passbox" / "Passbox"


def _empty(folder: Path) -> Path:
    (folder / "empty.py").write_text(EMPTY)
    where = ["--distpath", str(folder), "--workpath", str(folder / "work"), "--specpath"]
    command = [sys.executable, "-m", "PyInstaller", "--log-level", "ERROR", "--onedir", "-n"]
    subprocess.run([*command, "empty", *where, str(folder), str(folder / "empty.py")], check=True)
    return folder / "empty" / "empty"


def _until_shown(command: list[str], name: str, display: str, home: Path) -> float:
    environment = {"HOME": str(home), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    environment |= {"LANG": "C.UTF-8"}
    began = time.monotonic()
    running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        while name not in window_names(display):
            assert time.monotonic() - began < DEADLINE, "no window"
            assert running.poll() is None, "the program has ended"
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began
    finally:
        running.terminate()
        running.wait()
