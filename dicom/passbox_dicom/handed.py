"""Files handed over open: a worker that may open nothing reads exactly what it is asked about.

The parent opens, the descriptor goes through a socket pair (SCM_RIGHTS, unix(7)), the worker reads
it. So a worker that hostile bytes have taken over finds no key, no other patient's file and no
settings, though it runs as its parent's user and lives on to the next request. Windows has no such
sockets: there the request carries the path.
"""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from passbox_wire.canonical import Json

CAN_HAND_OVER: Final = sys.platform != "win32"
HANDED: Final = "file"
"""The request's field with the descriptor, in place of "path"."""


def hand_over(channel: socket.socket, path: Path) -> None:
    """Send the open file; raises OSError when it cannot be read or nobody listens."""
    with path.open("rb") as file:
        socket.send_fds(channel, [b"f"], [file.fileno()])


def receive(channel: socket.socket) -> int:
    """Return the descriptor of the file that was sent; raises OSError."""
    _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    if len(descriptors) != 1:
        raise OSError("no file came")
    return descriptors[0]


def opened(request: Mapping[str, Json]) -> BinaryIO:
    """Return the file a request is about, from its first byte; the caller closes it."""
    descriptor = request.get(HANDED)
    if not isinstance(descriptor, int):
        return Path(str(request["path"])).open("rb")
    file = os.fdopen(descriptor, "rb", closefd=False)
    file.seek(0)
    return file
