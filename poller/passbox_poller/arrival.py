"""What is known in memory of one transfer that is coming in.

Its inventory, its manifest, its files so far.

The rule: nothing here is the only copy. All of it can be made again from the packs in the spool,
less the files whose results are in the ledger. Whatever breaks the inventory's own claims or our
budgets stops the transfer; whatever breaks one file refuses that file.

One thread at a time feeds it (agenda.py); results come from other threads and are behind a lock.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_poller.errors import Contradiction, Refusal, TransferStopped
from passbox_poller.verdict import Result, Unverified, check_inventory
from passbox_poller.workfiles import WorkFile
from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.inventory import (
    MAX_INVENTORY_BYTES,
    MAX_PARTS,
    ClaimedFile,
    Envelope,
    FileKind,
    Inventory,
    parse_inventory,
)
from passbox_wire.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from passbox_wire.pack import Kind, Record
from passbox_wire.receipts import FileResult

_VALUES_A_FILE: Final = 16
"""JSON values an honest inventory and manifest have for a file, its series and its study."""
_LEAST_VALUES: Final = 65_536
_DOCUMENTS: Final = {Kind.INVENTORY: MAX_PARTS, Kind.MANIFEST: 1}
"""How many there may be; each that begins is a file on disk."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one transfer may claim."""

    files: int
    transfer_bytes: int
    packs_before_inventory: int
    refused_files: int = 2000

    @property
    def values(self) -> int:
        """JSON values of inventory and manifest together: each takes up to 100 bytes of memory."""
        return _LEAST_VALUES + _VALUES_A_FILE * self.files


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file whose every byte came; its hash is not yet proved."""

    claim: ClaimedFile
    path: Path
    sha256: bytes


class Arrival:
    """One transfer on its way in."""

    def __init__(
        self,
        transfer: TransferId,
        folder: Path,
        budget: Budget,
        results: Iterable[Result] = (),
        working: Callable[[], AbstractContextManager[object]] = nullcontext,
        deleted: Callable[[], bool] = lambda: False,
    ) -> None:
        """``folder`` for work files; ``results`` are those the ledger has.

        ``working`` is entered while a worker is busy with a file of it; ``deleted`` says whether
        the viewer has let go of it.
        """
        self.transfer = transfer
        self.working = working
        self.deleted = deleted
        self.ae_title = ""
        self.registered_parts = 0
        self._parts_before = 0
        self.opened: set[int] = set()
        self.postponed: set[int] = set()
        self.parts: dict[int, Inventory] = {}
        self.manifests: dict[int, tuple[Manifest, bytes]] = {}
        self._folder = folder
        self._budget = budget
        self._claims: dict[int, ClaimedFile] = {}
        self._pieces: dict[tuple[Kind, int], WorkFile] = {}
        self._lock = threading.Lock()
        self._results = {result.index: result for result in results}
        self._fresh: list[Result] = []
        self._in_flight: set[int] = set()
        self._met: set[Refusal] = set()
        self._document_bytes = 0
        self._document_values = 0

    @property
    def inventory(self) -> tuple[Inventory, ...]:
        """The parts that came, as far as they follow on part 0."""
        following: list[Inventory] = []
        while len(following) in self.parts:
            following.append(self.parts[len(following)])
        return tuple(following)

    @property
    def envelope(self) -> Envelope | None:
        """Who sends and for whom, once part 0 came."""
        return self.parts[0].envelope if 0 in self.parts else None

    @property
    def manifest(self) -> tuple[Manifest, bytes] | None:
        """The newest manifest and its digest."""
        return self.manifests[max(self.manifests)] if self.manifests else None

    @property
    def claimed_instances(self) -> int:
        """Instances the inventory lists so far."""
        return sum(claim.kind is FileKind.INSTANCE for claim in self._claims.values())

    @property
    def weight(self) -> int:
        """How many files it keeps in memory, in the inventory and half put together."""
        return len(self._claims) + len(self._pieces)

    @property
    def looked_at(self) -> set[int]:
        """Numbers of packs that were opened, also those that wait for a part of the inventory."""
        return self.opened | self.postponed

    @property
    def results(self) -> dict[int, Result]:
        """A copy of all results so far."""
        with self._lock:
            return dict(self._results)

    @property
    def busy(self) -> bool:
        """Whether files are being checked or delivered."""
        with self._lock:
            return bool(self._in_flight)

    def knows(self, record: Record) -> bool:
        """Whether the record's file stands in the inventory.

        Others wait for the part that lists it.
        """
        return record.kind is not Kind.FILE or record.index in self._claims

    def wants(self, record: Record) -> bool:
        """Whether the record's bytes are still needed."""
        if record.kind is Kind.INVENTORY:
            return record.index not in self.parts
        if record.kind is Kind.MANIFEST:
            return record.index not in self.manifests
        with self._lock:
            return record.index not in self._results and record.index not in self._in_flight

    def take(self, record: Record, data: bytes) -> ReadyFile | None:
        """Put a wanted record's bytes in their place; return the file they complete.

        Raises TransferStopped; FileRefused concerns the file of the record. Also StoreFull,
        StoreFailed.
        """
        if record.kind is Kind.FILE:
            return self._take_file(record, data)
        self._charge(record, data)
        try:
            if record.kind is Kind.INVENTORY:
                self._take_inventory(record, data)
            else:
                self._take_manifest(record, data)
        except (Contradiction, Malformed, Unverified) as error:
            raise TransferStopped(_STOPS[record.kind]) from error
        return None

    def check_patience(self) -> None:
        """Raise TransferStopped when many packs came and still no inventory."""
        patience = self._budget.packs_before_inventory
        if self.envelope is None and len(self.looked_at) >= patience:
            raise TransferStopped(StopReason.NO_VALID_INVENTORY)

    def check_worth(self) -> None:
        """Raise TransferStopped when many files were refused, and more than were taken.

        Each refused file has cost a worker's look and lies in the quarantine.
        """
        with self._lock:
            refused = sum(one.result is FileResult.REFUSED for one in self._results.values())
            if refused > max(self._budget.refused_files, len(self._results) // 2):
                raise TransferStopped(StopReason.BUDGET)

    def look_at_postponed(self) -> bool:
        """Have postponed packs opened again if a part of the inventory came since."""
        before, self._parts_before = self._parts_before, len(self.parts)
        if before == len(self.parts) or not self.postponed:
            return False
        self.postponed.clear()
        return True

    def begin(self, index: int) -> None:
        """Take note that a file is being checked and delivered."""
        with self._lock:
            self._in_flight.add(index)

    def finish(self, index: int, result: Result | None) -> None:
        """Take note of what came of a file; None: nothing, it will be done again."""
        with self._lock:
            self._in_flight.discard(index)
            if result is not None:
                self._results[index] = result
                self._fresh.append(result)

    def is_first(self, refusal: Refusal) -> bool:
        """Return whether no file of it was refused so before, and take note that one was."""
        with self._lock:
            first = refusal not in self._met
            self._met.add(refusal)
            return first

    def refuse(self, index: int, refusal: Refusal) -> None:
        """Refuse a file before it is whole, and drop its bytes."""
        piece = self._pieces.pop((Kind.FILE, index), None)
        if piece is not None:
            piece.remove()
        self.finish(index, Result(index, FileResult.REFUSED, refusal))

    def fresh_results(self) -> list[Result]:
        """Return results the ledger does not have yet; the caller writes them down."""
        with self._lock:
            fresh, self._fresh = self._fresh, []
        return fresh

    def do_again(self, indexes: Iterable[int]) -> None:
        """Forget these results and that packs were opened, so that the files are made again."""
        with self._lock:
            for index in indexes:
                self._results.pop(index, None)
        self.opened.clear()
        self.postponed.clear()

    def _charge(self, record: Record, data: bytes) -> None:
        """Count what documents cost before anything of them is kept, let alone parsed.

        Counted in the bytes as they come, a comma in a name like any other: too much, never too
        little.
        """
        self._document_bytes += len(data)
        self._document_values += sum(map(data.count, (b",", b"[", b"{")))
        if (
            record.index >= _DOCUMENTS[record.kind]
            or self._document_bytes > MAX_INVENTORY_BYTES + MAX_MANIFEST_BYTES
            or self._document_values > self._budget.values
        ):
            raise TransferStopped(StopReason.BUDGET)

    def _piece(self, record: Record, most: int) -> WorkFile:
        key = (record.kind, record.index)
        if key not in self._pieces:
            path = self._folder / f"{record.kind.name.lower()}-{record.index}"
            self._pieces[key] = WorkFile(path, most)
        return self._pieces[key]

    def _take_file(self, record: Record, data: bytes) -> ReadyFile | None:
        claim = self._claims[record.index]
        piece = self._piece(record, claim.size)
        piece.add(record.offset, data, record.sha256)
        if not piece.complete or piece.sha256 is None:
            return None
        del self._pieces[Kind.FILE, record.index]
        return ReadyFile(claim, piece.path, piece.sha256)

    def _whole(self, record: Record, data: bytes, most: int) -> bytes | None:
        """Return all bytes of an inventory part or manifest once they are there and proved."""
        piece = self._piece(record, most)
        piece.add(record.offset, data, record.sha256)
        if not piece.complete:
            return None
        whole = piece.read_proved()
        piece.remove()
        del self._pieces[record.kind, record.index]
        return whole

    def _take_inventory(self, record: Record, data: bytes) -> None:
        whole = self._whole(record, data, MAX_INVENTORY_BYTES)
        if whole is None:
            return
        part = parse_inventory(whole)
        if part.part != record.index:
            raise Unverified("a part under another number")
        self.parts[part.part] = part
        check_inventory(self.inventory or (part,))
        self._claim(part)

    def _claim(self, part: Inventory) -> None:
        for file in part.files:
            if file.index in self._claims:
                raise Unverified("an index comes twice")
            self._claims[file.index] = file
        claimed = sum(file.size for file in self._claims.values())
        if len(self._claims) > self._budget.files or claimed > self._budget.transfer_bytes:
            raise TransferStopped(StopReason.BUDGET)

    def _take_manifest(self, record: Record, data: bytes) -> None:
        whole = self._whole(record, data, MAX_MANIFEST_BYTES)
        if whole is None:
            return
        manifest = parse_manifest(whole)
        if manifest.transfer != self.transfer:
            raise Unverified("the manifest of another transfer")
        self.manifests[record.index] = (manifest, sha256(whole))


_STOPS = {
    Kind.INVENTORY: StopReason.NO_VALID_INVENTORY,
    Kind.MANIFEST: StopReason.FORGED_PACK,
}
"""What a broken piece of either means for the transfer."""
