"""The upload's life in the ledger, and its one writer.

The rule: every change of state goes through wire's UPLOAD table in move(); an illegal event raises
and changes nothing. The rows are an index of what the pack store proves (quarantine.py reconciles
them at start). Numbers and digests of released packs stay, so that a sender who comes back is told
what need not be sent again.

Functions take a connection: the caller decides what is one transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from passbox_receiver.errors import Refused
from passbox_receiver.ledger import WORK, advance
from passbox_receiver.sources import Source
from passbox_receiver.tables import packs, transfers
from passbox_wire.digests import packs_digest
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.messages import MAX_HELD_PER_PAGE, HeldPack, HeldPacks, OpenTransfer
from passbox_wire.problems import Code
from passbox_wire.states import UPLOAD, UploadEvent, UploadState, after

ENDED: Final = {
    UploadState.CANCELLED: Code.CANCELLED,
    UploadState.STOPPED: Code.STOPPED,
    UploadState.EXPIRED: Code.EXPIRED,
    UploadState.ABANDONED: Code.EXPIRED,
}
"""States in which nothing is taken any more, and what a sender is told then."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One row of transfers. ``waiting`` packs are held and not yet acknowledged by the inside."""

    transfer: TransferId
    public_key: bytes
    destination: DestinationId
    total_bytes: int
    handle_sha256: bytes
    client: str
    source: str
    wide_source: str | None
    state: UploadState
    opened: int
    last_pack: int | None
    ended: int | None
    stop_reason: str | None
    packs: int
    bytes_held: int
    waiting: int
    bytes_on_wire: int
    packs_sha256: bytes | None
    signature: bytes | None
    change: int
    cleared: bool

    @property
    def last_seen(self) -> int:
        """When it last made progress."""
        return self.last_pack if self.last_pack is not None else self.opened

    def must_be_alive(self) -> None:
        """Raise Refused with the problem of its state when it has ended."""
        if self.state in ENDED:
            raise Refused.because(ENDED[self.state])


def from_row(row: sa.Row[Any]) -> Upload:
    """Return the upload of a whole row of transfers."""
    return Upload(**{**row._mapping, "state": UploadState(row.state)})  # noqa: SLF001  # its public name


def find(connection: sa.Connection, transfer: TransferId) -> Upload | None:
    """Return the upload, None when there is none."""
    row = connection.execute(
        sa.select(transfers).where(transfers.c.transfer == transfer)
    ).one_or_none()
    return from_row(row) if row is not None else None


def must_find(connection: sa.Connection, transfer: TransferId) -> Upload:
    """Return the upload; raise Refused when there is none."""
    upload = find(connection, transfer)
    if upload is None:
        raise Refused.because(Code.UNKNOWN_TRANSFER)
    return upload


def create(
    connection: sa.Connection,
    transfer: TransferId,
    message: OpenTransfer,
    source: Source,
    now: int,
) -> Upload:
    """Add an upload in state OPENED. The inside does not hear of it before its first pack."""
    upload = Upload(
        transfer=transfer,
        public_key=message.public_key,
        destination=message.destination,
        total_bytes=message.total_bytes,
        handle_sha256=message.handle_sha256,
        client=message.client,
        source=source.key,
        wide_source=source.wide,
        state=UploadState.OPENED,
        opened=now,
        last_pack=None,
        ended=None,
        stop_reason=None,
        packs=0,
        bytes_held=0,
        waiting=0,
        bytes_on_wire=0,
        packs_sha256=None,
        signature=None,
        change=0,
        cleared=False,
    )
    values = {column.name: getattr(upload, column.name) for column in transfers.columns}
    connection.execute(sa.insert(transfers).values(values))
    return upload


def move(
    connection: sa.Connection, upload: Upload, event: UploadEvent, now: int, **values: Any
) -> Upload:
    """Write what ``event`` makes of the upload, and ``values`` with it; return it as it is then.

    Raises IllegalTransition and writes nothing when the state does not allow the event.
    """
    state = after(UPLOAD, upload.state, event)
    if state is upload.state and not values:
        return upload
    values = {**values, "state": state, "change": advance(connection, WORK)}
    if state is not upload.state and state in {*ENDED, UploadState.CLOSED}:
        values["ended"] = now
    if state in ENDED:
        values["waiting"] = 0
    statement = (
        sa.update(transfers)
        .where(transfers.c.transfer == upload.transfer)
        .values(values)
        .returning(transfers)
    )
    return from_row(connection.execute(statement).one())


