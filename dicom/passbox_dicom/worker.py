"""Killable workers: foreign bytes are parsed in a process that has little and can be lost.

One request at a time; whatever it does (loops, balloons, crashes, lies) the caller gets an answer
or a WorkerFailed in bounded time and memory, and the next request gets a fresh process. Answers
are JSON from an untrusted process: callers parse them. What a worker may not do is in
confinement.py; which OS holds less is in dicom/README.md.
"""

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from passbox_dicom import handed
from passbox_dicom.errors import (
    WorkerDied,
    WorkerFailed,
    WorkerGarbled,
    WorkerOutOfMemory,
    WorkerRaised,
    WorkerStalled,
    WorkerTimedOut,
)
from passbox_dicom.frames import BadFrame, read_frame, write_frame
from passbox_dicom.own_process import own_command, own_environment
from passbox_dicom.worker_main import WORKER_FLAG
from passbox_wire.canonical import Json

_MAX_KIND_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one request may cost.

    ``byte_work`` of a request (bytes hashed or coded) adds time at the two rates. A worker that
    opens no files is handed the one of the request's "path" open (handed.py), and on Linux can open
    none but its own libraries.
    """

    cpu_seconds: float = 10.0
    wall_seconds: float = 60.0
    memory_bytes: int = 512 * 1024 * 1024
    reply_bytes: int = 1024 * 1024
    open_files: int = 64
    start_seconds: float = 60.0
    bytes_per_cpu_second: int = 32 * 1024 * 1024
    bytes_per_wall_second: int = 1024 * 1024
    opens_files: bool = True


class Worker:
    """One process for one target, started when first needed. Not thread-safe."""

    def __init__(
        self,
        target: str,
        limits: WorkerLimits | None = None,
        search_path: Sequence[str] = (),
    ) -> None:
        """Take ``target`` as "module:function"; ``search_path``: more folders to import it from."""
        self._target = target
        self._limits = limits or WorkerLimits()
        self._search_path = search_path
        self._process: subprocess.Popen[bytes] | None = None
        self._files: socket.socket | None = None
        self.missing: tuple[str, ...] = ()
        """What this OS could not take away from the process; known once it has started."""

    def start(self) -> None:
        """Start the process now instead of with the first request.

        Raises:
            WorkerFailed: it did not come up.

        """
        if self._process is not None:
            return
        self._process = self._spawn()
        ready = self._receive(self._limits.start_seconds).get("ready")
        if not isinstance(ready, list):
            self.stop()
            raise WorkerGarbled("not the greeting of a worker")
        self.missing = tuple(str(name) for name in ready)

    def run(self, request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        """Return the target's answer: untrusted JSON of at most ``reply_bytes``.

        Raises:
            WorkerFailed: see errors.py; the process is gone and the next run starts another.
            OSError: a file that is to be handed over cannot be opened.

        """
        self.start()
        limits = self._limits
        cpu = limits.cpu_seconds + byte_work / limits.bytes_per_cpu_second
        wall = limits.wall_seconds + byte_work / limits.bytes_per_wall_second
        answer = self._receive(
            wall,
            # The worker's own alarm comes a little later: it is for the case that we are gone.
            {"request": self._handed(request), "cpu_seconds": cpu, "wall_seconds": wall + 1.0},
        )
        if answer.get("fault") == "memory":
            self.stop()
            raise WorkerOutOfMemory("over the memory a worker may have")
        if "fault" in answer:
            raise WorkerRaised(str(answer.get("kind"))[:_MAX_KIND_CHARACTERS])
        reply = answer.get("reply")
        if not isinstance(reply, dict):
            self.stop()
            raise WorkerGarbled("an answer without a reply")
        return reply

    def stop(self) -> None:
        """End the process; a later run starts another."""
        process, self._process = self._process, None
        files, self._files = self._files, None
        if files is not None:
            files.close()
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # unsent bytes of a request to a dead process
                    pipe.close()
        process.wait()

    def _handed(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Hand over the request's file, if it has one, and return the request without its path."""
        if self._files is None or "path" not in request:
            return dict(request)
        path = Path(str(request["path"]))
        with suppress(BrokenPipeError, ConnectionError):  # a dead process is told of later
            handed.hand_over(self._files, path)
        return {name: value for name, value in request.items() if name != "path"} | {
            handed.HANDED: True
        }

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self._limits.opens_files or not handed.CAN_HAND_OVER:
            return self._popen(())
        self._files, theirs = socket.socketpair()
        with theirs:
            return self._popen((theirs.fileno(),))

    def _popen(self, files: Sequence[int]) -> subprocess.Popen[bytes]:
        given = json.dumps(
            {
                "memory_bytes": self._limits.memory_bytes,
                "open_files": self._limits.open_files,
                "opens_files": self._limits.opens_files,
                "files": list(files),
            }
        )
        environment = own_environment()
        if self._search_path:
            environment["PYTHONPATH"] = os.pathsep.join(self._search_path)
        return subprocess.Popen(
            [*own_command(WORKER_FLAG, "passbox_dicom.worker_main"), self._target, given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            pass_fds=files,
        )

    def _receive(
        self, seconds: float, message: Mapping[str, Json] | None = None
    ) -> dict[str, Json]:
        """Send ``message`` if there is one and return what comes back within ``seconds``."""
        process = self._process
        if process is None:
            raise WorkerDied("there is no process")
        fired = threading.Event()

        def end() -> None:
            fired.set()
            process.kill()

        watchdog = threading.Timer(seconds, end)
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = _exchange(process, message, self._limits.reply_bytes)
        except BadFrame as error:
            self.stop()
            raise WorkerGarbled(str(error)) from error
        finally:
            watchdog.cancel()
            watchdog.join()
        if fired.is_set():
            self.stop()
            raise WorkerStalled("over its wall-clock time")
        if answer is None:
            raise self._death(process)
        return answer

    def _death(self, process: subprocess.Popen[bytes]) -> WorkerDied | WorkerTimedOut:
        """Return what the end of the process means."""
        self.stop()
        code = process.returncode
        if sys.platform != "win32":
            import signal

            if code == -signal.SIGALRM:
                return WorkerStalled("over its wall-clock time")
            if code in {-signal.SIGPROF, -signal.SIGXCPU}:
                return WorkerTimedOut("over its processor time")
        return WorkerDied(f"ended with status {code}")


def _exchange(
    process: subprocess.Popen[bytes], message: Mapping[str, Json] | None, most: int
) -> dict[str, Json] | None:
    """Return the next message, None when the process is gone."""
    requests, replies = _pipes(process)
    try:
        if message is not None:
            write_frame(requests, message)
        return read_frame(replies, most)
    except OSError:
        return None


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise WorkerDied("no pipes")
    return process.stdin, process.stdout


class WorkerPool:
    """``size`` workers for one target; run() may be called from any thread."""

    def __init__(
        self,
        target: str,
        limits: WorkerLimits | None = None,
        size: int = 1,
        search_path: Sequence[str] = (),
    ) -> None:
        self._workers = [Worker(target, limits, search_path) for _ in range(size)]
        # Last in, first out: a pool that is little used keeps few processes warm.
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._free.put(worker)

    def run(self, request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        """Return the target's untrusted answer; see Worker.run()."""
        worker = self._free.get()
        try:
            return worker.run(request, byte_work=byte_work)
        finally:
            self._free.put(worker)

    def warm(self) -> None:
        """Start all processes now; one that does not come up is left to its first request."""
        held = [self._free.get() for _ in self._workers]
        for worker in held:
            with suppress(WorkerFailed):
                worker.start()
            self._free.put(worker)

    def close(self) -> None:
        """End all processes, each after the request it is working on."""
        for _ in self._workers:
            self._free.get().stop()
        for worker in self._workers:
            self._free.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
