"""The write-once store of sealed packs: the receiver's quarantine and the poller's spool.

Why here: both sides of the DMZ acknowledge packs, and both acknowledgements mean the same thing.

The rule: (transfer, number) is written once. What is committed is never changed, only released.
The bytes have two names on disk, hard links to one read-only file:

    transfers/ab/ab34…/00000007.3f9c…      number and SHA-256: the evidence, made first
    transfers/ab/ab34…/00000007.pack       the commit point, created exclusively
    incoming/….incoming                    being written; removed at start

so who asks the folder gets number, digest and length without opening a file, and two writers of
one number cannot both win, whatever they write. A name never contains anything but our own
digits. Where it is wanted the file system forbids changes as well (immutable.py).

It does not count quotas, know times or states, or look into a pack: that is the ledger's and the
program's. PackStoreLike is the seam for an object store with conditional put.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

from passbox_base.durable import (
    READ_ONLY,
    TemporaryFile,
    disk_errors,
    fsync_directory,
    make_folder,
    remove,
    remove_leftovers,
)
from passbox_base.errors import (
    AlreadyThere,
    NoSuchPack,
    PackConflict,
    WrongDigest,
    WrongLength,
)
from passbox_base.immutable import protect, unprotect
from passbox_wire.ids import MAX_PACK_NUMBER, TransferId, parse_transfer_id

_TRANSFER: Final = re.compile(r"[0-9a-f]{32}\Z")
_OURS: Final = re.compile(r"\d{10}\.([0-9a-f]{64}|pack)\Z", re.ASCII)
_EVIDENCE: Final = re.compile(r"(\d{10})\.([0-9a-f]{64})\Z", re.ASCII)


class Stored(Enum):
    """What a commit did. Both mean: durable."""

    NEW = "new"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class PackKey:
    """Where a pack belongs. Raises wire's Malformed for a bad id, ValueError for a bad number."""

    transfer_id: TransferId
    number: int

    def __post_init__(self) -> None:
        parse_transfer_id(self.transfer_id)
        if not 0 <= self.number <= MAX_PACK_NUMBER:
            raise ValueError("a pack number has 32 bits")


@dataclass(frozen=True, slots=True)
class HeldPack:
    """A durable pack: ``sha256`` (32 bytes) and ``length`` (bytes) of the sealed pack."""

    number: int
    sha256: bytes
    length: int


