"""A worker tries what no worker may do, so that `doctor` tells what it saw and not what it hopes.

The rule: it runs in a worker like any other, against itself; what it is asked to read and write is
named by who asks, is harmless, and nothing of it stays. It judges nothing: it tells what worked.
"""

import os
import socket
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from passbox_dicom.errors import WorkerFailed
from passbox_dicom.worker import Worker, WorkerLimits
from passbox_wire.canonical import Json

TARGET: Final = "passbox_dicom.probing:attempt"


class Freedom(StrEnum):
    """What a worker was able to do although it should not."""

    NETWORK = "network"
    PROGRAMS = "programs"
    WRITING = "writing"
    READING = "reading"
    MEMORY = "memory"


def freedoms(folder: Path, limits: WorkerLimits) -> frozenset[Freedom]:
    """Return what a worker of these limits can do here; ``folder`` of ours takes a file meanwhile.

    Raises WorkerFailed when no worker comes up, OSError when ``folder`` cannot be written.
    """
    bait = folder / "probe"
    bait.write_bytes(b"bait")
    worker = Worker(TARGET, limits)
    try:
        answer = worker.run({"bait": str(bait), "bytes": 2 * limits.memory_bytes})
    finally:
        worker.stop()
        bait.unlink()
    worked = answer.get("worked")
    if not isinstance(worked, list):
        raise WorkerFailed("no answer to a probe")
    return frozenset(Freedom(str(one)) for one in worked)


def attempt(request: Mapping[str, Json]) -> dict[str, Json]:
    """Try each and return which ones worked. Called in the worker."""
    bait, size = str(request["bait"]), int(str(request["bytes"]))
    tries: dict[Freedom, Callable[[], object]] = {
        Freedom.NETWORK: lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
        Freedom.PROGRAMS: _fork,
        Freedom.WRITING: lambda: Path(bait).with_suffix(".written").touch(),
        Freedom.READING: lambda: Path(bait).read_bytes(),
        Freedom.MEMORY: lambda: bytearray(size),
    }
    return {"worked": [freedom.value for freedom, act in tries.items() if _works(act)]}


def _works(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, MemoryError):
        return False
    return True


def _fork() -> None:
    if hasattr(os, "fork"):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
