"""The demo's programs as processes: started, awaited by their ready files, stopped by their ids."""

import contextlib
import dataclasses
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from passbox.errors import DemoFailed
from passbox.house import Ports

LOOPBACK: Final = "127.0.0.1"
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
_LOOK_SECONDS: Final = 0.05
_LOG_TAIL: Final = 2000
_PORTS: Final = range(15_000, 32_000)
"""Linux dials from 32768 up, the others from 49152."""


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports of loopback that were free a moment ago.

    None of those that the system gives to whoever dials out: until a program listens, a connection
    would take one of them sooner or later.
    """
    free: list[int] = []
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        if len(free) == count:
            break
        with contextlib.suppress(OSError), socket.create_server((LOOPBACK, port)):
            free.append(port)
    return free


def free_house_ports() -> Ports:
    """Return one free port for each server of a house."""
    return Ports(*free_ports(len(dataclasses.fields(Ports))))


class Program:
    """One process; its standard output and error go to ``log``."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path) -> None:
        self.name: Final = name
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the demo, which then stops its programs in order.
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def log(self) -> Path:
        """Where it writes its log."""
        return self._log

    def await_ready(self, ready_file: Path) -> Mapping[str, object]:
        """Return what the program said once ready; raise DemoFailed when it is not in time."""
        deadline = time.monotonic() + START_SECONDS
        while not ready_file.exists():
            self.check_alive()
            if time.monotonic() > deadline:
                raise DemoFailed(
                    f"{self.name} was not ready in {START_SECONDS:.0f} s.{self._tail()}"
                )
            time.sleep(_LOOK_SECONDS)
        answer: Mapping[str, object] = json.loads(ready_file.read_bytes())
        return answer

    def check_alive(self) -> None:
        """Raise DemoFailed when the program has ended."""
        code = self._process.poll()
        if code is not None:
            raise DemoFailed(f"{self.name} ended with status {code}.{self._tail()}")

    def _tail(self) -> str:
        text = self._log.read_text("utf-8", "replace")[-_LOG_TAIL:].strip()
        return f" The end of its log:\n{text}" if text else ""

    def ask_to_end(self) -> None:
        """Send SIGTERM, if it still runs."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait until it has ended after ask_to_end; kill it when it takes too long."""
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Freeze the program while the block runs."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the program as a power cut would."""
        self._process.kill()
        self._process.wait()


class Programs:
    """All programs of one demo, started and ended together."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._running: list[Program] = []
        self._ready: dict[Program, Path] = {}

    def start(self, name: str, *arguments: str, ready_file: Path) -> Program:
        """Start ``python -m`` with these arguments; it writes ``ready_file`` once it is ready."""
        ready_file.unlink(missing_ok=True)
        program = Program(name, arguments, self._logs / f"{name}.log")
        self._running.append(program)
        self._ready[program] = ready_file
        return program

    def await_all_ready(self) -> None:
        """Wait until every program is ready; raise DemoFailed when one is not in time."""
        for program, ready_file in self._ready.items():
            program.await_ready(ready_file)

    def check_alive(self) -> None:
        """Raise DemoFailed when any program has ended."""
        for program in self._running:
            program.check_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self._running:
            program.ask_to_end()
        for program in self._running:
            program.end()
