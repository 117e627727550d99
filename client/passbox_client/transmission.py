"""The stream from the medium to the receiver; never the whole disc in memory.

    reader ──slices──▶ coders ──records──▶ packing, sealing (caller's thread) ──packs──▶ uploader

Every arrow is bounded, so the slowest stage sets the pace. The rule: the journal knows a pack
before the uploader does. Order within the stream means nothing; identity is (file, offset).
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock
from passbox_client.channel import Abandoned, Channel
from passbox_client.choosing import Choice
from passbox_client.coding import Coder, plainly
from passbox_client.errors import MediumRefused, Trouble
from passbox_client.journal import Identity, Journal, Piece
from passbox_client.packing import (
    PackBuilder,
    document_plaintext,
    document_records,
    fitting,
)
from passbox_client.plan import Plan, PlannedFile
from passbox_client.reading import Finished, Slice, read_file
from passbox_client.resuming import Held
from passbox_client.scan import medium_errors
from passbox_client.upload import NO_CONTENTS, Contents, Uploader
from passbox_dicom.medium import Medium
from passbox_dicom.pixels import PixelLayout
from passbox_wire.digests import sha256
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.pack import (
    Kind,
    PackHeader,
    Record,
    encode_records,
    seal_pack,
)
from passbox_wire.sealing import Sealer

CODERS: Final = 2
_SLICES_BYTES: Final = 16 * 1024 * 1024
_RECORDS_BYTES: Final = 16 * 1024 * 1024
_MEASURE_SECONDS: Final = 0.1
_MEASURE_TRIPS: Final = 1.5
"""How long a first measure of the line is awaited before it is taken for a slow one."""


class SendPhase(StrEnum):
    """What a sending is doing, for the screen."""

    OPENING = "opening"
    SENDING = "sending"
    CLOSING = "closing"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class SendProgress:
    """How far a sending has come; ``bytes_sent`` are sealed bytes the receiver holds.

    ``files_arrived`` and ``bytes_arrived`` are of the medium, and held by the receiver, those of an
    earlier run included.
    """

    phase: SendPhase
    files: int
    files_total: int
    bytes_read: int
    bytes_total: int
    bytes_sent: int
    files_arrived: int = 0
    bytes_arrived: int = 0


@dataclass(slots=True)
class _Tally:
    """What the reader has done; written by one thread, read by another."""

    files: int = 0
    bytes_read: int = 0
    before: Contents = NO_CONTENTS


@dataclass(frozen=True, slots=True)
class Source:
    """Where the medium is, and what opens ZIP files on it."""

    root: Path
    password: str | None = field(default=None, repr=False)

    def open(self) -> Medium:
        """Open the medium; raises MediumError."""
        password = None if self.password is None else self.password.encode()
        return Medium.open(self.root, password=password)


@dataclass(frozen=True, slots=True)
class Cargo:
    """What is to be sent from a medium.

    ``inventory`` is part 0, None when it is held already. An earlier run used pack numbers below
    ``first_number``; of it ``held`` arrived, and ``sworn`` is the manifest it may have sent.
    """

    source: Source
    plan: Plan
    inventory: bytes | None
    held: Held
    sworn: Manifest | None
    first_number: int


@dataclass(frozen=True, slots=True)
class Coding:
    """How slices are coded: ``choice`` None takes the densest of what the coders may."""

    coders: list[Coder]
    choice: Choice | None
    clock: Clock


class Transmission:
    """One pass over the medium. run() once."""

    def __init__(
        self,
        cargo: Cargo,
        identity: Identity,
        sealer: Sealer,
        uploader: Uploader,
        journal: Journal,
        coding: Coding,
        progress: Callable[[SendProgress], None],
    ) -> None:
        self._source = cargo.source
        self._plan = cargo.plan
        self._inventory = cargo.inventory
        self._held = cargo.held
        self._sworn = cargo.sworn
        self._lost = {
            file.index: file
            for file in (cargo.sworn.files if cargo.sworn else ())
            if file.outcome is not Outcome.SENT
        }
        self._number = cargo.first_number
        self._identity = identity
        self._sealer = sealer
        self._uploader = uploader
        self._journal = journal
        self._coding = coding
        self._choosing = threading.Lock()
        self._coded = 0
        self._packed = 0
        self._progress = progress
        self._phase = SendPhase.SENDING
        self._tally = _Tally()
        self._outcomes: list[FileOutcome] = []
        self._slices: Channel[Slice] = Channel(_SLICES_BYTES)
        self._records: Channel[Record] = Channel(_RECORDS_BYTES, writers=len(coding.coders))
        self._crash: BaseException | None = None

    def run(self) -> Manifest:
        """Send everything, manifest last, and close. Raises the ClientError that ended it."""
        threads = [threading.Thread(target=self._guarded, args=(self._read,), daemon=True)]
        threads += [
            threading.Thread(target=self._guarded, args=(self._code, coder), daemon=True)
            for coder in self._coding.coders
        ]
        try:
            if self._inventory is not None:
                self._send_document(Kind.INVENTORY, self._inventory)
            for thread in threads:
                thread.start()
            self._send_files()
            manifest = self._sworn or self._manifest()
            if self._sworn is None:
                self._journal.closing(manifest)
            if self._held.digest(Kind.MANIFEST, 0) is None:
                self._send_document(Kind.MANIFEST, manifest.encode())
            self._phase = SendPhase.CLOSING
            self._uploader.finish(self._tell)
            return manifest
        finally:
            self._slices.abandon()
            self._records.abandon()
            for thread in threads:
                if thread.is_alive():
                    thread.join()

    @property
    def outcomes(self) -> list[FileOutcome]:
        """What became of the files so far."""
        return list(self._outcomes)

    # The reader's and the coders' threads

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for us
            self._crash = self._crash or error
            self._slices.abandon()
            self._records.abandon()

    def _read(self) -> None:
        with medium_errors(), self._source.open() as medium:
            for file in self._plan.files:
                for item in self._items(medium, file):
                    if isinstance(item, Finished):
                        self._finish_file(item.outcome)
                    else:
                        self._tally.bytes_read += len(item.data)
                        self._slices.put(item, len(item.data))
        self._slices.finish()

    def _items(self, medium: Medium, file: PlannedFile) -> Iterable[Slice | Finished]:
        if file.index in self._lost:
            return [Finished(self._lost[file.index])]
        digest = self._held.digest(Kind.FILE, file.index)
        if digest is not None:
            self._tally.bytes_read += file.size
            self._tally.before += Contents(file.size, 1)
            return [Finished(FileOutcome(file.index, Outcome.SENT, file.size, digest))]
        return read_file(medium, file, partial(self._held.covers, Kind.FILE))

    def _finish_file(self, outcome: FileOutcome) -> None:
        if outcome.outcome is Outcome.UNREADABLE and not self._source.root.exists():
            # The whole medium has gone: nothing may be sworn about its files.
            raise MediumRefused(Trouble.MEDIUM_GONE)
        self._outcomes.append(outcome)
        self._tally.files += 1

    def _code(self, coder: Coder) -> None:
        warm = False  # the first dense slice starts a process
        try:
            while (piece := self._slices.get()) is not None:
                pixel = piece.cut.pixel if self._is_dense(piece) else None
                began = self._coding.clock.monotonic()
                records = _records_of(piece, pixel, coder)
                if pixel is not None and warm:
                    self._took(len(piece.data), self._coding.clock.monotonic() - began)
                warm = warm or pixel is not None
                with self._choosing:
                    self._coded += sum(record.encoded_length for record in records)
                for record in records:
                    self._records.put(record, len(record.data))
        finally:
            coder.close()
        self._records.finish()

    def _is_dense(self, piece: Slice) -> bool:
        choice = self._coding.choice
        if choice is None or piece.cut.pixel is None:
            return True
        length, standing = len(piece.data), self._uploader.standing(self._coming)
        with self._choosing:
            dense = choice.is_dense(length, standing)
        if not dense or standing.work is not None:
            return dense
        patience = max(_MEASURE_SECONDS, _MEASURE_TRIPS * (standing.rtt or 0.0))
        standing = self._uploader.standing(self._coming, patience)
        with self._choosing:
            return choice.is_dense(length, standing)

    @property
    def _coming(self) -> int:
        return self._coded - self._packed

    def _took(self, length: int, seconds: float) -> None:
        if self._coding.choice is not None:
            with self._choosing:
                self._coding.choice.took(length, seconds)

    # The caller's thread

    def _send_files(self) -> None:
        builder = PackBuilder()
        try:
            while (record := self._records.get()) is not None:
                if not builder.takes(record):
                    self._send_pack(builder.empty())
                builder.add(record)
                if builder.encoded >= self._uploader.enough:
                    self._send_pack(builder.empty())
                self._tell()
        except Abandoned:
            if self._crash is not None:
                raise self._crash from None
            raise
        if builder.records:
            self._send_pack(builder.empty())

    def _manifest(self) -> Manifest:
        outcomes = sorted(self._outcomes, key=lambda outcome: outcome.index)
        return Manifest(self._identity.transfer, 1, tuple(outcomes))

    def _send_document(self, kind: Kind, document: bytes) -> None:
        for record in document_records(kind, 0, document, plainly):
            self._hand_over(document_plaintext(record), [record])

    def _send_pack(self, records: list[Record]) -> None:
        self._hand_over(encode_records(records), records)
        self._packed += sum(record.encoded_length for record in records)

    def _hand_over(self, plaintext: bytes, records: list[Record]) -> None:
        number, self._number = self._number, self._number + 1
        header = PackHeader(
            self._sealer.key_id, self._identity.destination, self._identity.transfer, number
        )
        sealed = seal_pack(header, plaintext, self._sealer)
        self._journal.sending(number, sha256(sealed), [Piece.of(record) for record in records])
        self._uploader.offer(number, sealed, self._tell, _contents_of(records))

    def _tell(self) -> None:
        arrived = self._tally.before + self._uploader.arrived
        self._progress(
            SendProgress(
                self._phase,
                self._tally.files,
                len(self._plan.files),
                self._tally.bytes_read,
                self._plan.total_bytes,
                self._uploader.bytes_held,
                arrived.files,
                arrived.bytes,
            )
        )


def _contents_of(records: Iterable[Record]) -> Contents:
    files = [record for record in records if record.kind is Kind.FILE]
    ended = sum(record.sha256 is not None for record in files)
    return Contents(sum(record.raw_length for record in files), ended)


def _records_of(piece: Slice, pixel: PixelLayout | None, coder: Coder) -> list[Record]:
    coded = fitting(
        piece.data,
        coder.code(piece.data, pixel),
        lambda data: coder.code(data, None),
    )
    last = coded[-1]
    return [
        Record(
            Kind.FILE,
            part.codec,
            piece.index,
            piece.cut.start + part.delta,
            part.raw_length,
            part.payload,
            piece.sha256 if part is last else None,
        )
        for part in coded
    ]
