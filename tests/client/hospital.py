"""A receiver and an inside in one object, at the seam the client owns.

It stores, opens, checks and signs, and is honest unless a test tells it otherwise: ``refuse``
answers calls with errors, ``reluctant`` holds the receipt back. ``calls`` is what was asked.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from passbox_client.errors import ClientError, ReceiverRefused
from passbox_dicom.codec import decode_slice
from passbox_wire import signing
from passbox_wire.digests import packs_digest, sha256
from passbox_wire.errors import SealError
from passbox_wire.ids import TransferId
from passbox_wire.inventory import FileKind, Inventory, parse_inventory
from passbox_wire.manifest import Manifest, Outcome, parse_manifest
from passbox_wire.messages import (
    HeldPack,
    HeldPacks,
    Limits,
    OpenTransfer,
    ServiceStatus,
    TransferStatus,
    parse_close_transfer,
    parse_open_transfer,
)
from passbox_wire.pack import Kind, open_pack, parse_records
from passbox_wire.problems import Code, Problem
from passbox_wire.receipts import (
    CoarseState,
    FileReport,
    FileResult,
    Report,
    SignedReceipt,
    StudyReport,
    sign_receipt,
)
from passbox_wire.sealing import SealingPrivateKey, SealingPublicKey
from passbox_wire.states import DeliveryState, ForwardState, UploadState
from tests.builders.wire import (
    LIMITS,
    NOW,
    a_destination_id,
    a_sealing_key,
    a_service_status,
    a_signing_key,
    a_transfer_id,
)

PAGE = 3
"""Held packs are told in small pages, so that every test turns one."""


@dataclass
class Opened:
    """What the inside made of a transfer's packs; ``parts`` one a medium."""

    parts: tuple[Inventory, ...]
    manifest: Manifest
    files: dict[int, bytes]

    @property
    def inventory(self) -> Inventory:
        """Part 0."""
        return self.parts[0]


@dataclass
class Inside:
    """Who holds the key: opens packs, puts files together, signs for them."""

    key: SealingPrivateKey = field(default_factory=a_sealing_key)
    spoil: Callable[[FileReport], FileReport] = lambda report: report

    def look(self, transfer: TransferId, packs: Mapping[int, bytes]) -> Opened:
        """Open everything that came, as the inside does; raises what does not open."""
        documents: dict[tuple[Kind, int], dict[int, bytes]] = defaultdict(dict)
        digests: dict[tuple[Kind, int], bytes] = {}
        for number in sorted(packs):
            header, plaintext = open_pack(packs[number], [self.key])
            assert (header.number, header.transfer) == (number, transfer)
            for record in parse_records(plaintext):
                thing = (record.kind, record.index)
                raw = decode_slice(record.data, record.codec, record.raw_length)
                assert documents[thing].setdefault(record.offset, raw) == raw
                if record.sha256 is not None:
                    digests[thing] = record.sha256
        whole = {thing: _joined(pieces) for thing, pieces in documents.items()}
        files = {i: data for (kind, i), data in whole.items() if kind is Kind.FILE}
        manifest = parse_manifest(whole[Kind.MANIFEST, 0])
        for outcome in manifest.files:
            if outcome.outcome is Outcome.SENT:
                assert digests[Kind.FILE, outcome.index] == sha256(files[outcome.index])
        parts = tuple(parse_inventory(whole[Kind.INVENTORY, n]) for n in range(manifest.parts))
        return Opened(parts, manifest, files)

    def sign(self, opened: Opened, *, sequence: int = 1) -> SignedReceipt:
        """Return a receipt over what was opened."""
        files = tuple(self.spoil(report) for report in _reports(opened))
        arrived = [file.result in {FileResult.DELIVERED, FileResult.KEPT} for file in files]
        state = CoarseState.DELIVERED if all(arrived) else CoarseState.PARTLY_DELIVERED
        if not any(arrived):
            state = CoarseState.REFUSED
        delivery = {
            CoarseState.DELIVERED: DeliveryState.COMPLETE,
            CoarseState.PARTLY_DELIVERED: DeliveryState.PARTIAL,
            CoarseState.REFUSED: DeliveryState.REFUSED,
        }[state]
        report = Report(
            opened.manifest.transfer,
            sequence,
            NOW,
            delivery,
            ForwardState.VISIBLE,
            tuple(study for part in opened.parts for study in _studies(part, files)),
            files,
        )
        envelope = opened.inventory.envelope
        assert envelope is not None
        return sign_receipt(
            report,
            state,
            sha256(opened.manifest.encode()),
            a_destination_id(),
            a_signing_key("receipt"),
            SealingPublicKey(envelope.report_key),
        )


