"""The inside of a worker process: load the target, give up rights, answer until told to stop.

It imports everything the target needs first, is confined second, and sees foreign bytes third. It
trusts its parent and is itself not trusted: the parent checks every answer.
"""

import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Final

from passbox_dicom import handed
from passbox_dicom.confinement import confine
from passbox_dicom.frames import read_frame, write_frame
from passbox_wire.canonical import Json

WORKER_FLAG: Final = "--passbox-worker"
_MAX_REQUEST_BYTES: Final = 64 * 1024 * 1024

Target = Callable[[dict[str, Json]], dict[str, Json]]


def serve_if_asked() -> None:
    """Become a worker when a bundled program was started as one; never returns then.

    Bundled programs (PyInstaller) have no ``python -m``: their entry calls this first of all.
    """
    if len(sys.argv) > 1 and sys.argv[1] == WORKER_FLAG:
        main(sys.argv[2:])
        sys.exit(0)


def main(arguments: list[str]) -> None:
    """Serve: ``arguments`` are the target "module:function" and the limits as JSON."""
    target_name, limits_text = arguments
    limits = json.loads(limits_text)
    requests, replies = _own_channel()
    target = _load(target_name)
    files = [socket.socket(fileno=number) for number in limits["files"]]
    missing = confine(limits["memory_bytes"], limits["open_files"], may_open=limits["opens_files"])
    write_frame(replies, {"ready": list(missing)})
    while (request := read_frame(requests, _MAX_REQUEST_BYTES)) is not None:
        descriptor = _take_file(request, files)
        _answer(target, request, replies)
        if descriptor is not None:
            with suppress(OSError):  # the target has closed it
                os.close(descriptor)


def _take_file(request: dict[str, Json], files: list[socket.socket]) -> int | None:
    """Put the descriptor of a file that is handed over into the request, and return it."""
    body = request["request"]
    if not isinstance(body, dict) or handed.HANDED not in body:
        return None
    descriptor = handed.receive(files[0])
    body[handed.HANDED] = descriptor
    return descriptor


def _own_channel() -> tuple[BinaryIO, BinaryIO]:
    """Move the pipes away from stdin and stdout, so that no library can print into them."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return os.fdopen(requests, "rb"), os.fdopen(replies, "wb")


def _load(name: str) -> Target:
    module, _, function = name.partition(":")
    target: Target = getattr(importlib.import_module(module), function)
    return target


def _answer(target: Target, request: dict[str, Json], replies: BinaryIO) -> None:
    """Run the target on one request within its time; end after running out of memory."""
    body = request["request"]
    if not isinstance(body, dict):
        raise TypeError("the parent sends objects only")
    _set_alarms(request["cpu_seconds"], request["wall_seconds"])
    try:
        answer: dict[str, Json] = {"reply": target(body)}
    except MemoryError:
        _set_alarms(0, 0)
        write_frame(replies, {"fault": "memory"})
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the outermost loop: whatever it is, the parent hears of it
        answer = {"fault": "raised", "kind": type(error).__name__}
    _set_alarms(0, 0)
    write_frame(replies, answer)


def _set_alarms(cpu_seconds: Json, wall_seconds: Json) -> None:
    """Let the kernel end this process after so much processor or wall-clock time; 0 switches off.

    The parent watches the wall clock too; this one also holds when the parent is gone.
    """
    if sys.platform == "win32":
        return
    if not isinstance(cpu_seconds, int | float) or not isinstance(wall_seconds, int | float):
        raise TypeError("the parent sends seconds")
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
