"""Whether the store still holds what the ledger says was taken in, byte for byte.

The rule: every pack that was not released is read whole and hashed; what differs is told by
transfer and number and changed by nobody: a quarantine that repairs itself proves nothing. It may
run beside a running receiver: a pack that seems amiss is looked up again before it is told.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from passbox_base.errors import NoSuchPack, StoreFailed
from passbox_base.pack_store import PackKey, PackStoreLike
from passbox_receiver import uploads
from passbox_receiver.ledger import Ledger
from passbox_receiver.tables import transfers
from passbox_wire.ids import TransferId
from passbox_wire.messages import HeldPack

_PIECE: Final = 1024 * 1024


class Damage(StrEnum):
    """What is wrong with a pack."""

    MISSING = "missing"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    """It is in the store, and the ledger never heard of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One pack that is not as it was taken in."""

    transfer: TransferId
    number: int
    damage: Damage


def check_store(ledger: Ledger, store: PackStoreLike) -> Iterator[Finding]:
    """Yield what is wrong, transfer by transfer; raise StoreFailed when the ledger fails."""
    on_disk = {transfer: _numbers(store, transfer) for transfer in store.transfers()}
    with ledger.reading() as connection:
        query = sa.select(transfers.c.transfer).where(~transfers.c.cleared)
        known = {TransferId(transfer) for transfer in connection.scalars(query)}
    for transfer in sorted(known | set(on_disk)):
        yield from _check_one(ledger, store, transfer, on_disk.get(transfer, set()))


def _numbers(store: PackStoreLike, transfer: TransferId) -> set[int]:
    return {pack.number for pack in store.packs(transfer)}


def _check_one(
    ledger: Ledger, store: PackStoreLike, transfer: TransferId, on_disk: set[int]
) -> Iterator[Finding]:
    with ledger.reading() as connection:
        in_ledger = {pack.number: pack for pack in uploads.all_packs(connection, transfer)}
    for number in sorted(on_disk - set(in_ledger)):
        if _find(ledger, transfer, number) is None and number in _numbers(store, transfer):
            yield Finding(transfer, number, Damage.UNKNOWN)
    for number, pack in in_ledger.items():
        damage = None if pack.released else _damage(store, transfer, pack)
        if damage is not None and _is_still_held(ledger, transfer, number):
            yield Finding(transfer, number, damage)


def _damage(store: PackStoreLike, transfer: TransferId, pack: HeldPack) -> Damage | None:
    digest = hashlib.sha256()
    try:
        with store.get(PackKey(transfer, pack.number)) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except NoSuchPack:
        return Damage.MISSING
    except (OSError, StoreFailed):
        return Damage.UNREADABLE
    return None if digest.digest() == pack.sha256 else Damage.CHANGED


def _find(ledger: Ledger, transfer: TransferId, number: int) -> HeldPack | None:
    with ledger.reading() as connection:
        return uploads.find_pack(connection, transfer, number)


def _is_still_held(ledger: Ledger, transfer: TransferId, number: int) -> bool:
    """Tell whether the pack should be there: not released, its transfer not ended meanwhile."""
    with ledger.reading() as connection:
        upload = uploads.find(connection, transfer)
        pack = uploads.find_pack(connection, transfer, number)
    return (
        upload is not None
        and upload.state not in uploads.ENDED
        and pack is not None
        and not pack.released
    )
