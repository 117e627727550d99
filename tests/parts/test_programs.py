import sys
from pathlib import Path

import pytest

from tests.parts.programs import DidNotStart, free_port, require, running

LISTENS = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    server.accept()
"""


def test_a_program_is_stopped_when_the_block_ends(tmp_path: Path) -> None:
    """A started program listens inside the block and has ended after it."""
    port = free_port()
    with running([sys.executable, "-c", LISTENS, str(port)], port, tmp_path / "log") as process:
        assert process.poll() is None
    assert process.poll() is not None


def test_a_program_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    """A program that ends before it listens is an error with the end of its log."""
    command = [sys.executable, "-c", "print('no licence')"]
    starting = running(command, free_port(), tmp_path / "log")
    with pytest.raises(DidNotStart, match="no licence"), starting:
        pass


def test_a_missing_part_says_what_to_install() -> None:
    """A test whose part is missing skips and names the Debian package."""
    with pytest.raises(pytest.skip.Exception, match="apt-get install nothing-such"):
        require("passbox-no-such-program", package="nothing-such")
