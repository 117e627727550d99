"""Listing and opening below one folder, and never outside it.

Names come from the medium and are hostile. On POSIX each component is opened relative to the one
before, links are never followed and nothing but regular files is opened, so a path cannot leave
even when somebody swaps a folder for a link half-way. Windows has no such calls: there each
component is looked at first and reparse points (links, junctions) are refused.
"""

import errno
import io
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from passbox_dicom.errors import MediumGone, MediumUnreadable, NothingThere

Parts = tuple[str, ...]
"""A path below the root, component by component."""

_REPARSE_POINT: Final = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT
_FORBIDDEN_ON_WINDOWS: Final = frozenset('<>:"|?*\\')
_PIECE: Final = 256 * 1024
PAUSES: Final = (0.1, 0.5)
"""Seconds before a sector that cannot be read is tried again; the drive tries for itself, too."""
_GONE: Final = frozenset(
    number
    for name in ("ENOMEDIUM", "ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "EHOSTDOWN")
    if (number := getattr(errno, name, None)) is not None
)
_GONE_ON_WINDOWS: Final = frozenset({21, 53, 55, 59, 64, 1110, 1112, 1117, 1167})
"""Not ready, network path or device gone, media changed, no media, I/O device, not connected."""


class EntryKind(StrEnum):
    """What a name in a folder stands for."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder; ``order`` sorts as the medium has it, ``size`` is None unless FILE."""

    name: str
    kind: EntryKind
    size: int | None
    order: int


class Root(Protocol):
    """A folder nobody leaves."""

    def entries(self, folder: Parts, most: int) -> list[Entry]:
        """Return up to ``most`` entries of a folder, in the order of the medium.

        Raises:
            MediumUnreadable: the folder cannot be read.

        """

    def open_file(self, path: Parts) -> BinaryIO:
        """Open a regular file for reading.

        Raises:
            NothingThere: there is no such file.
            MediumUnreadable: it cannot be read or is no regular file.

        """

    def is_present(self) -> bool:
        """Return whether the root is still what it was when it was opened."""

    def close(self) -> None:
        """Let go of the root."""


def open_root(path: Path) -> Root:
    """Open the folder ``path``, which the user chose and which may itself be a link.

    Raises:
        NothingThere: there is no such folder.
        MediumUnreadable: it cannot be opened.

    """
    try:
        return PosixRoot(path) if os.open in os.supports_dir_fd else PathRoot(path)
    except OSError as error:
        raise _translated(error) from error


def is_name(part: str) -> bool:
    """Return whether ``part`` is one component and not a way out."""
    return part not in {"", ".", ".."} and "/" not in part and "\0" not in part


def is_gone(error: OSError) -> bool:
    """Return whether an error says that the whole medium is no longer there."""
    return error.errno in _GONE or getattr(error, "winerror", None) in _GONE_ON_WINDOWS


def _translated(error: OSError) -> NothingThere | MediumUnreadable:
    if is_gone(error):
        return MediumGone("the medium was taken out")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return NothingThere("there is nothing at that path")
    name = errno.errorcode.get(error.errno or 0, "unknown")
    return MediumUnreadable(f"the medium cannot be read ({name})")


def _kind(mode: int) -> EntryKind:
    if stat.S_ISREG(mode):
        return EntryKind.FILE
    if stat.S_ISDIR(mode):
        return EntryKind.FOLDER
    return EntryKind.LINK if stat.S_ISLNK(mode) else EntryKind.SPECIAL


def _listed(found: Iterator["os.DirEntry[str]"], most: int) -> list[Entry]:
    entries: list[Entry] = []
    for item in found:
        if len(entries) >= most:
            break
        try:
            about = item.stat(follow_symlinks=False)
        except OSError:
            entries.append(Entry(item.name, EntryKind.UNREADABLE, None, 0))
            continue
        kind = _kind(about.st_mode)
        if getattr(about, "st_file_attributes", 0) & _REPARSE_POINT:
            kind = EntryKind.LINK
        size = about.st_size if kind is EntryKind.FILE else None
        entries.append(Entry(item.name, kind, size, about.st_ino))
    return sorted(entries, key=lambda entry: (entry.order, entry.name))


class PosixRoot:
    """A root held by its descriptor; every step is relative to one."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def entries(self, folder: Parts, most: int) -> list[Entry]:
        try:
            descriptor = self._open_folder(folder)
            try:
                with os.scandir(descriptor) as found:
                    return _listed(found, most)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _translated(error) from error

    def open_file(self, path: Parts) -> BinaryIO:
        if not path or not all(map(is_name, path)):
            raise NothingThere("that is no path on a medium")
        try:
            folder = self._open_folder(path[:-1])
            try:
                # O_NONBLOCK: opening a FIFO would wait for a writer; it is refused below.
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
                descriptor = os.open(path[-1], flags, dir_fd=folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _translated(error) from error
        return _regular(descriptor)

    def is_present(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except OSError:
            return False

    def close(self) -> None:
        os.close(self._descriptor)

    def _open_folder(self, path: Parts) -> int:
        """Return a new descriptor of a folder, walking down without following links."""
        descriptor = os.dup(self._descriptor)
        try:
            for part in path:
                if not is_name(part):
                    raise FileNotFoundError(errno.ENOENT, "not a name")
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                below = os.open(part, flags, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


class PathRoot:
    """A root held by its path, for systems without openat."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        if not self._path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")

    def entries(self, folder: Parts, most: int) -> list[Entry]:
        try:
            with os.scandir(self._checked(folder)) as found:
                return _listed(found, most)
        except OSError as error:
            raise _translated(error) from error

    def open_file(self, path: Parts) -> BinaryIO:
        try:
            checked = self._checked(path)
            if not stat.S_ISREG(checked.lstat().st_mode):
                raise MediumUnreadable("not a regular file")
            return cast("BinaryIO", io.BufferedReader(PatientFile(checked)))
        except OSError as error:
            raise _translated(error) from error

    def is_present(self) -> bool:
        return self._path.is_dir()

    def close(self) -> None:
        """Nothing is held."""

    def _checked(self, path: Parts) -> Path:
        """Return the real path after looking at each part; links and odd names do not exist."""
        here = self._path
        for part in path:
            if not is_name(part) or not _FORBIDDEN_ON_WINDOWS.isdisjoint(part):
                raise FileNotFoundError(errno.ENOENT, "not a name")
            here /= part
            about = here.lstat()
            reparse = getattr(about, "st_file_attributes", 0) & _REPARSE_POINT
            if stat.S_ISLNK(about.st_mode) or reparse:
                raise FileNotFoundError(errno.ENOENT, "a link")
        return here


def _regular(descriptor: int) -> BinaryIO:
    """Return the descriptor as a file, or close it and refuse."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise MediumUnreadable("not a regular file")
    return cast("BinaryIO", io.BufferedReader(PatientFile(descriptor)))


class PatientFile(io.FileIO):
    """A file whose reading is tried again after an I/O error: scratches often yield later."""

    def __init__(self, file: int | Path, pause: Callable[[float], object] = time.sleep) -> None:
        super().__init__(file, "rb")
        self._pause = pause

    def readinto(self, buffer: Any, /) -> int | None:
        """Read some bytes; raises OSError when the medium refuses them for good."""
        for seconds in PAUSES:
            try:
                return self._read_once(buffer)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
            self._pause(seconds)
        return self._read_once(buffer)

    def _read_once(self, buffer: Any) -> int | None:
        return super().readinto(buffer)

    def readall(self) -> bytes:
        """Read to the end, with the same patience."""
        pieces: list[bytes] = []
        buffer = bytearray(_PIECE)
        while count := self.readinto(buffer):
            pieces.append(bytes(buffer[:count]))
        return b"".join(pieces)
