"""The temporary store on disk: one folder a transfer, write-once, named by content.

    transfers/<id>/instances/<data set SHA-256>-<hash of the three UIDs>.dcm    0400
    transfers/<id>/attachments/<file index>               0400
    transfers/<id>/previews/                              a cache
    transfers/<id>/lent/                                  a cache, of the house's archive
    incoming/                                             never committed

The rule: the exclusive creation of the final name is the commit point; only after it is durable may
anybody be told. Nothing is overwritten, nothing crosses from one transfer to another, and no word
from outside becomes a name. What the files prove, the index is rebuilt from.

It opens no DICOM: it reads the length of the file meta that our own SCP wrote, and hashes the rest.
"""

import contextlib
import hashlib
import io
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from pydicom.filereader import read_file_meta_info

from passbox_base.durable import (
    READ_ONLY,
    TemporaryFile,
    commit_existing,
    disk_errors,
    fsync_directory,
    make_folder,
    remove,
    remove_leftovers,
)
from passbox_base.errors import AlreadyThere, StoreFull
from passbox_dicom.meta import file_meta_of
from passbox_viewer.errors import UnusableInstance
from passbox_wire.ids import TransferId, parse_transfer_id

SUFFIX: Final = ".dcm"
LENT: Final = "lent"
_PREFIX_BYTES: Final = 144
"""Preamble, DICM and the group length element of group 0002 (PS3.10 section 7.1)."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the C-STORE command and its context say of an instance; UIDs checked by shape."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


class DataSet(NamedTuple):
    """Hash and size of the bytes that follow group 0002."""

    sha256: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Archived:
    """What the house's archive gave back of an instance: size and hash of its data set bytes."""

    data_set_sha256: bytes
    data_set_bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """An instance as the disk proves it; size and hash are of what follows group 0002.

    With ``archived`` the house's archive has it instead, and nothing lies here. ``facts``: those of
    instances.py in canonical JSON where they were read already, else blank.
    """

    transfer: TransferId
    file_name: str
    claims: Claims
    data_set_sha256: bytes
    data_set_bytes: int
    archived: Archived | None = None
    facts: str = ""


