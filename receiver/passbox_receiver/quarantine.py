"""Taking packs in, giving them out, letting them go.

The rule: signature, state and quota are judged before the first byte is read; bytes go to a
temporary file a quarter of a mebibyte at a time, so a pack is never whole in memory; the sender is
told "stored" only when the pack store and then the ledger are durable. The store's names are the
truth and the ledger their index: reconcile() brings the index back after a crash. Nothing is let
go but on the inside's signed word or by the end of its transfer, and each time the audit says so.

It sees the 56 bytes of a pack's clear header and its length. It has no key that opens the rest.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from passbox_base.errors import StoreFailed, WrongLength
from passbox_base.pack_store import Incoming, PackKey, Stored
from passbox_receiver import uploads, usage
from passbox_receiver.admission import PackStanding, objection_to_held_pack, objection_to_pack
from passbox_receiver.errors import Refused
from passbox_receiver.monitor import watch_bytes
from passbox_receiver.receiver import PROGRAM, Receiver
from passbox_receiver.sources import Source
from passbox_receiver.tables import EVERYBODY, transfers
from passbox_receiver.uploads import ENDED, Upload
from passbox_receiver.usage import Reservation
from passbox_wire import signing
from passbox_wire.errors import Malformed, SignatureWrong
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.messages import HeldPack
from passbox_wire.pack import HEADER_BYTES, parse_header
from passbox_wire.problems import Code
from passbox_wire.states import UploadState

PIECE_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class DeclaredPack:
    """What the request says of its body, before it is read; the signature is not yet checked."""

    transfer: TransferId
    number: int
    length: int
    sha256: bytes
    signature: bytes

    @property
    def key(self) -> PackKey:
        """Where the store keeps it."""
        return PackKey(self.transfer, self.number)


async def take_in(
    receiver: Receiver, declared: DeclaredPack, source: Source, body: AsyncIterator[bytes]
) -> Stored:
    """Return whether the pack is new or was held; either way it is durable.

    Raises Refused, WrongLength, WrongDigest, PackConflict, Malformed (theirs), StoreFull and
    StoreFailed (ours); then nothing of it is kept, and what was held is unchanged.
    """
    reservation = Reservation(source, declared.transfer, declared.length)
    intake = _Intake(receiver, declared, reservation)
    held = await run_in_threadpool(intake.admit)
    try:
        if held:
            await intake.drain(body)
            return Stored.HELD
        return await intake.store(body)
    finally:
        try:
            if not intake.settled:
                await run_in_threadpool(intake.settle_alone)
        finally:
            receiver.flying.remove(reservation)


class _Intake:
    """One pack on its way in. Its methods without ``async`` block, and run in a thread."""

    def __init__(
        self, receiver: Receiver, declared: DeclaredPack, reservation: Reservation
    ) -> None:
        self._receiver = receiver
        self._declared = declared
        self._reservation = reservation
        self._came = 0
        self._place: tuple[DestinationId, TransferId, int] | None = None
        self.settled = False

    def admit(self) -> bool:
        """Reserve room for the pack; return True when it is held already. Raises Refused."""
        receiver, declared = self._receiver, self._declared
        rules = receiver.rules.current()
        with receiver.flying.deciding, receiver.ledger.reading() as connection:
            upload = find_signed(connection, declared.transfer, declared.signature, _said(declared))
            held = uploads.find_pack(connection, declared.transfer, declared.number)
            is_same = _is_same(upload, held, declared.sha256)
            objection = objection_to_held_pack if is_same else objection_to_pack
            standing = usage.standing(
                connection,
                receiver.flying,
                self._reservation.source,
                receiver.free(),
                receiver.now(),
            )
            requests, flying = receiver.flying.of_transfer(declared.transfer)
            pack = PackStanding(declared.length, requests, flying)
            problem = objection(rules, upload, pack, standing)
            if problem is not None:
                raise Refused(problem)
            receiver.flying.add(self._reservation)
        self._place = (upload.destination, upload.transfer, declared.number)
        return held is not None

    async def drain(self, body: AsyncIterator[bytes]) -> None:
        """Read and count what need not be kept, so that the connection stays usable."""
        async for piece in body:
            self._count(piece)

    async def store(self, body: AsyncIterator[bytes]) -> Stored:
        """Write the body and commit it."""
        incoming = await run_in_threadpool(
            self._receiver.store.incoming, self._declared.key, self._declared.length
        )
        with incoming:
            await self._write(incoming, body)
            return await run_in_threadpool(self._commit, incoming)

    async def _write(self, incoming: Incoming, body: AsyncIterator[bytes]) -> None:
        waiting, is_headed = bytearray(), False
        async for piece in body:
            self._count(piece)
            waiting += piece
            if not is_headed and len(waiting) >= HEADER_BYTES:
                self._check_header(waiting)
                is_headed = True
            if len(waiting) >= PIECE_BYTES:
                await run_in_threadpool(incoming.write, memoryview(waiting))
                waiting = bytearray()
        await run_in_threadpool(incoming.write, memoryview(waiting))

    def _count(self, piece: bytes) -> None:
        self._came += len(piece)
        if self._came > self._declared.length:
            raise WrongLength(self._declared.length, self._came)

    def _check_header(self, untrusted: bytearray) -> None:
        header = parse_header(memoryview(untrusted)[:HEADER_BYTES])
        if (header.destination, header.transfer, header.number) != self._place:
            raise Malformed("pack", "its header names another place")

    def _commit(self, incoming: Incoming) -> Stored:
        stored = incoming.commit(self._declared.sha256)
        try:
            kept = self._record()
        except Refused:
            self._receiver.store.release(self._declared.key)
            raise
        if kept.released:  # the same pack came twice, and the inside has had it meanwhile
            self._receiver.store.release(self._declared.key)
        return stored

    def _record(self) -> HeldPack:
        receiver, declared = self._receiver, self._declared
        now = receiver.now()
        with receiver.ledger.writing() as connection:
            upload = uploads.must_find(connection, declared.transfer)
            held = uploads.find_pack(connection, declared.transfer, declared.number)
            if not _is_same(upload, held, declared.sha256):
                uploads.add_pack(
                    connection, upload, declared.number, declared.sha256, declared.length, now
                )
            self._settle(connection, now)
        self.settled = True
        return held or HeldPack(declared.number, declared.sha256, declared.length, released=False)

    def settle_alone(self) -> None:
        """Count the bytes of a request that stored nothing."""
        with (
            contextlib.suppress(StoreFailed),  # the request's own fault is the one to tell
            self._receiver.ledger.writing() as connection,
        ):
            self._settle(connection, self._receiver.now())

    def _settle(self, connection: sa.Connection, now: int) -> None:
        usage.settle(connection, self._reservation, self._came, now)
        used = usage.used_today(connection, EVERYBODY, now)
        watch_bytes(connection, self._receiver.rules.latest, used, now)


def find_signed(
    connection: sa.Connection, transfer: TransferId, signature: bytes, statement: bytes
) -> Upload:
    """Return the upload whose key signed ``statement``.

    Raises Refused: a wrong signature and an unknown transfer get the same answer, so ids cannot be
    tried out.
    """
    upload = uploads.must_find(connection, transfer)
    try:
        signing.verify(upload.public_key, signature, statement)
    except SignatureWrong:
        raise Refused.because(Code.UNKNOWN_TRANSFER) from None
    return upload


def _said(declared: DeclaredPack) -> bytes:
    return signing.pack_statement(
        declared.transfer, declared.number, declared.length, declared.sha256
    )


def _is_same(upload: Upload, held: HeldPack | None, sha256: bytes) -> bool:
    """Tell whether this very pack is held; raise Refused when none like it may come any more."""
    upload.must_be_alive()
    if held is None:
        if upload.state is UploadState.CLOSED:
            raise Refused.because(Code.CLOSED)
        return False
    if held.sha256 != sha256:
        raise Refused.because(Code.PACK_CONFLICT)
    return True


def release(receiver: Receiver, upload: Upload, packs: Mapping[int, bytes]) -> None:
    """Let go of packs {number: SHA-256} that are durable inside; blocks.

    All or none: raises Refused when one of them never came. The ledger first: a crash leaves too
    much, never too little.
    """
    with receiver.ledger.writing() as connection:
        held = uploads.find_packs(connection, upload.transfer, packs)
        if {pack.number: pack.sha256 for pack in held} != dict(packs):
            raise Refused.because(Code.HELD_DIFFERS)
        numbers = [pack.number for pack in held if not pack.released]
        if not numbers:
            return
        receiver.audit.append(
            "packs released",
            author="inside",
            reason="acknowledged",
            transfer_id=upload.transfer,
            count=len(numbers),
            first=numbers[0],
            last=numbers[-1],
        )
        uploads.release_packs(connection, upload, numbers)
    for number in numbers:
        receiver.store.release(PackKey(upload.transfer, number))


def clear(receiver: Receiver) -> int:
    """Delete what is left of transfers that ended or were pulled whole; return how many; blocks."""
    over = sa.or_(
        transfers.c.state.in_(list(ENDED)),
        sa.and_(transfers.c.state == UploadState.CLOSED, transfers.c.waiting == 0),
    )
    with receiver.ledger.reading() as connection:
        query = sa.select(transfers).where(~transfers.c.cleared, over)
        found = [uploads.from_row(row) for row in connection.execute(query)]
    # A request in flight looks at the state again when it commits, and removes its own pack.
    quiet = [upload for upload in found if receiver.flying.of_transfer(upload.transfer)[0] == 0]
    for upload in quiet:
        _clear_one(receiver, upload)
    return len(quiet)


def _clear_one(receiver: Receiver, upload: Upload) -> None:
    left = len(receiver.store.packs(upload.transfer))
    if left:
        receiver.audit.append(
            "packs deleted",
            author=PROGRAM,
            reason=upload.stop_reason or upload.state.value,
            transfer_id=upload.transfer,
            count=left,
        )
    receiver.store.release_transfer(upload.transfer)
    with receiver.ledger.writing() as connection:
        connection.execute(
            sa.update(transfers).where(transfers.c.transfer == upload.transfer).values(cleared=True)
        )
