"""ZIP files as media, opened within bounds; names in them are labels and never become real paths.

The bounds are checked on what the archive claims before members are read, and members never give
more than they claimed. Only stored and deflated members are read: the other methods let the archive
choose how much memory they take. (APPNOTE.TXT 4.3; "a better zip bomb", Fifield 2019.)
"""

import os
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final, Self, cast

from passbox_dicom.aes_member import METHOD as AES
from passbox_dicom.aes_member import AesMember, sealing_of
from passbox_dicom.errors import (
    ArchiveLocked,
    ArchiveRefused,
    MediumUnreadable,
    NothingThere,
)
from passbox_dicom.rooted import Parts, is_name

MAGIC: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_END_SIZE: Final = 22
_END_TAIL: Final = 65_535 + _END_SIZE + 76  # longest comment, the record, the ZIP64 records
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one archive may hold; sizes in bytes."""

    max_members: int = 200_000
    max_directory_bytes: int = 32 * 1024 * 1024
    max_total_bytes: int = 1024**4
    free_total_bytes: int = 1024**3
    """Up to here no ratio is asked for: a small disc of blank pictures packs very well."""
    max_ratio: int = 50
    max_nested_bytes: int = 128 * 1024 * 1024
    """Of all archives within archives of a medium: they are held in memory."""


class MemberState(StrEnum):
    """Whether a member can be read."""

    READABLE = "readable"
    LOCKED = "locked"
    LINK = "link"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive; ``size`` is what the archive claims and what is read at most."""

    path: Parts
    size: int
    state: MemberState


class Archive:
    """One open ZIP; owns the file it is made from."""

    def __init__(
        self, file: BinaryIO, limits: ArchiveLimits, password: bytes | None = None
    ) -> None:
        """Read the archive's directory.

        Raises:
            ArchiveRefused: damaged, too many members, or a bomb.

        """
        self._file = file
        self._password = password
        try:
            self._read_directory(limits)
        except ArchiveRefused:
            file.close()
            raise

    def _read_directory(self, limits: ArchiveLimits) -> None:
        size = self._file.seek(0, os.SEEK_END)
        _check_directory(self._file, size, limits)
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
            raise ArchiveRefused("the archive is damaged") from error
        self._infos: dict[Parts, zipfile.ZipInfo] = {}
        self._members = [
            member for info in self._zip.infolist() if (member := self._member(info)) is not None
        ]
        self._check_sizes(size, limits)

    @property
    def members(self) -> list[Member]:
        """The files in the order of the archive's directory."""
        return self._members

    def open(self, path: Parts) -> BinaryIO:
        """Open a member for reading; seekable, but going back starts over.

        Raises:
            NothingThere: no such member.
            ArchiveLocked: its password is missing or wrong.
            MediumUnreadable: it is damaged.

        """
        info = self._infos.get(path)
        if info is None:
            raise NothingThere("there is no such member")
        try:
            sealing = sealing_of(info.extra) if info.compress_type == AES else None
            if sealing is not None:
                if self._password is None:
                    raise ArchiveLocked("the archive needs a password")
                sealed = AesMember(self._file, info, sealing, self._password)
                return cast("BinaryIO", _Member(sealed))
            # ZipExtFile has all of BinaryIO that reading takes.
            return cast("BinaryIO", _Member(self._zip.open(info, pwd=self._password)))
        except RuntimeError as error:  # zipfile's word for "encrypted, or wrong password"
            raise ArchiveLocked("the password is missing or wrong") from error
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
            raise MediumUnreadable("the member is damaged") from error

    def close(self) -> None:
        """Close the archive and its file; members that are open can no longer be read."""
        self._zip.close()
        self._file.close()

    def _member(self, info: zipfile.ZipInfo) -> Member | None:
        """Return a member, None for folders; a name that leaves or comes twice is unreadable."""
        if info.is_dir():
            return None
        path = tuple(info.filename.replace("\\", "/").split("/"))
        state = self._state(info)
        if not all(map(is_name, path)) or path in self._infos:
            path = tuple(part if is_name(part) else "_" for part in path)
            return Member(path, info.file_size, MemberState.UNREADABLE)
        if state is MemberState.READABLE:
            self._infos[path] = info
        return Member(path, info.file_size, state)

    def _state(self, info: zipfile.ZipInfo) -> MemberState:
        if stat.S_ISLNK(info.external_attr >> 16):
            return MemberState.LINK
        if info.flag_bits & _ENCRYPTED and self._password is None:
            return MemberState.LOCKED
        method = info.compress_type
        if method == AES and (sealing := sealing_of(info.extra)) is not None:
            method = sealing.method
        return MemberState.READABLE if method in _METHODS else MemberState.UNREADABLE

    def _check_sizes(self, size: int, limits: ArchiveLimits) -> None:
        if len(self._members) > limits.max_members:
            raise ArchiveRefused("the archive has too many members")
        total = sum(member.size for member in self._members)
        allowed = max(limits.free_total_bytes, limits.max_ratio * size)
        if total > min(allowed, limits.max_total_bytes):
            raise ArchiveRefused("the archive would unpack to far more than it holds")


class _Member:
    """A member whose damage is said in our words, whenever it is found."""

    def __init__(self, file: object) -> None:
        self._file = cast("BinaryIO", file)

    def read(self, length: int = -1) -> bytes:
        try:
            return self._file.read(length)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise MediumUnreadable("the member is damaged") from error

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise MediumUnreadable("the member is damaged") from error

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _check_directory(file: BinaryIO, size: int, limits: ArchiveLimits) -> None:
    """Refuse a directory that is not there or too large, before zipfile reads it whole."""
    start = max(0, size - _END_TAIL)
    file.seek(start)
    tail = file.read(_END_TAIL)
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_SIZE:
        raise ArchiveRefused("the archive is damaged")
    count, length = struct.unpack_from("<HI", tail, end + 10)
    end_64 = tail.rfind(_END_64, 0, end)
    if end_64 >= 0 and end - end_64 >= 56:  # noqa: PLR2004 - size of the ZIP64 end record
        count, length = struct.unpack_from("<QQ", tail, end_64 + 32)
    if count > limits.max_members or length > limits.max_directory_bytes:
        raise ArchiveRefused("the archive has too many members")
