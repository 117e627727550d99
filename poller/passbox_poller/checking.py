"""One restored file is looked at in a killable worker, and accepted or refused for itself alone.

The worker finds facts (passbox_dicom.check); what they mean is decided here: a file is delivered as
an instance only when its hash is the promised one, its structure is sound to the end and its UIDs
can name it. What a PACS cannot hold is kept as attachment, when its content is what the inventory
says. The hospital's policy may refuse more, and so may its virus scanner. A program in the preamble
(CVE-2019-11687) never leaves, and is told of: C-STORE carries the data set alone, and of an
attachment the first 128 bytes go as zeros.

What a person releases from quarantine passes all of this but the policy and the promise: it goes as
instance when it can be one, else as attachment; a program never goes.
"""

import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from passbox_dicom import check as dicom_check
from passbox_dicom.check import CheckedInstance, Preamble, Structure
from passbox_dicom.classify import FileKind as ContentKind
from passbox_dicom.errors import WorkerFailed, WorkerOutOfMemory, WorkerTimedOut
from passbox_dicom.form import PREAMBLE_BYTES
from passbox_poller.errors import FileRefused, NotNow, Refusal, Remark
from passbox_poller.identity import identity
from passbox_poller.opening import Workers
from passbox_wire.inventory import FileKind

_UNSOUND: Final[Mapping[Structure, Refusal]] = {
    Structure.TRUNCATED: Refusal.TRUNCATED,
    Structure.MALFORMED: Refusal.MALFORMED,
    Structure.HOSTILE: Refusal.OVER_LIMIT,
    Structure.NOT_DICOM: Refusal.NOT_DICOM,
}
_CONTENT: Final[Mapping[FileKind, frozenset[ContentKind]]] = {
    FileKind.PDF: frozenset({ContentKind.PDF}),
    FileKind.PICTURE: frozenset({ContentKind.JPEG, ContentKind.PNG}),
    FileKind.ACR_NEMA: frozenset({ContentKind.DICOM, ContentKind.OTHER}),
    FileKind.UNIDENTIFIED: frozenset({ContentKind.DICOM, ContentKind.OTHER}),
}


_HASH_PIECE: Final = 1024 * 1024
_WITH_PREAMBLE: Final = frozenset({ContentKind.DICOM, ContentKind.DICOMDIR})
_PROGRAMS: Final = frozenset({Preamble.PROGRAM, Preamble.SCRIPT})


class Scanner(Protocol):
    """A virus scanner."""

    def scan(self, path: Path) -> None:
        """Raise FileRefused for what it finds, NotNow when it cannot look."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a hospital takes: SOP classes (empty: any), PDFs, pictures."""

    sop_classes: frozenset[str] = frozenset()
    pdfs: bool = True
    pictures: bool = True

    def refusal(self, kind: FileKind, sop_class_uid: str | None) -> Refusal | None:
        """Return why a file of this kind is not taken, None when it is."""
        if (kind is FileKind.PDF and not self.pdfs) or (
            kind is FileKind.PICTURE and not self.pictures
        ):
            return Refusal.KIND_NOT_ALLOWED
        if sop_class_uid and self.sop_classes and sop_class_uid not in self.sop_classes:
            return Refusal.CLASS_NOT_ALLOWED
        return None


