"""How many bytes came from whom: settled in the ledger, in flight in memory.

The rule: bytes are reserved before the first one is read and settled after the last one was, also
when the request failed; so a quota can be passed by nobody, however many requests he starts at
once. Days are Unix days (UTC). What is settled survives a restart; what was in flight when the
process died is lost from the count, at most one pack a request.

``Reservations`` belongs to one process. Several receivers on one ledger need it there.
"""

import threading
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from passbox_receiver.admission import DAY_SECONDS, RESERVATION_SECONDS, Share, Standing
from passbox_receiver.sources import Source
from passbox_receiver.tables import EVERYBODY, transfers, usage
from passbox_wire.ids import TransferId
from passbox_wire.states import UploadState

_OPEN = [UploadState.OPENED, UploadState.RECEIVING]


@dataclass(frozen=True, slots=True)
class Free:
    """What a disk has left: bytes, and files (inodes) that can be made."""

    size: int
    files: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """One request in flight: up to ``length`` bytes from ``source`` into ``transfer``."""

    source: Source
    transfer: TransferId
    length: int


class Reservations:
    """What is in flight now. Hold ``deciding`` from looking to adding."""

    def __init__(self) -> None:
        self.deciding = threading.Lock()
        self._counting = threading.Lock()
        self._bytes: Counter[str] = Counter()
        self._transfer_bytes: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()
        self._all_requests = 0

    def add(self, reservation: Reservation) -> None:
        """Count a request in; the caller holds ``deciding``."""
        self._count(reservation, 1)

    def remove(self, reservation: Reservation) -> None:
        """Count a request out."""
        self._count(reservation, -1)

    def bytes_of(self, key: str) -> int:
        """Return bytes in flight of a source, of a /48, or of EVERYBODY."""
        return self._bytes[key]

    @property
    def requests(self) -> int:
        """Return how many requests are in flight: each may become one file."""
        return self._all_requests

    def of_transfer(self, transfer: TransferId) -> tuple[int, int]:
        """Return (requests, bytes) in flight of a transfer."""
        return self._requests[transfer], self._transfer_bytes[transfer]

    def _count(self, reservation: Reservation, sign: int) -> None:
        with self._counting:
            for key in keys_of(reservation.source):
                _add(self._bytes, key, sign * reservation.length)
            _add(self._transfer_bytes, reservation.transfer, sign * reservation.length)
            _add(self._requests, reservation.transfer, sign)
            self._all_requests += sign


def _add(counts: Counter[str], key: str, number: int) -> None:
    counts[key] += number
    if not counts[key]:
        del counts[key]


def keys_of(source: Source) -> list[str]:
    """Return everything a byte of this source is counted under."""
    return [EVERYBODY, source.key, *([source.wide] if source.wide else [])]


def settle(connection: sa.Connection, reservation: Reservation, came: int, now: int) -> None:
    """Write that ``came`` bytes of request body were read."""
    if not came:
        return
    rows = [
        {"day": now // DAY_SECONDS, "source": key, "bytes": came}
        for key in keys_of(reservation.source)
    ]
    adding = insert(usage).values(rows)
    adding = adding.on_conflict_do_update(
        index_elements=[usage.c.day, usage.c.source],
        set_={"bytes": usage.c.bytes + adding.excluded.bytes},
    )
    connection.execute(adding)
    connection.execute(
        sa.update(transfers)
        .where(transfers.c.transfer == reservation.transfer)
        .values(bytes_on_wire=transfers.c.bytes_on_wire + came)
    )


def used_today(connection: sa.Connection, key: str, now: int) -> int:
    """Return the bytes settled today under a source, a /48 or EVERYBODY."""
    query = sa.select(usage.c.bytes).where(usage.c.day == now // DAY_SECONDS, usage.c.source == key)
    return connection.scalar(query) or 0


def standing(
    connection: sa.Connection, flying: Reservations, source: Source, free: Free, now: int
) -> Standing:
    """Return what admission has to know about this source and everybody."""

    def share(key: str, whose: sa.ColumnElement[bool]) -> Share:
        used = used_today(connection, key, now) + flying.bytes_of(key)
        return Share(used, _reserved(connection, whose, now))

    return Standing(
        now=now,
        source=share(source.key, transfers.c.source == source.key),
        wide=share(source.wide, transfers.c.wide_source == source.wide) if source.wide else Share(),
        everybody=share(EVERYBODY, sa.true()),
        free_bytes=free.size - flying.bytes_of(EVERYBODY),
        free_files=free.files - flying.requests,
        open_by_source=_open_transfers(connection, transfers.c.source == source.key),
        open_by_wide=_open_transfers(connection, transfers.c.wide_source == source.wide)
        if source.wide
        else 0,
        open_by_everybody=_open_transfers(connection, sa.true()),
        opened_by_source=_opened_today(connection, transfers.c.source == source.key, now),
        opened_by_wide=_opened_today(connection, transfers.c.wide_source == source.wide, now)
        if source.wide
        else 0,
        waited=_waited(connection, now),
    )


def _reserved(connection: sa.Connection, whose: sa.ColumnElement[bool], now: int) -> int:
    """Sum what moving transfers declared and have not sent yet."""
    left = transfers.c.total_bytes - transfers.c.bytes_held
    last_seen = sa.func.coalesce(transfers.c.last_pack, transfers.c.opened)
    query = sa.select(sa.func.coalesce(sa.func.sum(left), 0)).where(
        transfers.c.state.in_(_OPEN), last_seen > now - RESERVATION_SECONDS, left > 0, whose
    )
    return int(connection.scalar(query) or 0)


def _open_transfers(connection: sa.Connection, whose: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).where(transfers.c.state.in_(_OPEN), whose)
    return connection.scalar(query) or 0


def _opened_today(connection: sa.Connection, whose: sa.ColumnElement[bool], now: int) -> int:
    today = transfers.c.opened >= now - now % DAY_SECONDS
    return connection.scalar(sa.select(sa.func.count()).where(today, whose)) or 0


def _waited(connection: sa.Connection, now: int) -> int:
    query = sa.select(sa.func.min(transfers.c.ended)).where(
        transfers.c.state == UploadState.CLOSED, transfers.c.waiting > 0
    )
    since = connection.scalar(query)
    return now - since if since is not None else 0