class Store:
    """The folder of one viewer. May be shared by threads."""

    def __init__(self, folder: Path, *, reserve_bytes: int = 0) -> None:
        """Create what is missing; raise StoreFailed, StoreFull."""
        self.folder = folder
        self.incoming = folder / "incoming"
        self._reserve_bytes = reserve_bytes
        for path in (self.incoming, folder / "transfers"):
            make_folder(path)

    def instance_path(self, transfer: TransferId, file_name: str) -> Path:
        """Return where an instance lies; ``file_name`` is the index's own."""
        return self._of(transfer) / "instances" / file_name

    def attachment_path(self, transfer: TransferId, position: int) -> Path:
        """Return where the attachment with this file index lies."""
        return self._of(transfer) / "attachments" / str(position)

    def preview_folder(self, transfer: TransferId) -> Path:
        """Return the folder of drawn pictures; its content may be deleted at any time."""
        return self._of(transfer) / "previews"

    def lent_path(self, transfer: TransferId, file_name: str) -> Path:
        """Return where an instance lies while it is lent from the house's archive."""
        return self._of(transfer) / LENT / file_name

    def prepare(self, transfer: TransferId) -> None:
        """Make the folders of a transfer, durable."""
        for name in ("instances", "attachments", "previews"):
            make_folder(self._of(transfer) / name)

    def check_room(self) -> None:
        """Raise StoreFull when the disk's reserve is reached."""
        if shutil.disk_usage(self.folder).free < self._reserve_bytes:
            raise StoreFull("the disk's reserve is reached")

    def keep(
        self, transfer: TransferId, untrusted_file: Path, claims: Claims, data_set: DataSet
    ) -> Kept:
        """Adopt a Part 10 file from ``incoming``, durable on return; the same twice is one file.

        ``data_set`` is that of the file. Raises UnusableInstance, StoreFull, StoreFailed.
        """
        name = _file_name(data_set.sha256, claims)
        path = self.instance_path(transfer, name)
        try:
            commit_existing(untrusted_file, path, mode=READ_ONLY)
        except AlreadyThere:
            # Equal by construction of its name; who made it may not have come to its sync yet, and
            # we are about to say "durable".
            fsync_directory(path.parent)
        return Kept(transfer, name, claims, *data_set)

    def archived(
        self,
        transfer: TransferId,
        claims: Claims,
        data_set: DataSet,
        *,
        there: Archived,
        facts: str,
    ) -> Kept:
        """Return what keep() would of a file that the house's archive has."""
        name = _file_name(data_set.sha256, claims)
        return Kept(transfer, name, claims, *data_set, there, facts)

    def incoming_attachment(self, transfer: TransferId) -> TemporaryFile:
        """Return a file to write an attachment to; commit it as attachment_path()."""
        self.check_room()
        return TemporaryFile(self._of(transfer) / "attachments", mode=READ_ONLY)

    def transfers(self) -> list[TransferId]:
        """Return every transfer that has a folder."""
        return [parse_transfer_id(path.name) for path in (self.folder / "transfers").iterdir()]

    def evidence(self, transfer: TransferId, known: frozenset[str]) -> Iterator[Kept]:
        """Yield committed instances whose file names are not ``known``: what an index missed."""
        for path in sorted((self._of(transfer) / "instances").glob(f"*{SUFFIX}")):
            if path.name not in known:
                meta = read_file_meta_info(path)
                claims = Claims(
                    str(meta.MediaStorageSOPClassUID),
                    str(meta.MediaStorageSOPInstanceUID),
                    str(meta.TransferSyntaxUID),
                )
                yield Kept(transfer, path.name, claims, *data_set_of(path))

    def remove_transfer(self, transfer: TransferId) -> None:
        """Delete a transfer's folder, durable on return; one that is gone is fine.

        Raises StoreFailed.
        """
        with disk_errors("deleting a transfer"):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self._of(transfer))
            fsync_directory(self.folder / "transfers")

    def remove_leftovers(self) -> None:
        """Delete what was never committed. Only at start, before anybody writes."""
        for path in self.incoming.iterdir():
            remove(path)
        for transfer in self.transfers():
            for folder in ("attachments", "previews"):
                if (self._of(transfer) / folder).is_dir():
                    remove_leftovers(self._of(transfer) / folder)
            for path in (self._of(transfer) / LENT).glob("*"):
                remove(path)

    def _of(self, transfer: TransferId) -> Path:
        return self.folder / "transfers" / transfer


def data_set_of(path: Path) -> DataSet:
    """Return what a file of ours holds behind group 0002; raise UnusableInstance for another."""
    with path.open("rb") as file:
        prefix = file.read(_PREFIX_BYTES)
        if len(prefix) < _PREFIX_BYTES or prefix[132:140] != b"\x02\0\0\0UL\x04\0":
            raise UnusableInstance("no file meta of ours")
        start = file.seek(struct.unpack_from("<L", prefix, 140)[0], io.SEEK_CUR)
        digest = hashlib.file_digest(file, "sha256")
        return DataSet(digest.digest(), file.tell() - start)


def write_meta(file: BinaryIO, claims: Claims) -> None:
    """Write preamble and group 0002 of a file of ours (PS3.10 section 7.1)."""
    file.write(
        file_meta_of(claims.sop_class_uid, claims.sop_instance_uid, claims.transfer_syntax_uid)
    )


def _file_name(data_set_sha256: bytes, claims: Claims) -> str:
    identity = f"{claims.sop_class_uid}\0{claims.sop_instance_uid}\0{claims.transfer_syntax_uid}"
    return f"{data_set_sha256.hex()}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}{SUFFIX}"
