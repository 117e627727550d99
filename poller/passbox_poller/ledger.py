"""The poller's ledger in words.

Each method is one transaction, and every change of state goes through wire's table.

It decides nothing and talks to nobody. Rows about a transfer stay after its spool is gone: later
receipts are written from them, and a pack that is offered again is recognised.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from passbox_base.clocks import Clock
from passbox_base.ledger import open_ledger, reading, sqlite_url
from passbox_poller import heads, standstills
from passbox_poller.file_rows import counted_of, file_row, result_of
from passbox_poller.notices import Notices
from passbox_poller.standstills import Standstills
from passbox_poller.tables import FILES, MARKS, PACKS, RECEIPTS, TRANSFERS
from passbox_poller.verdict import CountedFile, Result, Verdict, verdict_event
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason, WorkItem
from passbox_wire.messages import HeldPack
from passbox_wire.states import (
    DELIVERY,
    DeliveryEvent,
    DeliveryState,
    ForwardState,
    UploadState,
    after,
)

MIGRATIONS: Final = Path(__file__).parent / "migrations"
FILE_NAME: Final = "ledger.sqlite3"


@dataclass(frozen=True, slots=True)
class KnownTransfer:
    """One transfer as the ledger has it; the last five say which deeds are done.

    ``deleted``: by the viewer, all of it.
    """

    id: TransferId
    delivery: DeliveryState
    forward: ForwardState
    upload: UploadState
    packs_said: int
    packs_sha256: bytes | None
    opened: int
    stop_reason: StopReason | None
    ae_title: str
    mail_to: str
    report_key: bytes | None
    manifest_sha256: bytes | None
    stop_told: bool
    shown: bool
    announced: bool
    finished: bool
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class PendingReceipt:
    """A signed receipt that the receiver does not have yet."""

    sequence: int
    signed: bytes


class Ledger:
    """One poller's ledger. May be shared by threads."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @classmethod
    def open(cls, folder: Path, clock: Clock) -> "Ledger":
        """Open or create the ledger in ``folder``; raise LedgerUnusable, StoreFailed, StoreFull."""
        return cls(open_ledger(sqlite_url(folder / FILE_NAME), MIGRATIONS, clock=clock), clock)

    @classmethod
    def beside(cls, folder: Path, clock: Clock) -> "Ledger":
        """Open the ledger in ``folder`` for reading only, beside a running poller.

        Raises FileNotFoundError where no poller has ever run.
        """
        path = (folder / FILE_NAME).absolute()
        path.stat()
        url = sa.URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})
        return cls(sa.create_engine(url), clock)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def note(self, item: WorkItem) -> bool:
        """Take note of what the receiver says about a transfer; return whether it is known."""
        with self._engine.begin() as connection:
            return connection.execute(_update(item.transfer, **_said(item))).rowcount > 0

    def begin(self, item: WorkItem) -> None:
        """Make a transfer known; one that is stays as it is."""
        row = {"id": item.transfer, "opened": item.opened, **_said(item), **_NEW_TRANSFER}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(TRANSFERS).prefix_with("OR IGNORE").values(row))

    def transfer(self, transfer: TransferId) -> KnownTransfer | None:
        """Return what is known of a transfer."""
        with reading(self._engine) as connection:
            row = connection.execute(
                sa.select(TRANSFERS).where(TRANSFERS.c.id == transfer)
            ).one_or_none()
        return _known(row) if row is not None else None

    def is_deleted(self, transfer: TransferId) -> bool:
        """Return whether the viewer has deleted a transfer."""
        known = self.transfer(transfer)
        return known is not None and known.deleted

    def transfers(self) -> list[KnownTransfer]:
        """Return all transfers, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(TRANSFERS).order_by(TRANSFERS.c.opened))
            return [_known(row) for row in rows]

    def unfinished(self) -> list[TransferId]:
        """Return the transfers that still need something done, also only a receipt handed over."""
        pending = sa.select(RECEIPTS.c.transfer).where(RECEIPTS.c.handed_over.is_(other=False))
        query = sa.select(TRANSFERS.c.id).where(
            sa.or_(TRANSFERS.c.finished.is_(other=False), TRANSFERS.c.id.in_(pending))
        )
        with reading(self._engine) as connection:
            return [TransferId(row.id) for row in connection.execute(query)]

    def update(self, transfer: TransferId, **values: Any) -> None:
        """Set columns of a transfer; not its delivery state, which step() alone writes."""
        with self._engine.begin() as connection:
            connection.execute(_update(transfer, **values))

    def step(self, transfer: TransferId, event: DeliveryEvent, **values: Any) -> DeliveryState:
        """Move the delivery state by wire's table and set ``values`` with it.

        Raise IllegalTransition.
        """
        with self._engine.begin() as connection:
            return _step(connection, transfer, event, values)

    def packs(self, transfer: TransferId) -> dict[int, bytes]:
        """Return number and digest of each pack that was ever durable in the spool."""
        query = sa.select(PACKS.c.number, PACKS.c.sha256).where(PACKS.c.transfer == transfer)
        with reading(self._engine) as connection:
            return {row.number: row.sha256 for row in connection.execute(query)}

    def add_packs(self, transfer: TransferId, packs: Iterable[HeldPack]) -> None:
        """Take note of packs that are durable in the spool; one that is known stays as it is."""
        rows = [
            {
                "transfer": transfer,
                "number": pack.number,
                "sha256": pack.sha256,
                "length": pack.length,
                "acknowledged": False,
            }
            for pack in packs
        ]
        if not rows:
            return
        with self._engine.begin() as connection:
            added = connection.execute(sa.insert(PACKS).prefix_with("OR IGNORE"), rows).rowcount
            if added > 0:
                standstills.pack_came(connection, transfer, int(self._clock.now().timestamp()))

    def acknowledged(self, transfer: TransferId, numbers: Iterable[int]) -> None:
        """Take note that the receiver knows we hold these packs."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(PACKS)
                .where(PACKS.c.transfer == transfer, PACKS.c.number.in_(list(numbers)))
                .values(acknowledged=True)
            )

    def results(self, transfer: TransferId) -> dict[int, Result]:
        """Return the files that have a result, by index."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(FILES).where(FILES.c.transfer == transfer))
            return {row.position: result_of(row) for row in rows}

    def add_results(self, transfer: TransferId, results: Iterable[Result]) -> None:
        """Take note of results; one that is known stays as it is."""
        rows = [file_row(transfer, result) for result in results]
        if not rows:
            return
        with self._engine.begin() as connection:
            connection.execute(sa.insert(FILES).prefix_with("OR IGNORE"), rows)

    def forget_results(self, transfer: TransferId, indexes: Iterable[int]) -> None:
        """Drop results that turned out not to hold, so that the files are done again."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.delete(FILES).where(
                    FILES.c.transfer == transfer, FILES.c.position.in_(list(indexes))
                )
            )

    def add_verdict(
        self, transfer: TransferId, verdict: Verdict, manifest_sha256: bytes
    ) -> DeliveryState:
        """Write the verdict, its files and the state that follows, all or nothing."""
        rows = [
            file_row(transfer, file.result)
            | {
                "judged": True,
                "counted": file.counted,
                "kind": file.claim.kind,
                "part": file.part,
                "study": file.study,
            }
            for file in verdict.files
        ]
        with self._engine.begin() as connection:
            connection.execute(sa.delete(FILES).where(FILES.c.transfer == transfer))
            if rows:
                connection.execute(sa.insert(FILES), rows)
            values = {"manifest_sha256": manifest_sha256}
            return _step(connection, transfer, verdict.event, values)

    def judged_files(self, transfer: TransferId) -> list[CountedFile]:
        """Return the files of the verdict, in order of index; none before it."""
        query = (
            sa.select(FILES)
            .where(FILES.c.transfer == transfer, FILES.c.judged)
            .order_by(FILES.c.position)
        )
        with reading(self._engine) as connection:
            return [counted_of(row) for row in connection.execute(query)]

    def release_file(self, transfer: TransferId, result: Result) -> DeliveryState:
        """Write down that a file was accepted after all, and what follows for its delivery.

        Raises IllegalTransition where no verdict has been.
        """
        here = (FILES.c.transfer == transfer) & FILES.c.judged
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(FILES)
                .where(here, FILES.c.position == result.index)
                .values(
                    result=result.result,
                    reason=result.reason,
                    sop_instance_uid=result.sop_instance_uid,
                    data_set_sha256=result.data_set_sha256,
                )
            )
            rows = connection.execute(sa.select(FILES).where(here)).all()
            return _step(connection, transfer, verdict_event(map(counted_of, rows)), {})

    def last_sequence(self, transfer: TransferId) -> int:
        """Return the sequence of the newest receipt, 0 when there is none."""
        query = sa.select(sa.func.max(RECEIPTS.c.sequence)).where(RECEIPTS.c.transfer == transfer)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar() or 0

    def add_receipt(self, transfer: TransferId, sequence: int, signed: bytes) -> None:
        """Keep a signed receipt before anybody sees it."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(RECEIPTS).values(
                    transfer=transfer, sequence=sequence, signed=signed, handed_over=False
                )
            )

    def pending_receipts(self, transfer: TransferId) -> list[PendingReceipt]:
        """Return receipts the receiver does not have, oldest first."""
        query = (
            sa.select(RECEIPTS.c.sequence, RECEIPTS.c.signed)
            .where(RECEIPTS.c.transfer == transfer, RECEIPTS.c.handed_over.is_(other=False))
            .order_by(RECEIPTS.c.sequence)
        )
        with reading(self._engine) as connection:
            return [PendingReceipt(row.sequence, row.signed) for row in connection.execute(query)]

    def handed_over(self, transfer: TransferId, sequence: int) -> None:
        """Take note that the receiver has this receipt."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(RECEIPTS)
                .where(RECEIPTS.c.transfer == transfer, RECEIPTS.c.sequence == sequence)
                .values(handed_over=True)
            )

    def mark(self, name: str) -> int:
        """Return how far something was read, 0 at first."""
        with reading(self._engine) as connection:
            query = sa.select(MARKS.c.value).where(MARKS.c.name == name)
            return connection.execute(query).scalar() or 0

    def set_mark(self, name: str, value: int) -> None:
        """Keep how far something was read."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(MARKS).prefix_with("OR REPLACE").values(name=name, value=value)
            )

    @property
    def standstills(self) -> Standstills:
        """Which transfers stand still, and who knows."""
        return Standstills(self._engine)

    @property
    def notices(self) -> Notices:
        """Who is to hear of what."""
        return Notices(self._engine)

    def audit_heads(self) -> list[bytes]:
        """Return the heads of the receiver's audit chain that were kept, oldest first."""
        with reading(self._engine) as connection:
            return heads.kept(connection)

    def keep_audit_head(self, sha256: bytes) -> None:
        """Keep a head of the receiver's audit chain, once when it did not change."""
        with self._engine.begin() as connection:
            heads.keep(connection, sha256, int(self._clock.now().timestamp()))