class Incoming(Protocol):
    """A pack being received; leaving its block without a commit abandons it."""

    def write(self, data: bytes | memoryview) -> None: ...
    def commit(self, sha256: bytes) -> Stored: ...
    def abandon(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class PackStoreLike(Protocol):
    """What a program needs of a store of sealed packs, on files or elsewhere."""

    def incoming(self, key: PackKey, length: int) -> Incoming: ...
    def put(self, key: PackKey, sha256: bytes, data: bytes) -> Stored: ...
    def get(self, key: PackKey) -> BinaryIO: ...
    def release(self, key: PackKey) -> None: ...
    def release_transfer(self, transfer_id: TransferId) -> None: ...
    def packs(self, transfer_id: TransferId) -> list[HeldPack]: ...
    def transfers(self) -> list[TransferId]: ...
    def reconcile(self) -> int: ...


class IncomingPack:
    """A pack on its way into a PackStore. Hashes while writing; blocks on the disk."""

    def __init__(
        self,
        file: TemporaryFile,
        key: PackKey,
        length: int,
        folder: Callable[[], Path],
        seal: Callable[[Path], None],
    ) -> None:
        self._file = file
        self._key = key
        self._folder = folder
        self._seal = seal
        self._length = length
        self._came = 0
        self._hash = hashlib.sha256()

    def write(self, data: bytes | memoryview) -> None:
        """Append; raise WrongLength at the first byte too many, StoreFull, StoreFailed."""
        self._came += len(data)
        if self._came > self._length:
            raise WrongLength(self._length, self._came)
        self._hash.update(data)
        self._file.write(data)

    def commit(self, sha256: bytes) -> Stored:
        """Make the pack durable and visible.

        Raises WrongLength, WrongDigest or PackConflict (theirs), StoreFull or StoreFailed (ours).
        After any of them nothing of this pack is visible and nothing that was held has changed.
        """
        if self._came != self._length:
            raise WrongLength(self._length, self._came)
        if self._hash.digest() != sha256:
            raise WrongDigest("the bytes have another SHA-256 than was declared")
        folder = self._folder()
        evidence = _evidence_path(folder, self._key.number, sha256)
        commit = _commit_path(folder, self._key.number)
        try:
            self._file.commit_as(evidence, commit)
        except AlreadyThere as error:
            if _same_file(evidence, commit):
                # The winner may not have come to its own sync yet, and we are about to say "held".
                fsync_directory(folder)
                return Stored.HELD
            remove(evidence)
            raise PackConflict(f"pack {self._key.number} is held with other bytes") from error
        self._seal(commit)
        return Stored.NEW

    def abandon(self) -> None:
        """Forget what came."""
        self._file.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abandon()


class PackStore:
    """Sealed packs as files below one folder on one file system."""

    def __init__(self, root: Path, *, immutable: bool = False) -> None:
        """Create the folders when absent; raise StoreFailed or StoreFull.

        ``immutable``: packs get the file system's flag; raises StoreFailed where there is none.
        """
        self._immutable = immutable
        self._transfers = root / "transfers"
        self._incoming = root / "incoming"
        self._making_folder = threading.Lock()
        make_folder(self._transfers)
        make_folder(self._incoming)
        if immutable:
            self._try_flag()

    def incoming(self, key: PackKey, length: int) -> IncomingPack:
        """Begin to receive a pack of exactly ``length`` bytes; use as a context manager."""
        file = TemporaryFile(self._incoming, mode=READ_ONLY)
        return IncomingPack(
            file, key, length, lambda: self._make_folder(key.transfer_id), self._seal
        )

    def put(self, key: PackKey, sha256: bytes, data: bytes) -> Stored:
        """Store a pack that is in memory; errors as in IncomingPack.commit."""
        with self.incoming(key, len(data)) as pack:
            pack.write(data)
            return pack.commit(sha256)

    def get(self, key: PackKey) -> BinaryIO:
        """Open a committed pack for reading; raise NoSuchPack."""
        with disk_errors(f"opening pack {key.number}"):
            try:
                return _commit_path(self._folder(key.transfer_id), key.number).open("rb")
            except FileNotFoundError as error:
                raise NoSuchPack(f"pack {key.number} is not held") from error

    def release(self, key: PackKey) -> None:
        """Delete a pack, durable; a pack that is not held is fine."""
        folder = self._folder(key.transfer_id)
        self._unseal(_commit_path(folder, key.number))
        remove(_commit_path(folder, key.number))  # first: without it the pack is gone
        for evidence in folder.glob(f"{key.number:010d}.*"):
            remove(evidence)

    def release_transfer(self, transfer_id: TransferId) -> None:
        """Delete all packs of a transfer and its folder; a transfer without packs is fine."""
        folder = self._folder(transfer_id)
        if not folder.is_dir():
            return
        for held in self.packs(transfer_id):
            self.release(PackKey(transfer_id, held.number))
        self._remove_orphans(folder)
        with disk_errors("deleting the folder of a transfer"):
            folder.rmdir()
        fsync_directory(folder.parent)

    def packs(self, transfer_id: TransferId) -> list[HeldPack]:
        """Return what is held of a transfer, by number, from the folder itself."""
        return sorted(_held_packs(self._folder(transfer_id)), key=lambda pack: pack.number)

    def transfers(self) -> list[TransferId]:
        """Return the ids of all transfers that have a folder."""
        return [TransferId(path.name) for path in sorted(self._transfer_folders())]

    def reconcile(self) -> int:
        """Remove what crashes left; return how many names. Only at start, before anybody writes.

        A name that a killed process made may not have reached the disk yet, so all folders are
        synced before anybody is told what is held.
        """
        folders = list(self._transfer_folders())
        orphans = sum(self._remove_orphans(folder) for folder in folders)
        for folder in {self._transfers, *(folder.parent for folder in folders), *folders}:
            fsync_directory(folder)
        for folder in folders:
            for pack in _held_packs(folder):  # one that a crash left without its flag
                self._seal(_commit_path(folder, pack.number))
        return orphans + remove_leftovers(self._incoming)

    def _seal(self, path: Path) -> None:
        if self._immutable:
            protect(path)

    def _unseal(self, path: Path) -> None:
        if self._immutable:
            unprotect(path)

    def _try_flag(self) -> None:
        probe = TemporaryFile(self._incoming)
        try:
            protect(probe.path)
            unprotect(probe.path)
        finally:
            probe.abandon()

    def _transfer_folders(self) -> Iterator[Path]:
        """Yield our own folders; what else somebody put here (lost+found) is not ours to touch."""
        return (path for path in self._transfers.glob("??/*") if _TRANSFER.match(path.name))

    def _folder(self, transfer_id: TransferId) -> Path:
        name = parse_transfer_id(transfer_id)
        return self._transfers / name[:2] / name

    def _make_folder(self, transfer_id: TransferId) -> Path:
        folder = self._folder(transfer_id)
        with self._making_folder:  # who finds a folder may rely on its name being durable
            make_folder(folder)
        return folder

    @staticmethod
    def _remove_orphans(folder: Path) -> int:
        committed = {pack.number for pack in _held_packs(folder)}
        orphans = [
            path
            for path in folder.iterdir()
            if _OURS.match(path.name) and int(path.name[:10]) not in committed
        ]
        for path in orphans:
            remove(path)
        return len(orphans)


def _commit_path(folder: Path, number: int) -> Path:
    return folder / f"{number:010d}.pack"


def _evidence_path(folder: Path, number: int, sha256: bytes) -> Path:
    return folder / f"{number:010d}.{sha256.hex()}"


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False


def _held_packs(folder: Path) -> Iterator[HeldPack]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        found = _EVIDENCE.match(path.name)
        if found and _same_file(path, _commit_path(folder, int(found[1]))):
            yield HeldPack(int(found[1]), bytes.fromhex(found[2]), path.stat().st_size)
