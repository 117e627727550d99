"""At start: what the pack store proves is brought into the ledger, and what it lacks is taken out.

The rule: a pack on disk that the ledger does not know was durable and perhaps acknowledged: it is
added. A pack the ledger has and the disk has not is forgotten while the sender can still be asked
for it, and shouted about when he cannot. Runs before anybody is served.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from passbox_base.logs import get_logger
from passbox_base.pack_store import PackKey
from passbox_receiver import uploads
from passbox_receiver.receiver import Receiver
from passbox_receiver.tables import transfers
from passbox_receiver.uploads import Upload
from passbox_wire.ids import TransferId
from passbox_wire.states import UploadState

_TAKING: Final = {UploadState.OPENED, UploadState.RECEIVING}

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was set right, in packs; ``lost`` ones were acknowledged and are on no disk."""

    added: int = 0
    forgotten: int = 0
    removed: int = 0
    lost: int = 0


def reconcile(receiver: Receiver) -> Reconciled:
    """Make ledger and store agree; raise StoreFailed, StoreFull."""
    receiver.store.reconcile()
    with receiver.ledger.reading() as connection:
        query = sa.select(transfers).where(~transfers.c.cleared)
        known = {row.transfer: uploads.from_row(row) for row in connection.execute(query)}
    for transfer in set(receiver.store.transfers()) - set(known):
        _remove_unknown(receiver, transfer)
    done = [_reconcile_one(receiver, upload) for upload in known.values()]
    total = Reconciled(
        added=sum(one.added for one in done),
        forgotten=sum(one.forgotten for one in done),
        removed=sum(one.removed for one in done),
        lost=sum(one.lost for one in done),
    )
    if total.lost:
        _log.error("acknowledged packs are on no disk", packs=total.lost)
    return total


def _remove_unknown(receiver: Receiver, transfer: TransferId) -> None:
    receiver.audit.append(
        "packs deleted", author="receiver", reason="no such transfer", transfer_id=transfer
    )
    receiver.store.release_transfer(transfer)


def _reconcile_one(receiver: Receiver, upload: Upload) -> Reconciled:
    on_disk = {pack.number: pack for pack in receiver.store.packs(upload.transfer)}
    with receiver.ledger.writing() as connection:
        in_ledger = {pack.number: pack for pack in uploads.all_packs(connection, upload.transfer)}
        absent = [p for n, p in in_ledger.items() if not p.released and n not in on_disk]
        taking = upload.state in _TAKING
        added = [p for n, p in on_disk.items() if n not in in_ledger] if taking else []
        if taking:
            for pack in absent:
                uploads.drop_pack(connection, upload, pack)
        for found in added:
            now_at = uploads.must_find(connection, upload.transfer)
            uploads.add_pack(
                connection, now_at, found.number, found.sha256, found.length, receiver.now()
            )
    removed = [n for n, p in in_ledger.items() if p.released and n in on_disk]
    for number in removed:
        receiver.store.release(PackKey(upload.transfer, number))
    lost = len(absent) if upload.state is UploadState.CLOSED else 0
    return Reconciled(len(added), len(absent) if taking else 0, len(removed), lost)