_NEW_TRANSFER: Mapping[str, Any] = {
    "delivery": DeliveryState.ARRIVING,
    "forward": ForwardState.STAGED,
    "stop_reason": "",
    "ae_title": "",
    "mail_to": "",
    "stop_told": False,
    "shown": False,
    "announced": False,
    "finished": False,
    "deleted": False,
}


def _said(item: WorkItem) -> dict[str, Any]:
    return {
        "upload": item.state,
        "packs_said": item.packs,
        "packs_sha256": item.packs_sha256,
    }


def _update(transfer: TransferId, **values: Any) -> sa.Update:
    return sa.update(TRANSFERS).where(TRANSFERS.c.id == transfer).values(**values)


def _step(
    connection: sa.Connection, transfer: TransferId, event: DeliveryEvent, values: Mapping[str, Any]
) -> DeliveryState:
    query = sa.select(TRANSFERS.c.delivery).where(TRANSFERS.c.id == transfer)
    state = after(DELIVERY, DeliveryState(connection.execute(query).scalar_one()), event)
    connection.execute(_update(transfer, delivery=state, **values))
    return state


def _known(row: Any) -> KnownTransfer:
    return KnownTransfer(
        id=TransferId(row.id),
        delivery=DeliveryState(row.delivery),
        forward=ForwardState(row.forward),
        upload=UploadState(row.upload),
        packs_said=row.packs_said,
        packs_sha256=row.packs_sha256,
        opened=row.opened,
        stop_reason=StopReason(row.stop_reason) if row.stop_reason else None,
        ae_title=row.ae_title,
        mail_to=row.mail_to,
        report_key=row.report_key,
        manifest_sha256=row.manifest_sha256,
        stop_told=row.stop_told,
        shown=row.shown,
        announced=row.announced,
        finished=row.finished,
        deleted=row.deleted,
    )
