"""The index of the store: reading it (also from another process), and writing it in groups.

The files are the evidence, the index may lag behind them for a moment and is completed at start. A
C-STORE therefore waits for its file, not for the ledger: rows are written together, and always
before this process answers anybody from the index. Where the house's archive has the bytes there is
no file, and C-STORE waits for the row.
"""

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from passbox_base.ledger import reading
from passbox_viewer.instances import Forwarding, Instance, InstanceFacts, Proof, Reading
from passbox_viewer.store import Archived, Claims, Kept, Store
from passbox_viewer.tables import INSTANCES, TRANSFERS
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import StoredInstance

LEDGER_NAME: Final = "ledger.sqlite3"
GROUP: Final = 128
"""Rows that are written together at the latest."""


@contextlib.contextmanager
def reading_store(folder: Path) -> Iterator[sa.Engine]:
    """Open the index in a store's folder for reading only, beside a running viewer."""
    path = (folder / LEDGER_NAME).absolute()
    url = sa.URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    engine = sa.create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def transfers(engine: sa.Engine) -> list[TransferId]:
    """Return every registered transfer."""
    with reading(engine) as connection:
        here = sa.select(TRANSFERS.c.id).where(TRANSFERS.c.deleted.is_(None))
        return [TransferId(row.id) for row in connection.execute(here)]


def instances(engine: sa.Engine, transfer: TransferId) -> list[Instance]:
    """Return the instances of a transfer in the order they came."""
    query = (
        sa.select(INSTANCES).where(INSTANCES.c.transfer == transfer).order_by(INSTANCES.c.number)
    )
    with reading(engine) as connection:
        return [_instance(row) for row in connection.execute(query)]


def instance(engine: sa.Engine, transfer: TransferId, number: int) -> Instance | None:
    """Return one instance of this transfer, None for a number of another one or of none."""
    query = sa.select(INSTANCES).where(
        INSTANCES.c.transfer == transfer, INSTANCES.c.number == number
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return _instance(row) if row is not None else None


def of_uid(engine: sa.Engine, transfer: TransferId, sop_instance_uid: str) -> list[Instance]:
    """Return the instances of this transfer with one UID, in the order they came."""
    query = sa.select(INSTANCES).where(
        INSTANCES.c.transfer == transfer, INSTANCES.c.sop_instance_uid == sop_instance_uid
    )
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(INSTANCES.c.number))
        return [_instance(row) for row in rows]


def stored_instances(engine: sa.Engine, transfer: TransferId) -> tuple[StoredInstance, ...]:
    """Return the index of a transfer as the inner contract has it."""
    return tuple(
        StoredInstance(
            row.claims.sop_instance_uid,
            row.data_set_sha256,
            row.forwarding is Forwarding.IN_PACS,
        )
        for row in instances(engine, transfer)
    )


