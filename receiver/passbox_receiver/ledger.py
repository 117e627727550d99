"""The ledger as the receiver uses it: one writer at a time in this process, full disks told apart.

The rule: a transaction is short and holds no network or pack I/O. Other processes (operations.py)
may write too; SQLite's own lock keeps them in order. Counters are how one side hears of the other:
``work`` rises when the inside should look, ``rules`` when an administrator changed something.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from passbox_base.clocks import Clock
from passbox_base.errors import StoreFailed, StoreFull
from passbox_base.ledger import open_ledger, reading, sqlite_url
from passbox_receiver.tables import counters

MIGRATIONS: Final = Path(__file__).parent / "migrations"
WORK: Final = "work"
RULES: Final = "rules"


class Ledger:
    """Transactions on the receiver's ledger."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Open or create it in ``folder``; raise LedgerUnusable, StoreFailed, StoreFull."""
        url = sqlite_url(folder / "ledger.sqlite3")
        self._engine = open_ledger(url, MIGRATIONS, clock=clock)
        # SQLite makes a second writer sleep and try again; a lock wakes it in time.
        self._writer = threading.Lock()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a snapshot; raise StoreFailed."""
        with _database_errors(), reading(self._engine) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction, durable when the block ends; raise StoreFull, StoreFailed."""
        with self._writer, _database_errors(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def counter(connection: sa.Connection, name: str) -> int:
    """Return where a counter stands."""
    return connection.scalar(sa.select(counters.c.value).where(counters.c.name == name)) or 0


def advance(connection: sa.Connection, name: str) -> int:
    """Raise a counter by one and return its value."""
    statement = (
        sa.update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return int(connection.execute(statement).scalar_one())


@contextlib.contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        kind = StoreFull if code == sqlite3.SQLITE_FULL else StoreFailed
        raise kind("the ledger could not be used") from error