def add_pack(
    connection: sa.Connection, upload: Upload, number: int, sha256: bytes, length: int, now: int
) -> Upload:
    """Write that a pack is durable; raise IllegalTransition when the upload takes none any more."""
    moved = move(
        connection,
        upload,
        UploadEvent.PACK_STORED,
        now,
        packs=upload.packs + 1,
        bytes_held=upload.bytes_held + length,
        waiting=upload.waiting + 1,
        last_pack=now,
    )
    connection.execute(
        sa.insert(packs).values(
            transfer=upload.transfer, number=number, sha256=sha256, length=length, released=False
        )
    )
    return moved


def drop_pack(connection: sa.Connection, upload: Upload, pack: HeldPack) -> None:
    """Forget a pack that the store does not hold after all, so that its sender is asked for it."""
    connection.execute(
        sa.delete(packs).where(packs.c.transfer == upload.transfer, packs.c.number == pack.number)
    )
    connection.execute(
        sa.update(transfers)
        .where(transfers.c.transfer == upload.transfer)
        .values(
            packs=transfers.c.packs - 1,
            bytes_held=transfers.c.bytes_held - pack.length,
            waiting=transfers.c.waiting - 1,
        )
    )


def release_packs(connection: sa.Connection, upload: Upload, numbers: list[int]) -> None:
    """Write that the inside holds these packs, which were waiting; their rows stay."""
    connection.execute(
        sa.update(packs)
        .where(packs.c.transfer == upload.transfer, packs.c.number.in_(numbers))
        .values(released=True)
    )
    connection.execute(
        sa.update(transfers)
        .where(transfers.c.transfer == upload.transfer)
        .values(waiting=sa.func.max(transfers.c.waiting - len(numbers), 0))
    )


def find_pack(connection: sa.Connection, transfer: TransferId, number: int) -> HeldPack | None:
    """Return what is known of one pack, None when it never came."""
    row = connection.execute(_held(transfer).where(packs.c.number == number)).one_or_none()
    return _pack(row) if row is not None else None


def find_packs(
    connection: sa.Connection, transfer: TransferId, numbers: Collection[int]
) -> list[HeldPack]:
    """Return what is known of some packs, by number."""
    query = _held(transfer).where(packs.c.number.in_(numbers))
    return list(map(_pack, connection.execute(query)))


def all_packs(connection: sa.Connection, transfer: TransferId) -> list[HeldPack]:
    """Return every pack that ever came, by number."""
    return list(map(_pack, connection.execute(_held(transfer))))


def held_page(
    connection: sa.Connection, transfer: TransferId, first: int, *, waiting: bool = False
) -> HeldPacks:
    """Return one page of packs whose number is ``first`` or higher; ``waiting``: not released."""
    query = _held(transfer).where(packs.c.number >= first).limit(MAX_HELD_PER_PAGE + 1)
    if waiting:
        query = query.where(~packs.c.released)
    found = list(map(_pack, connection.execute(query)))
    following = found[MAX_HELD_PER_PAGE].number if len(found) > MAX_HELD_PER_PAGE else None
    return HeldPacks(tuple(found[:MAX_HELD_PER_PAGE]), following)


def digest_of_packs(connection: sa.Connection, transfer: TransferId) -> bytes:
    """Return wire's digest over all packs that ever came."""
    query = sa.select(packs.c.number, packs.c.sha256).where(packs.c.transfer == transfer)
    return packs_digest({row.number: row.sha256 for row in connection.execute(query)})


def _held(transfer: TransferId) -> sa.Select[tuple[int, bytes, int, bool]]:
    return (
        sa.select(packs.c.number, packs.c.sha256, packs.c.length, packs.c.released)
        .where(packs.c.transfer == transfer)
        .order_by(packs.c.number)
    )


def _pack(row: sa.Row[tuple[int, bytes, int, bool]]) -> HeldPack:
    return HeldPack(row.number, row.sha256, row.length, row.released)
