"""A medium: what the sender put in, as folder, drive or ZIP file. Everything on it is hostile.

The walk is the truth about what is there; it opens nothing but archives, and reports links, FIFOs
and devices without touching them. A ZIP counts as its members. Paths are tuples of names and are
only ever used component by component below the root (rooted.py) or as labels (archive.py).
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from passbox_dicom.archive import MAGIC, Archive, ArchiveLimits, Member, MemberState
from passbox_dicom.errors import (
    ArchiveRefused,
    MediumError,
    MediumTooLarge,
    MediumUnreadable,
    NothingThere,
)
from passbox_dicom.names import PathIndex
from passbox_dicom.rooted import Entry, EntryKind, Parts, PatientFile, Root, open_root

_ARCHIVE_SUFFIX: Final = ".zip"
_MAX_NESTING: Final = 2  # a ZIP, and one within it


class FileState(StrEnum):
    """Whether a file on the medium can be opened, and why not."""

    READABLE = "readable"
    LINK = "link"
    SPECIAL = "special"
    UNREADABLE = "unreadable"
    LOCKED = "locked"
    REFUSED_ARCHIVE = "refused_archive"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True, slots=True)
class MediumFile:
    """One file of the medium; ``size`` in bytes as the medium says, None where it does not."""

    path: Parts
    size: int | None
    state: FileState = FileState.READABLE


@dataclass(frozen=True, slots=True)
class MediumLimits:
    """How much of a medium is walked."""

    max_entries: int = 1_000_000
    max_depth: int = 64
    max_archives: int = 256
    """Each is a file that stays open."""
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)


class Medium:
    """An open medium. Use Medium.open()."""

    def __init__(
        self, root: Root | Archive, limits: MediumLimits, password: bytes | None = None
    ) -> None:
        self._root = root
        self._limits = limits
        self._password = password
        self._archives: dict[Parts, Archive] = {}
        self._nested_bytes = 0
        self._index: PathIndex | None = None
        self._file: Path | None = None

    @classmethod
    def open(
        cls, path: Path, limits: MediumLimits | None = None, *, password: bytes | None = None
    ) -> Self:
        """Open a folder, a drive or a ZIP file.

        Raises:
            NothingThere: nothing is at ``path``.
            MediumUnreadable: it is neither a folder nor a ZIP, or cannot be read.
            ArchiveRefused: a ZIP we do not open.

        """
        limits = limits or MediumLimits()
        if path.is_dir() or not path.exists():
            return cls(open_root(path), limits, password)
        if not path.is_file():
            raise MediumUnreadable("neither a folder nor a ZIP file")
        try:
            file = cast("BinaryIO", io.BufferedReader(PatientFile(path)))
        except OSError as error:
            raise MediumUnreadable("the file cannot be read") from error
        if file.read(len(MAGIC)) != MAGIC:
            file.close()
            raise MediumUnreadable("neither a folder nor a ZIP file")
        medium = cls(Archive(file, limits.archive, password), limits, password)
        medium._file = path
        return medium

    def walk(self) -> Iterator[MediumFile]:
        """Yield every file in the order of the medium, the members of ZIP files in their place.

        Raises:
            MediumUnreadable: the medium's top folder cannot be read (it was taken out?).
            MediumTooLarge: more entries than the limit; what was yielded before is right.

        """
        left = self._limits.max_entries
        for file in self._walk_root():
            left -= 1
            if left < 0:
                raise MediumTooLarge("the medium has more files than we walk")
            yield file

    def open_file(self, path: Parts) -> BinaryIO:
        """Open a file for reading; seekable.

        Raises:
            NothingThere: there is no such file.
            MediumUnreadable: it cannot be read or is no regular file.
            ArchiveRefused: it is in a ZIP we do not open.

        """
        inside = self._archive_of(path)
        if inside is None:
            return self._open_outside(path)
        archive, rest = inside
        return archive.open(rest)

    def find(self, path: Parts) -> Parts | None:
        """Return the real path of what a DICOMDIR calls ``path``, None when it is not there.

        Matches as loosely as names.py says, against the walk's names: the medium is not asked with
        a foreign name.
        """
        if self._index is None:
            self._index = PathIndex(file.path for file in self.walk())
        return self._index.find(path)

    def is_present(self) -> bool:
        """Return whether the medium is still there, and still the one that was opened."""
        if isinstance(self._root, Archive):
            return self._file is None or self._file.is_file()
        return self._root.is_present()

    def close(self) -> None:
        """Let go of everything that is open."""
        while self._archives:
            self._archives.popitem()[1].close()
        self._root.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _walk_root(self) -> Iterator[MediumFile]:
        if isinstance(self._root, Archive):
            yield from self._walk_archive((), self._root, nesting=1)
            return
        folders: list[Parts] = [()]
        while folders:
            folder = folders.pop()
            below: list[Parts] = []
            for entry in self._entries(self._root, folder):
                path = (*folder, entry.name)
                if entry.kind is not EntryKind.FOLDER:
                    yield from self._walk_file(path, entry)
                elif len(path) > self._limits.max_depth:
                    yield MediumFile(path, None, FileState.TOO_DEEP)
                else:
                    below.append(path)
            folders += reversed(below)

    def _entries(self, root: Root, folder: Parts) -> list[Entry]:
        try:
            return root.entries(folder, self._limits.max_entries + 1)
        except (MediumUnreadable, NothingThere):
            if not folder:
                raise
            # A folder that cannot be read is told as one unreadable name within its parent.
            return [Entry("", EntryKind.UNREADABLE, None, 0)]

    def _walk_file(self, path: Parts, entry: Entry) -> Iterator[MediumFile]:
        if entry.kind is not EntryKind.FILE:
            state = FileState(entry.kind.value)
            yield MediumFile(path if entry.name else path[:-1], entry.size, state)
        elif path[-1].casefold().endswith(_ARCHIVE_SUFFIX):
            yield from self._walk_member_archive(path, entry.size, nesting=1)
        else:
            yield MediumFile(path, entry.size)

    def _walk_member_archive(
        self, path: Parts, size: int | None, nesting: int
    ) -> Iterator[MediumFile]:
        """Yield the members of a ZIP on the medium, or the ZIP itself when it is none."""
        try:
            archive = self._archive(path)
        except ArchiveRefused:
            yield MediumFile(path, size, FileState.REFUSED_ARCHIVE)
        except MediumError:
            yield MediumFile(path, size, FileState.UNREADABLE)
        else:
            if archive is None:
                yield MediumFile(path, size)
            else:
                yield from self._walk_archive(path, archive, nesting)

    def _walk_archive(self, at: Parts, archive: Archive, nesting: int) -> Iterator[MediumFile]:
        for member in archive.members:
            path = (*at, *member.path)
            nested = member.path[-1].casefold().endswith(_ARCHIVE_SUFFIX)
            if nested and member.state is MemberState.READABLE and nesting < _MAX_NESTING:
                yield from self._walk_member_archive(path, member.size, nesting + 1)
            else:
                yield MediumFile(path, member.size, _state_of(member))

    def _archive_of(self, path: Parts) -> tuple[Archive, Parts] | None:
        """Return the innermost ZIP that ``path`` leads into and the rest of the way."""
        found: tuple[Archive, Parts] | None = None
        if isinstance(self._root, Archive):
            found = (self._root, path)
        for end in range(1, len(path)):
            if not path[end - 1].casefold().endswith(_ARCHIVE_SUFFIX):
                continue
            archive = self._archive(path[:end])
            if archive is not None:
                found = (archive, path[end:])
        return found

    def _archive(self, path: Parts) -> Archive | None:
        """Return the ZIP at ``path``, None when what is there is no ZIP."""
        known = self._archives.get(path)
        if known is not None:
            return known
        try:
            file = self.open_file(path)
        except NothingThere:
            return None
        except MediumUnreadable:
            return None  # a folder whose name ends like an archive's
        if file.read(len(MAGIC)) != MAGIC:
            file.close()
            return None
        if self._archive_of(path) is not None:
            file = self._in_memory(file)
        if len(self._archives) >= self._limits.max_archives:
            file.close()
            raise ArchiveRefused("the medium has more archives than we open")
        archive = Archive(file, self._limits.archive, self._password)
        self._archives[path] = archive
        return archive

    def _in_memory(self, file: BinaryIO) -> BinaryIO:
        """Return a nested archive as a file that can be read at random without unpacking again."""
        most = self._limits.archive.max_nested_bytes - self._nested_bytes
        file.seek(0)
        data = file.read(most + 1)
        file.close()
        if len(data) > most:
            raise ArchiveRefused("the archives within archives are too large")
        self._nested_bytes += len(data)
        return io.BytesIO(data)

    def _open_outside(self, path: Parts) -> BinaryIO:
        if isinstance(self._root, Archive):
            raise NothingThere("there is no such member")
        return self._root.open_file(path)


def _state_of(member: Member) -> FileState:
    return FileState(member.state.value)
