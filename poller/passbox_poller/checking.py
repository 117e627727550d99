"""One restored file is looked at in a killable worker, and accepted or refused for itself alone.

The worker finds facts (passbox_dicom.check); what they mean is decided here: a file is delivered as
an instance only when its hash is the promised one, its structure is sound to the end and its UIDs
can name it. What a PACS cannot hold is kept as attachment, when its content is what the inventory
says. A program in the preamble (CVE-2019-11687) never leaves: C-STORE carries the data set alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_dicom import check as dicom_check
from passbox_dicom.check import CheckedInstance, Structure
from passbox_dicom.classify import FileKind as ContentKind
from passbox_dicom.errors import WorkerFailed, WorkerOutOfMemory, WorkerTimedOut
from passbox_poller.errors import FileRefused, NotNow, Refusal
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


@dataclass(frozen=True, slots=True)
class Instance:
    """A file that can go by C-STORE.

    Its data set begins at ``data_set_offset`` of the file at ``path``.
    """

    path: Path
    data_set_offset: int
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    file_sha256: bytes
    data_set_sha256: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is kept beside the images."""

    path: Path
    size: int
    file_sha256: bytes


class Checker:
    """Checks files in workers. Threads may share it."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        """``folder`` of ours takes a file that no worker may fail on."""
        self._workers = workers
        self._harmless = folder / "harmless"
        self._harmless.write_bytes(b"harmless")

    def check(self, path: Path, kind: FileKind, promised_sha256: bytes) -> Instance | Attachment:
        """Return what the file can be delivered as.

        Raises FileRefused; NotNow when not even a harmless file can be checked, which is our fault.
        """
        checked = self._look(path)
        if checked.file_sha256 != promised_sha256:
            raise FileRefused(Refusal.DIGEST_WRONG)
        if kind is FileKind.INSTANCE:
            return _instance(path, checked)
        if checked.kind not in _CONTENT[kind]:
            raise FileRefused(Refusal.MALFORMED)
        if checked.structure is Structure.HOSTILE:
            raise FileRefused(Refusal.OVER_LIMIT)
        return Attachment(path, checked.size, checked.file_sha256)

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


def _instance(path: Path, checked: CheckedInstance) -> Instance:
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
    )
