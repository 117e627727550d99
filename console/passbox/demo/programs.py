"""The demo's programs as processes: started, awaited by their ready files, stopped by their ids."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from passbox.errors import DemoFailed
from passbox.house import Ports

LOOPBACK: Final = "127.0.0.1"
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
_LOOK_SECONDS: Final = 0.05
_LOG_TAIL: Final = 2000


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports of loopback that were free a moment ago."""
    sockets = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [int(taken.getsockname()[1]) for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports


def free_house_ports() -> Ports:
    """Return one free port for each server of a house."""
    public, receiver_inner, viewer_inner, pages, scp = free_ports(5)
    return Ports(public, receiver_inner, viewer_inner, pages, scp)


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

    def stop(self) -> None:
        """End the program: politely, then not."""
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, None)):
            if self._process.poll() is None:
                self._process.send_signal(number)
                try:
                    self._process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue

    def kill(self) -> None:
        """End the program as a power cut would."""
        self._process.kill()
        self._process.wait()


class Programs:
    """All programs of one demo, stopped in the reverse order of their start."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._running: list[Program] = []

    def start(self, name: str, *arguments: str, ready_file: Path | None = None) -> Program:
        """Start ``python -m`` with these arguments and, where a ready file is named, await it."""
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        program = Program(name, arguments, self._logs / f"{name}.log")
        self._running.append(program)
        if ready_file is not None:
            program.await_ready(ready_file)
        return program

    def check_alive(self) -> None:
        """Raise DemoFailed when any program has ended."""
        for program in self._running:
            program.check_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for program in reversed(self._running):
            program.stop()