@dataclass
class FakeHospital:
    """Implements passbox_client.line.Receiver."""

    inside: Inside = field(default_factory=Inside)
    limits: Limits = LIMITS
    accepting: bool = True
    reluctant: bool = False
    calls: list[str] = field(default_factory=list)
    packs: dict[int, bytes] = field(default_factory=dict)
    opened: OpenTransfer | None = None
    state: UploadState = UploadState.OPENED
    receipts: list[bytes] = field(default_factory=list)
    _errors: dict[str, list[ClientError | None]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _transfer: TransferId = field(default_factory=a_transfer_id)

    def refuse(self, call: str, *errors: ClientError | None) -> None:
        """Answer the next calls of this name with these errors, one each; None lets one through."""
        self._errors[call] += errors

    def mend(self, call: str) -> None:
        """Answer this call properly from now on."""
        with self._lock:
            self._errors[call].clear()

    def status(self) -> ServiceStatus:
        self._called("status")
        return a_service_status(accepting=self.accepting)

    def make_ready(self, connections: int) -> None:
        """There is no line to be made ready."""

    def open(self, transfer: TransferId, body: bytes, signature: bytes) -> TransferStatus:
        self._called("open")
        message = parse_open_transfer(body)
        signing.verify(message.public_key, signature, signing.open_statement(transfer, body))
        if self.state is UploadState.CANCELLED and transfer != self._transfer:
            self.opened, self.state = None, UploadState.OPENED
            self.packs.clear()
        assert self.opened in {None, message}
        self.opened, self._transfer = message, transfer
        return self._status()

    def put(
        self, transfer: TransferId, number: int, pack: bytes, sha256: bytes, signature: bytes
    ) -> None:
        self._called("put")
        statement = signing.pack_statement(transfer, number, len(pack), sha256)
        self._verify(signature, statement)
        with self._lock:
            if self.packs.setdefault(number, pack) != pack:
                raise ReceiverRefused(Problem(Code.PACK_CONFLICT))
            self.state = UploadState.RECEIVING
        self._called("put answered")

    def held(self, transfer: TransferId, following: int | None, signature: bytes) -> HeldPacks:
        self._called("held")
        self._verify(signature, signing.held_statement(transfer))
        with self._lock:
            numbers = [n for n in sorted(self.packs) if following is None or n > following]
            page = [
                HeldPack(n, sha256(self.packs[n]), len(self.packs[n]), released=False)
                for n in numbers[:PAGE]
            ]
        more = len(numbers) > PAGE
        return HeldPacks(tuple(page), page[-1].number if more else None)

    def close(self, transfer: TransferId, body: bytes, signature: bytes) -> TransferStatus:
        self._called("close")
        self._verify(signature, signing.close_statement(transfer, body))
        message = parse_close_transfer(body)
        digests = {number: sha256(pack) for number, pack in self.packs.items()}
        if (message.packs, message.packs_sha256) != (len(digests), packs_digest(digests)):
            raise ReceiverRefused(Problem(Code.HELD_DIFFERS))
        if self.state is not UploadState.CLOSED:
            self.state = UploadState.CLOSED
            self._look_inside()
        return self._status()

    def cancel(self, transfer: TransferId, signature: bytes) -> TransferStatus:
        self._called("cancel")
        self.state = UploadState.CANCELLED
        return self._status()

    def receipt(self, handle: bytes, after: int, wait: int) -> bytes | None:
        self._called("receipt")
        if self.reluctant or self.opened is None or self.opened.handle_sha256 != sha256(handle):
            return None
        return self.receipts[-1] if len(self.receipts) > after else None

    def look(self) -> Opened:
        """Open everything that came; raises what does not open."""
        return self.inside.look(self._transfer, self.packs)

    def _look_inside(self) -> None:
        try:
            opened = self.look()
        except SealError:
            self.state = UploadState.STOPPED
            self._errors["close"] += [ReceiverRefused(Problem(Code.STOPPED))] * 100
            return
        self.receipts.append(self.inside.sign(opened, sequence=len(self.receipts) + 1).encode())

    def _status(self) -> TransferStatus:
        held = sum(map(len, self.packs.values()))
        return TransferStatus(self._transfer, self.state, len(self.packs), held, self.limits, NOW)

    def _verify(self, signature: bytes, statement: bytes) -> None:
        if self.opened is None:
            raise ReceiverRefused(Problem(Code.UNKNOWN_TRANSFER))
        signing.verify(self.opened.public_key, signature, statement)

    def _called(self, call: str) -> None:
        with self._lock:
            self.calls.append(call)
            error = self._errors[call].pop(0) if self._errors[call] else None
        if error is not None:
            raise error


def _joined(pieces: dict[int, bytes]) -> bytes:
    data = bytearray()
    for offset in sorted(pieces):
        assert offset == len(data), "a gap or an overlap"
        data += pieces[offset]
    return bytes(data)


def _reports(opened: Opened) -> Iterable[FileReport]:
    outcomes = {outcome.index: outcome for outcome in opened.manifest.files}
    for file in (file for part in opened.parts for file in part.files):
        outcome = outcomes[file.index]
        if outcome.outcome is not Outcome.SENT:
            yield FileReport(file.index, FileResult.NOT_SENT, outcome.reason)
        elif file.kind is FileKind.INSTANCE:
            yield FileReport(file.index, FileResult.DELIVERED)
        else:
            yield FileReport(file.index, FileResult.KEPT)


def _studies(inventory: Inventory, files: tuple[FileReport, ...]) -> Iterable[StudyReport]:
    results = {file.index: file.result for file in files}
    for study in range(len(inventory.studies)):
        of_study = [
            file.index
            for file in inventory.files
            if file.series is not None and inventory.series[file.series].study == study
        ]
        delivered = sum(results.get(index) is FileResult.DELIVERED for index in of_study)
        yield StudyReport(inventory.part, study, len(of_study), delivered, 0)
