"""An X server of a test's own, and what is shown on it, asked from outside."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.programs import require

_NAMED = re.compile(r'0x\w+ "(?!has no name)([^"]*)":? .*?\s(\d+)x(\d+)[+-]')
_LEAST = 100
"""Pixels: smaller ones are what a toolkit keeps for itself, under the program's name."""


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """The name of an X server that is up, as DISPLAY takes it."""
    xvfb = require("Xvfb", package="xvfb")
    read, write = os.pipe()
    command = [str(xvfb), "-displayfd", str(write), "-screen", "0", "1280x900x24"]
    with (tmp_path / "xvfb.log").open("wb") as log:
        server = subprocess.Popen(
            # Without -noreset it starts anew when its last client leaves, and refuses meanwhile.
            [*command, "-noreset", "-nolisten", "tcp"],
            pass_fds=[write],
            stdout=log,
            stderr=log,
        )
    os.close(write)
    with os.fdopen(read) as said:
        number = said.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


def window_names(display: str) -> list[str]:
    """Return the names of the windows on an X server that are large enough to be seen."""
    tree = [str(require("xwininfo", package="x11-utils")), "-root", "-tree", "-display", display]
    # It fails when a window goes while it walks the tree: then it is asked again.
    said = subprocess.run(tree, capture_output=True, text=True, check=False).stdout
    return [name for name, *size in _NAMED.findall(said) if min(map(int, size)) >= _LEAST]