@dataclass(frozen=True, slots=True)
class Instance:
    """A file that can go by C-STORE.

    Its data set begins at ``data_set_offset`` of the file at ``path``; ``identity`` as identity.py
    makes it.
    """

    path: Path
    data_set_offset: int
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    file_sha256: bytes
    data_set_sha256: bytes
    identity: bytes | None = None
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is kept beside the images; with a remark, less its first 128 bytes."""

    path: Path
    size: int
    file_sha256: bytes
    remark: Remark | None = None

    def open(self) -> BinaryIO:
        """Open what goes out."""
        if self.remark is None:
            return self.path.open("rb")
        return io.BufferedReader(_CleanHead(io.FileIO(self.path)))

    def sent_sha256(self) -> bytes:
        """Return the digest of what goes out."""
        if self.remark is None:
            return self.file_sha256
        with self.open() as file:
            return _digest(file)


class Checker:
    """Checks files in workers. Threads may share it."""

    def __init__(
        self,
        workers: Workers,
        folder: Path,
        *,
        policy: Policy | None = None,
        scanner: Scanner | None = None,
        key: bytes = b"",
    ) -> None:
        """``folder`` of ours takes a file that no worker may fail on; ``key`` is identity.py's."""
        self._workers = workers
        self._policy = policy or Policy()
        self._scanner = scanner
        self._key = key
        self._harmless = folder / "harmless"
        self._harmless.write_bytes(b"harmless")

    def check(self, path: Path, kind: FileKind, promised_sha256: bytes) -> Instance | Attachment:
        """Return what the file can be delivered as.

        Raises FileRefused; NotNow when not even a harmless file can be checked, which is our fault.
        """
        checked = self._look(path)
        if checked.file_sha256 != promised_sha256:
            raise FileRefused(Refusal.DIGEST_WRONG)
        header = checked.header
        refusal = self._policy.refusal(kind, header.sop_class_uid if header else None)
        if refusal is not None:
            raise FileRefused(refusal)
        accepted = self._accept(path, kind, checked)
        if self._scanner is not None:
            self._scanner.scan(path)
        return accepted

    def release(self, path: Path) -> Instance | Attachment:
        """Return what a file that a person lets out goes as.

        Raises FileRefused for a program, NotNow as check().
        """
        try:
            checked = self._look(path)
        except FileRefused:  # no worker survives it; a person wants it all the same
            return _unread(path)
        try:
            return _instance(path, checked, self._key)
        except FileRefused:
            return _attachment(path, checked)

    def _accept(
        self, path: Path, kind: FileKind, checked: CheckedInstance
    ) -> Instance | Attachment:
        if kind is FileKind.INSTANCE:
            return _instance(path, checked, self._key)
        if checked.kind not in _CONTENT[kind]:
            raise FileRefused(Refusal.MALFORMED)
        if checked.structure is Structure.HOSTILE:
            raise FileRefused(Refusal.OVER_LIMIT)
        return _attachment(path, checked)

    def _look(self, path: Path) -> CheckedInstance:
        try:
            return dicom_check.check(self._workers, path)
        except WorkerFailed as error:
            self._prove_workers()
            raise FileRefused(_failure(error)) from error

    def _prove_workers(self) -> None:
        """Raise NotNow when it is the workers that fail, not the file."""
        try:
            dicom_check.check(self._workers, self._harmless)
        except WorkerFailed as error:
            raise NotNow("no worker comes up") from error


def _failure(error: WorkerFailed) -> Refusal:
    if isinstance(error, WorkerTimedOut):
        return Refusal.TIMED_OUT
    return Refusal.OUT_OF_MEMORY if isinstance(error, WorkerOutOfMemory) else Refusal.CHECK_FAILED


def _instance(path: Path, checked: CheckedInstance, key: bytes) -> Instance:
    header = checked.header
    if checked.structure is not Structure.SOUND:
        raise FileRefused(_UNSOUND[checked.structure])
    if (
        header is None
        or not header.storable
        or header.sop_class_uid is None
        or header.sop_instance_uid is None
        or checked.data_set_sha256 is None
    ):
        raise FileRefused(Refusal.NOT_STORABLE)
    return Instance(
        path,
        header.data_set_offset,
        header.sop_class_uid,
        header.sop_instance_uid,
        header.transfer_syntax_uid,
        checked.file_sha256,
        checked.data_set_sha256,
        identity(key, header),
        Remark.PROGRAM_REMOVED if checked.preamble in _PROGRAMS else None,
    )


def _attachment(path: Path, checked: CheckedInstance) -> Attachment:
    if checked.preamble not in _PROGRAMS:
        return Attachment(path, checked.size, checked.file_sha256)
    if checked.kind not in _WITH_PREAMBLE:
        raise FileRefused(Refusal.PROGRAM)
    return Attachment(path, checked.size, checked.file_sha256, Remark.PROGRAM_REMOVED)


def _unread(path: Path) -> Attachment:
    """Return a file as attachment that only its bytes are known of."""
    with path.open("rb") as file:
        start = file.read(PREAMBLE_BYTES)
        file.seek(0)
        digest = _digest(file)
        if dicom_check.preamble_of(start) in _PROGRAMS:
            raise FileRefused(Refusal.PROGRAM)
        return Attachment(path, file.tell(), digest)


def _digest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while piece := file.read(_HASH_PIECE):
        digest.update(piece)
    return digest.digest()


class _CleanHead(io.RawIOBase):
    """A file whose preamble reads as zeros."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int | None:
        at = self._file.tell()
        count = self._file.readinto(buffer) or 0
        head = min(max(PREAMBLE_BYTES - at, 0), count)
        memoryview(buffer)[:head] = bytes(head)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