class Index:
    """The one writer of the instances table. May be shared by threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[Kept] = []
        self.arrived = threading.Event()
        """Set whenever rows were written that no worker has read yet."""

    def add(self, kept: Kept) -> None:
        """Note a durable instance; it is in the index from the next flush on."""
        with self._lock:
            self._waiting.append(kept)
            many = len(self._waiting) >= GROUP
        if many and not self._writing.locked():  # else somebody is at it: this one need not wait
            self.flush()

    def flush(self) -> None:
        """Write what was noted before, durable on return."""
        with self._writing:
            with self._lock:
                group = list(self._waiting)
            if not group:
                return
            with self._engine.begin() as connection:
                _insert(connection, group)
            with self._lock:
                del self._waiting[: len(group)]
        self.arrived.set()

    def complete_from(self, store: Store) -> int:
        """Add what the files prove and the index lacks; return how many. For the start."""
        known_transfers = set(transfers(self._engine))
        count = 0
        for transfer in store.transfers():
            if transfer in known_transfers:
                names = frozenset(row.file_name for row in instances(self._engine, transfer))
                for kept in store.evidence(transfer, names):
                    self.add(kept)
                    count += 1
        self.flush()
        return count

    def unread(self, transfer: TransferId | None, most: int) -> list[Instance]:
        """Return up to ``most`` instances that no worker has read, of one transfer or of all."""
        query = sa.select(INSTANCES).where(INSTANCES.c.reading == Reading.WAITING)
        if transfer is not None:
            query = query.where(INSTANCES.c.transfer == transfer)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(INSTANCES.c.number).limit(most))
            return [_instance(row) for row in rows]

    def note_facts(self, facts: dict[int, InstanceFacts | None]) -> None:
        """Write what workers read, by instance number; None: unreadable."""
        if not facts:
            return
        update = (
            sa.update(INSTANCES)
            .where(INSTANCES.c.number == sa.bindparam("which"))
            .values(reading=sa.bindparam("how"), facts=sa.bindparam("what"))
        )
        rows = [
            {
                "which": number,
                "how": Reading.READ if read else Reading.UNREADABLE,
                "what": read.encode() if read else "",
            }
            for number, read in facts.items()
        ]
        with self._engine.begin() as connection:
            connection.execute(update, rows)

    def note_forwarding(
        self, number: int, forwarding: Forwarding, status: int | None, sent_as: str = ""
    ) -> None:
        """Write how far an instance is on its way to the PACS, and in which transfer syntax."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(INSTANCES)
                .where(INSTANCES.c.number == number)
                .values(forwarding=forwarding, forward_status=status, sent_as=sent_as)
            )

    def forget_forwarding(self, transfer: TransferId) -> None:
        """Let every instance of a transfer begin its way anew: to another archive."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(INSTANCES)
                .where(INSTANCES.c.transfer == transfer)
                .values(
                    forwarding=Forwarding.WAITING, forward_status=None, proof=Proof.NONE, sent_as=""
                )
            )

    def note_in_pacs(self, numbers: list[int], proof: Proof) -> None:
        """Write that the PACS itself vouches for these instances."""
        with self._engine.begin() as connection:
            for number in numbers:
                connection.execute(
                    sa.update(INSTANCES)
                    .where(INSTANCES.c.number == number)
                    .values(forwarding=Forwarding.IN_PACS, proof=proof)
                )


def _insert(connection: sa.Connection, group: Sequence[Kept]) -> None:
    """Write the instances that are not in the index yet, in the order they came."""
    query = sa.select(
        INSTANCES.c.transfer,
        INSTANCES.c.sop_instance_uid,
        INSTANCES.c.file_name,
        INSTANCES.c.archived_bytes,
    ).where(
        INSTANCES.c.transfer.in_({kept.transfer for kept in group}),
        INSTANCES.c.sop_instance_uid.in_({kept.claims.sop_instance_uid for kept in group}),
    )
    names: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    archived = set()
    for row in connection.execute(query):
        names[row.transfer, row.sop_instance_uid].add(row.file_name)
        if row.archived_bytes is not None:
            archived.add((row.transfer, row.file_name))
    rows = []
    for kept in group:
        same = names[kept.transfer, kept.claims.sop_instance_uid]
        if kept.file_name not in same:
            rows.append(_row(kept, beside=bool(same)))
            same.add(kept.file_name)
        elif kept.archived is None and (kept.transfer, kept.file_name) in archived:
            _note_here(connection, kept)
    if rows:
        connection.execute(sa.insert(INSTANCES), rows)


def _note_here(connection: sa.Connection, kept: Kept) -> None:
    """Write that an instance came again and lies here now: the archive's is the same no more."""
    connection.execute(
        sa.update(INSTANCES)
        .where(INSTANCES.c.transfer == kept.transfer, INSTANCES.c.file_name == kept.file_name)
        .values(archived_sha256=None, archived_bytes=None)
    )


def _row(kept: Kept, *, beside: bool) -> dict[str, Any]:
    return {
        "transfer": kept.transfer,
        "file_name": kept.file_name,
        "sop_class_uid": kept.claims.sop_class_uid,
        "sop_instance_uid": kept.claims.sop_instance_uid,
        "transfer_syntax_uid": kept.claims.transfer_syntax_uid,
        "data_set_sha256": kept.data_set_sha256,
        "data_set_bytes": kept.data_set_bytes,
        "beside": beside,
        "reading": Reading.READ if kept.facts else Reading.WAITING,
        "facts": kept.facts,
        "archived_sha256": kept.archived.data_set_sha256 if kept.archived else None,
        "archived_bytes": kept.archived.data_set_bytes if kept.archived else None,
        "forwarding": Forwarding.WAITING,
    }


def _instance(row: sa.Row[Any]) -> Instance:
    read = Reading(row.reading)
    return Instance(
        row.number,
        TransferId(row.transfer),
        row.file_name,
        Claims(row.sop_class_uid, row.sop_instance_uid, row.transfer_syntax_uid),
        row.data_set_sha256,
        row.data_set_bytes,
        row.beside,
        read,
        InstanceFacts.parse(row.facts.encode()) if read is Reading.READ else None,
        Forwarding(row.forwarding),
        row.forward_status,
        Proof(row.proof),
        row.sent_as,
        Archived(row.archived_sha256, row.archived_bytes) if row.archived_sha256 else None,
    )
