"""Start another's program for a test, know when it answers, stop it by its own process group.

The one place in the tests that waits by looking again: these programs give no event to await.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from passbox.demo.programs import free_ports

LOOPBACK = "127.0.0.1"
START_DEADLINE = 120.0  # seconds; a loaded machine is slow, a hung program is not worth more
STOP_DEADLINE = 30.0


class DidNotStart(Exception):
    """The program ended, or did not listen in time; the message holds the end of its log."""


def require(program: str, package: str) -> Path:
    """Return where ``program`` is, or skip the test saying which Debian package brings it."""
    # Debian puts Orthanc where only root's PATH looks.
    found = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        pytest.skip(f"needs {program}: apt-get install {package} (`make test` as root does it)")
    return Path(found)


def free_port() -> int:
    """Return a TCP port on loopback that nobody listened on a moment ago, and nobody dials from."""
    (port,) = free_ports(1)
    return port


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], port: int, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` until the block ends; enter it once the program listens on ``port``.

    Raises:
        DidNotStart: it ended or was silent for START_DEADLINE seconds.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await_listening(process, port, log)
            yield process
        finally:
            _stop(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Let a program that running() started die at once, children and all, as a power cut does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_DEADLINE)


def _await_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        time.sleep(0.02)
    raise DidNotStart(f"{process.args!r}\n{log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    # The group is our own (start_new_session): it takes forked children along, nobody else.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_DEADLINE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_DEADLINE)
