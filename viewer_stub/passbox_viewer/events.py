"""What happened to transfers here, in one sequence, for the poller; and a bell to wait for.

An event is written in the same transaction as the change it tells. A link travels once: when the
poller asks for what comes after an event, it has that one, and the link is wiped from the ledger.
"""

import asyncio
import contextlib
import threading
from typing import Final, Self

import sqlalchemy as sa

from passbox_base.ledger import reading
from passbox_viewer.tables import EVENTS
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import MAX_EVENTS, Event, EventKind

_COLUMNS: Final = (
    EVENTS.c.sequence,
    EVENTS.c.transfer,
    EVENTS.c.kind,
    EVENTS.c.time,
    EVENTS.c.link,
    EVENTS.c.in_pacs,
)


def append(
    connection: sa.Connection,
    transfer: TransferId,
    kind: EventKind,
    *,
    now: int,
    link: str = "",
    in_pacs: int = 0,
) -> None:
    """Write an event within the transaction of its cause; ring the bell after the commit."""
    connection.execute(
        sa.insert(EVENTS).values(transfer=transfer, kind=kind, time=now, link=link, in_pacs=in_pacs)
    )


def after(engine: sa.Engine, sequence: int) -> tuple[Event, ...]:
    """Return the events that follow ``sequence``, oldest first, and wipe the links up to it."""
    acknowledged = (EVENTS.c.sequence <= sequence) & (EVENTS.c.link != "")
    query = sa.select(*_COLUMNS).where(EVENTS.c.sequence > sequence)
    with reading(engine) as connection:
        stale = connection.scalar(sa.select(sa.func.count()).where(acknowledged))
        rows = connection.execute(query.order_by(EVENTS.c.sequence).limit(MAX_EVENTS)).all()
    if stale:
        with engine.begin() as connection:
            connection.execute(sa.update(EVENTS).where(acknowledged).values(link=""))
    return tuple(
        Event(
            row.sequence,
            TransferId(row.transfer),
            EventKind(row.kind),
            row.time,
            row.link,
            row.in_pacs,
        )
        for row in rows
    )


class Bell:
    """Wakes coroutines of any event loop from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._closed = False

    def ring(self) -> None:
        """Wake everybody who waits now."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for loop, event in waiting:
            with contextlib.suppress(RuntimeError):  # that loop has ended, and its waiter with it
                loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """Wake everybody, and let nobody wait from now on: the program is ending."""
        self._closed = True
        self.ring()

    def listen(self) -> "Listening":
        """Return a wait that hears every ring from now on: listen first, then look, then wait."""
        return Listening(self)

    def _enter(self, event: asyncio.Event) -> None:
        with self._lock:
            self._waiting.add((asyncio.get_running_loop(), event))
        if self._closed:
            event.set()

    def _leave(self, event: asyncio.Event) -> None:
        with self._lock:
            self._waiting = {waiter for waiter in self._waiting if waiter[1] is not event}


class Listening:
    """One wait for a bell, as a context."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._event = asyncio.Event()

    async def rung(self, seconds: float) -> None:
        """Return when the bell rang since the block began, or after ``seconds``."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)

    def __enter__(self) -> Self:
        self._bell._enter(self._event)  # noqa: SLF001  # two halves of one thing
        return self

    def __exit__(self, *_: object) -> None:
        self._bell._leave(self._event)  # noqa: SLF001  # two halves of one thing
