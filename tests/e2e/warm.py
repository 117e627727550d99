"""Programs forked from a process that has loaded their modules already.

Most of what a start costs is Python reading modules: two to three seconds of CPU each. A run of the
tests has that done once; what is forked then is a process of its own like any other, with its own
session, output, words and memory, and runs from its ``main`` on. Whoever measures memory, or
searches it, starts programs cold.

    python -m tests.e2e.warm DESCRIPTOR

takes orders from a socket: the words behind ``python -m`` and the environment as JSON, with three
descriptors (standard output, standard error, and where the exit code is written); it answers with
the process id. It has one thread and nothing in it but modules, so a fork carries nothing over.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from passbox.demo.programs import STOP_SECONDS, Program

_ROOT: Final = Path(__file__).parents[2]
_LOADED: Final = (
    "passbox.cli",
    "passbox_client.send",
    "passbox_poller.run",
    "passbox_receiver.operations",
    "passbox_receiver.serve",
    "passbox_viewer.operations",
    "passbox_viewer.serve",
)
_MOST_BYTES: Final = 2**20
"""Of an order: the words and the environment."""


class Forked:
    """A process that is not our child, by its descriptor; a number alone could be reused."""

    def __init__(self, pid: int, ended: int) -> None:
        """``ended``: the descriptor its exit code comes from, once it has ended."""
        self.pid: Final = pid
        self.returncode: int | None = None
        self._ended = ended
        weakref.finalize(self, os.close, ended)
        self._descriptor: int | None = None
        with contextlib.suppress(ProcessLookupError):  # it has ended and was waited for
            self._descriptor = os.pidfd_open(pid)
            weakref.finalize(self, os.close, self._descriptor)

    def poll(self) -> int | None:
        """Return its exit code (less than 0: the signal) when it has ended."""
        return self._read(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended; raise subprocess.TimeoutExpired."""
        code = self._read(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("a forked program", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still lives."""
        if self._descriptor is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def _read(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            self.returncode = int(os.read(self._ended, 16))
        return self.returncode


class Warm:
    """Starts programs by fork; leave it when they have ended."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._in_order = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the tests, which end what they started
                env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
            )

    def close(self) -> None:
        """End it; what it forked goes on."""
        self._orders.close()
        self._process.wait(STOP_SECONDS)

    def start(
        self,
        words: Sequence[str],
        output: IO[Any],
        errors: IO[Any],
        environment: Mapping[str, str] | None = None,
    ) -> Forked:
        """Start ``python -m`` these words; ``environment``: in place of ours."""
        ended, tell_end = os.pipe()
        order = json.dumps([*words, dict(os.environ if environment is None else environment)])
        with self._in_order:
            socket.send_fds(
                self._orders, [order.encode()], [output.fileno(), errors.fileno(), tell_end]
            )
            os.close(tell_end)
            return Forked(int(self._orders.recv(16)), ended)


@functools.cache
def warm() -> Warm:
    """Return the one process that this run of the tests forks from."""
    started = Warm()
    atexit.register(started.close)
    return started


class WarmProgram(Program):
    """A program of a hospital, forked."""

    def __init__(self, name: str, words: Sequence[str], log: Path) -> None:
        """Start ``python -m`` these words; their output goes to ``log``."""
        self.name = name  # type: ignore[misc]  # Final in Program, whose own __init__ would start one
        self._log = log
        with log.open("ab") as output:
            self._process: Any = warm().start(words, output, output)


def _become(words: Sequence[str], environment: Mapping[str, str], output: int, errors: int) -> None:
    """Be the program, in a fork of ours, until it ends."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (output, 1), (errors, 2)):
        os.dup2(old, new)
        os.close(old)
    os.environ.clear()
    os.environ.update(environment)
    random.seed()  # else all of them wait alike
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def _keep(orders: socket.socket, order: bytes, output: int, errors: int, tell_end: int) -> None:
    """Start a program, tell its number, and its exit code when it has ended."""
    *words, environment = json.loads(order)
    pid = os.fork()
    if not pid:
        orders.close()
        os.close(tell_end)
        _become(words, environment, output, errors)
        return
    orders.send(str(pid).encode())
    _, status = os.waitpid(pid, 0)
    os.write(tell_end, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)  # nothing of the process we were forked from is to be cleaned up here


def _reap() -> None:
    """Let keepers go that have ended; so their time counts as that of the tests."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _serve(orders: socket.socket) -> None:
    for module in _LOADED:
        importlib.import_module(module)
    gc.freeze()  # else each fork goes through all of it once more when it ends: 0.8 s of CPU
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, _MOST_BYTES, 3)
        _reap()
        if not order:
            return
        if not os.fork():
            _keep(orders, order, *descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
