"""The stream from one medium to the receiver; never the whole disc in memory.

    reader ──slices──▶ coders ──records──▶ packing, sealing (caller's thread) ──packs──▶ uploader

Every arrow is bounded, so the slowest stage sets the pace. What is sealed, and how it is numbered,
is outgoing.py's; the manifest over all media is its caller's. Order within the stream means
nothing; identity is (file, offset).
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock
from passbox_client.channel import Abandoned, Channel
from passbox_client.choosing import Choice
from passbox_client.coding import Coder
from passbox_client.errors import MediumRefused, Trouble
from passbox_client.outgoing import Outgoing
from passbox_client.packing import PackBuilder, fitting
from passbox_client.plan import Plan, PlannedFile
from passbox_client.progress import SendPhase, SendProgress
from passbox_client.reading import Finished, Slice, read_file
from passbox_client.resuming import Held
from passbox_client.scan import medium_errors
from passbox_client.upload import NO_CONTENTS, Contents, Uploader
from passbox_dicom.medium import Medium
from passbox_dicom.pixels import PixelLayout
from passbox_wire.manifest import FileOutcome, Outcome
from passbox_wire.pack import Kind, Record

CODERS: Final = 2
_SLICES_BYTES: Final = 16 * 1024 * 1024
_RECORDS_BYTES: Final = 16 * 1024 * 1024
_MEASURE_SECONDS: Final = 0.1
_MEASURE_TRIPS: Final = 1.5
"""How long a first measure of the line is awaited before it is taken for a slow one."""


@dataclass(slots=True)
class Tally:
    """What was read of all media so far; written by one thread, read by another."""

    files: int = 0
    files_total: int = 0
    bytes_read: int = 0
    bytes_total: int = 0
    part: int = 0
    before: Contents = NO_CONTENTS

    def begin(self, plan: Plan) -> None:
        """Take note of a further medium."""
        self.files_total += len(plan.files)
        self.bytes_total += plan.total_bytes
        self.part = plan.part

    def skip(self, plan: Plan) -> None:
        """Take note of a further medium of which all is held."""
        self.begin(plan)
        self.files += len(plan.files)
        self.bytes_read += plan.total_bytes
        self.before += Contents(plan.total_bytes, len(plan.files))

    def progress(self, phase: SendPhase, uploader: Uploader) -> SendProgress:
        """Return how far it is."""
        arrived = self.before + uploader.arrived
        return SendProgress(
            phase,
            self.files,
            self.files_total,
            self.bytes_read,
            self.bytes_total,
            uploader.bytes_held,
            arrived.files,
            arrived.bytes,
            self.part,
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where the medium is, and what opens ZIP files on it."""

    root: Path
    password: str | None = field(default=None, repr=False)

    def open(self) -> Medium:
        """Open the medium; raises MediumError."""
        password = None if self.password is None else self.password.encode()
        return Medium.open(self.root, password=password)

    def is_there(self) -> bool:
        """Return whether the medium can be looked at; a mount point left empty is none."""
        try:
            return self.root.is_file() or next(self.root.iterdir(), None) is not None
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Cargo:
    """What is to be sent from a medium.

    ``inventory`` is its part, None when that is held already. Of an earlier run ``held`` arrived,
    and ``lost`` are files of which a manifest has been made that says they are not sent.
    """

    source: Source
    plan: Plan
    inventory: bytes | None
    held: Held
    lost: Mapping[int, FileOutcome]


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
        outgoing: Outgoing,
        coding: Coding,
        tally: Tally,
        progress: Callable[[SendProgress], None],
    ) -> None:
        self._source = cargo.source
        self._plan = cargo.plan
        self._inventory = cargo.inventory
        self._held = cargo.held
        self._lost = cargo.lost
        self._outgoing = outgoing
        self._uploader = outgoing.uploader
        self._coding = coding
        self._choosing = threading.Lock()
        self._coded = 0
        self._packed = 0
        self._progress = progress
        self._tally = tally
        tally.begin(cargo.plan)
        self._outcomes: list[FileOutcome] = []
        self._slices: Channel[Slice] = Channel(_SLICES_BYTES)
        self._records: Channel[Record] = Channel(_RECORDS_BYTES, writers=len(coding.coders))
        self._crash: BaseException | None = None

    def run(self) -> None:
        """Hand over the inventory's part and all files. Raises the ClientError that ended it."""
        threads = [threading.Thread(target=self._guarded, args=(self._read,), daemon=True)]
        threads += [
            threading.Thread(target=self._guarded, args=(self._code, coder), daemon=True)
            for coder in self._coding.coders
        ]
        try:
            if self._inventory is not None:
                self._outgoing.send_document(
                    Kind.INVENTORY, self._plan.part, self._inventory, self._tell
                )
            for thread in threads:
                thread.start()
            self._send_files()
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

    def _tell(self) -> None:
        self._progress(self._tally.progress(SendPhase.SENDING, self._uploader))

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
                        self._finish_file(item.outcome, medium)
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

    def _finish_file(self, outcome: FileOutcome, medium: Medium) -> None:
        failed = outcome.outcome in {Outcome.UNREADABLE, Outcome.CHANGED}
        if failed and not (self._source.is_there() and medium.is_present()):
            # The whole medium has gone, or is another one: nothing may be sworn about its files.
            raise MediumRefused(Trouble.MEDIUM_GONE)
        self._outcomes.append(outcome)
        self._tally.files += 1

    def _code(self, coder: Coder) -> None:
        warm = False  # the first dense slice starts a process
        try:
            while (piece := self._slices.get()) is not None:
                dense = self._is_dense(piece)
                pixel = piece.cut.pixel if dense else None
                began = self._coding.clock.monotonic()
                records = _records_of(piece, pixel, coder)
                if piece.cut.pixel is not None and (warm or not dense):
                    seconds = self._coding.clock.monotonic() - began
                    self._took(len(piece.data), seconds, dense=dense)
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

    def _took(self, length: int, seconds: float, *, dense: bool) -> None:
        if self._coding.choice is not None:
            with self._choosing:
                self._coding.choice.took(length, seconds, dense=dense)

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

    def _send_pack(self, records: list[Record]) -> None:
        self._outgoing.send(records, self._tell)
        self._packed += sum(record.encoded_length for record in records)


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
