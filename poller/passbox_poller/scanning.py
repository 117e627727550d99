r"""A virus scanner looks at files before they are handed over: clamd over its socket (clamd(8)).

    zINSTREAM\0  then pieces of (length, 4 bytes big-endian; bytes), a length of 0 ends them
    stream: OK\0 | stream: NAME FOUND\0 | INSTREAM size limit exceeded. ERROR\\0

The rule: bytes go out, one line comes back; clamd opens no file of ours, so it may run as whoever
it likes. A finding refuses the file; its name is not kept, the file is. A clamd that is away or
broken refuses nothing: files wait.
"""

import contextlib
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from passbox_poller.errors import FileRefused, NotNow, Refusal
from passbox_poller.settings import ClamdScanner

_PIECE: Final = 64 * 1024
_LENGTH: Final = struct.Struct(">I")
_MAX_ANSWER: Final = 4096
_MAX_VERSION: Final = 200
_MADE: Final = "%a %b %d %H:%M:%S %Y"


@dataclass(frozen=True, slots=True)
class Health:
    """What a clamd says of itself; ``signatures``: when they were made, None: it does not say."""

    version: str
    signatures: datetime | None


def parse_health(untrusted: bytes) -> Health:
    """Read an answer to VERSION: ClamAV 1.4.3/27500/Fri Jan 10 09:41:20 2025."""
    text = untrusted[:_MAX_VERSION].decode("ascii", "replace")
    version, _, rest = "".join(one if one.isprintable() else "?" for one in text).partition("/")
    try:
        made = datetime.strptime(rest.partition("/")[2], _MADE).replace(tzinfo=UTC)
    except ValueError:
        return Health(version, None)
    return Health(version, made)


class Clamd:
    """One clamd; threads may share it, each scan has its own connection."""

    def __init__(self, settings: ClamdScanner) -> None:
        self._settings = settings

    def scan(self, path: Path) -> None:
        """Raise FileRefused for a finding or a file that is too large, NotNow without an answer."""
        if path.stat().st_size > self._settings.stream_bytes:
            raise FileRefused(Refusal.NOT_SCANNED)
        try:
            answer = self._ask(path)
        except OSError as error:
            raise NotNow("the virus scanner does not answer") from error
        if answer.endswith(b"FOUND"):
            raise FileRefused(Refusal.INFECTED)
        if b"size limit exceeded" in answer:
            raise FileRefused(Refusal.NOT_SCANNED)
        if not answer.endswith(b": OK"):
            raise NotNow("the virus scanner answered with an error")

    def health(self) -> Health:
        """Return what it says of itself; raise NotNow when it is away or no clamd."""
        try:
            pong, version = self._say(b"zPING\0"), self._say(b"zVERSION\0")
        except OSError as error:
            raise NotNow("the virus scanner does not answer") from error
        if pong != b"PONG":
            raise NotNow("what answers is no virus scanner")
        return parse_health(version)

    def _say(self, command: bytes) -> bytes:
        with self._connected() as connection:
            connection.sendall(command)
            return _receive(connection)

    def _ask(self, path: Path) -> bytes:
        with self._connected() as connection:
            with contextlib.suppress(ConnectionError):  # it may answer before it has heard all
                _send(connection, path)
            return _receive(connection)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        settings = self._settings
        if settings.socket is None:
            with socket.create_connection((settings.host, settings.port), settings.seconds) as one:
                yield one
            return
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(settings.seconds)
            one.connect(str(settings.socket))
            yield one


def _send(connection: socket.socket, path: Path) -> None:
    connection.sendall(b"zINSTREAM\0")
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            connection.sendall(_LENGTH.pack(len(piece)) + piece)
    connection.sendall(_LENGTH.pack(0))


def _receive(connection: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _MAX_ANSWER:
        piece = connection.recv(_MAX_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0")
