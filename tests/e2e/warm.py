"""Programs forked from a process that has loaded their modules already.

Most of what a start costs is Python reading modules. A test that starts programs 50 times has that
done once; what is forked then is a process of its own like any other: its own session, log, words
and memory, it runs from its ``main`` on and dies by SIGKILL.

    python -m tests.e2e.warm

reads one order a line, a list of the log and the words behind ``python -m``, and answers with the
process id. It has one thread and nothing in it but modules, so a fork carries nothing over.
"""

import contextlib
import importlib
import json
import os
import random
import runpy
import select
import signal
import subprocess
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

from passbox.demo.programs import STOP_SECONDS, Program

_LOADED: Final = (
    "passbox.cli",
    "passbox_receiver.serve",
    "passbox_poller.run",
    "passbox_viewer.serve",
)


class Forked:
    """A process that is not our child, by its descriptor; a number alone could be reused."""

    def __init__(self, pid: int) -> None:
        self.pid: Final = pid
        self._descriptor = os.pidfd_open(pid)
        weakref.finalize(self, os.close, self._descriptor)

    def poll(self) -> int | None:
        """Return something but None when it has ended; its exit code is not known here."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return when it has ended; raise subprocess.TimeoutExpired."""
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired("a forked program", timeout or 0)
        return -1

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still lives."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        # A process's descriptor can be read once it has ended (pidfd_open(2)).
        return -1 if select.select([self._descriptor], [], [], timeout)[0] else None


class Warm:
    """Starts programs by fork; leave it when they have ended."""

    def __init__(self, root: Path) -> None:
        """``root``: the folder that programs are started in."""
        self._root = root

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=self._root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=STOP_SECONDS)

    def start(self, name: str, words: Sequence[str], log: Path) -> Program:
        """Start ``python -m`` these words; its output goes to ``log``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([str(log), *words]), file=self._process.stdin, flush=True)
        return _WarmProgram(name, Forked(int(self._process.stdout.readline())), log)


class _WarmProgram(Program):
    def __init__(self, name: str, process: Any, log: Path) -> None:
        self.name = name  # type: ignore[misc]  # Final in Program, whose own __init__ would start one
        self._log = log
        self._process = process


def _become(log: str, *words: str) -> None:
    """Be the program, in a fork of ours, until it ends."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for old, new in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(old, new)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()  # else all of them wait alike
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def _serve() -> None:
    for module in _LOADED:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: they end at once
    for order in sys.stdin:
        pid = os.fork()
        if not pid:
            _become(*json.loads(order))
            return
        print(pid, flush=True)  # noqa: T201  # the answer to the order


if __name__ == "__main__":
    _serve()
