"""An append-only file of JSON lines that survives a cut at any byte.

Why here: the client's state and the audit are both such files, and a torn line must never be
glued to the next one.

The rule: one line an entry, canonical JSON, fsync before append() returns. What a cut can leave
is a last line without its newline (or with holes: NUL bytes, where the size reached the disk
before the data): that line was never acknowledged and is dropped when the file is opened.
Anything else that cannot be read is damage and is told, never skipped.

One process writes at a time (advisory lock, POSIX). It does not rotate, compact or index.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from passbox_base.durable import PRIVATE, disk_errors, fsync_directory, sync_descriptor
from passbox_base.errors import DamagedLog, StoreFailed
from passbox_wire import canonical
from passbox_wire.errors import WireError

MAX_LINE_BYTES: Final = 1 << 20

Entry = dict[str, canonical.Json]


class DurableLog:
    """A journal opened for appending. May be shared by threads."""

    def __init__(self, path: Path) -> None:
        """Open or create ``path``, drop a torn last line; raise DamagedLog or StoreFailed."""
        self.path = path
        self._lock = threading.Lock()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        with disk_errors(f"opening {path.name}"):
            self._descriptor: int | None = os.open(
                path, flags | getattr(os, "O_BINARY", 0), PRIVATE
            )
        try:
            _lock(self._descriptor, path)
            self._length = _sound_length(path)
            with disk_errors(f"opening {path.name}"):
                os.ftruncate(self._descriptor, self._length)
                sync_descriptor(self._descriptor)
            fsync_directory(path.parent)
        except BaseException:
            self.close()
            raise

    def append(self, entry: Mapping[str, canonical.Json]) -> None:
        """Add one entry, durable on return.

        Raises StoreFull or StoreFailed; then the entry does not count. When not even the torn line
        could be cut off again the journal refuses everything until it is opened anew.
        """
        line = canonical.encode(dict(entry)) + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise ValueError("an entry is a line, not a document")
        with self._lock:
            descriptor = self._open_descriptor()
            try:
                with disk_errors(f"appending to {self.path.name}"):
                    _write_at(descriptor, line, self._length)
                    sync_descriptor(descriptor)
            except StoreFailed:
                self._cut_off(descriptor)
                raise
            self._length += len(line)

    def entries(self) -> Iterator[Entry]:
        """Yield what is durable, oldest first."""
        return read_journal(self.path)

    def close(self) -> None:
        """Let go of the file; nothing is pending, ever."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):  # every append was synced on its own
                os.close(descriptor)

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise StoreFailed(f"{self.path.name} is closed")
        return self._descriptor

    def _cut_off(self, descriptor: int) -> None:
        try:
            os.ftruncate(descriptor, self._length)
            sync_descriptor(descriptor)
        except OSError:
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_journal(path: Path) -> Iterator[Entry]:
    """Yield the entries of ``path``, oldest first, without a torn last line.

    Raises DamagedLog at the first line that cannot be read. An absent file has no entries.
    """
    for _, entry in _sound_lines(path):
        yield entry


def _sound_length(path: Path) -> int:
    return sum(length for length, _ in _sound_lines(path))


def _sound_lines(path: Path) -> Iterator[tuple[int, Entry]]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file, disk_errors(f"reading {path.name}"):
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if _is_torn(line) and not file.read(1):
                return
            yield len(line), _parse_line(line, path, number)


def _is_torn(line: bytes) -> bool:
    return not line.endswith(b"\n") or b"\0" in line


def _parse_line(line: bytes, path: Path, number: int) -> Entry:
    try:
        entry = canonical.decode(line.removesuffix(b"\n"), max_bytes=MAX_LINE_BYTES)
    except WireError as error:
        raise DamagedLog(path, number) from error
    if not isinstance(entry, dict) or not line.endswith(b"\n"):
        raise DamagedLog(path, number)
    return entry


def _write_at(descriptor: int, data: bytes, offset: int) -> None:
    os.lseek(descriptor, offset, os.SEEK_SET)
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _lock(descriptor: int, path: Path) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StoreFailed(f"{path.name} is in use by another process", error.errno) from error
