"""The ledger: a small database that is an index of what the disk proves, and holds what it cannot.

Why here: receiver, poller and viewer each have one, opened and migrated in the same careful way.

The rule: SQLAlchemy Core, no ORM; tables in the program's tables.py, revisions in its migrations/
(alembic files only: env and template are ours). Embedded it is SQLite in WAL with synchronous
FULL, so a commit survives a power failure; every transaction takes the write lock at its start,
so none fails half way for being late; reading() does not. It is migrated at start, all revisions
in one transaction, after a copy was put beside it. A ledger newer than the program is left alone.

It knows no table of its own. PostgreSQL works by its URL; copying it is then the operator's.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from passbox_base.clocks import Clock
from passbox_base.durable import PRIVATE, disk_errors, fsync_directory, sync_descriptor
from passbox_base.errors import LedgerUnusable

BUSY_SECONDS: Final = 30
_ENVIRONMENT: Final = Path(__file__).parent / "ledger_environment"
_READS_ONLY: Final = "passbox_reads_only"


def sqlite_url(path: Path) -> str:
    """Return the URL of an embedded ledger in a file."""
    return sa.URL.create("sqlite", database=str(path.absolute())).render_as_string()


def open_ledger(url: str, migrations: Path, *, clock: Clock) -> sa.Engine:
    """Return an engine on the ledger at ``url``, created or migrated to the newest revision.

    ``migrations``: the program's folder of revisions.
    Raises LedgerUnusable, StoreFailed, StoreFull.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _create_private(_database_file(parsed))
        engine = _sqlite_engine(parsed)
    else:
        engine = sa.create_engine(parsed)
    try:
        _migrate(engine, migrations, clock)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise LedgerUnusable("the ledger cannot be opened or migrated") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a snapshot for reading: does not wait for writers. Write with engine.begin()."""
    with engine.execution_options(**{_READS_ONLY: True}).begin() as connection:
        yield connection


def forget_deleted(engine: sa.Engine) -> bool:
    """Empty the write-ahead log, in which pages stay as they were before a deletion.

    False when somebody reads just now: the next time will do.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        told = cursor.fetchone()
        cursor.close()
    finally:
        connection.close()
    return told is not None and not told[0]


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what was deleted is not left in freed pages; see forget_deleted()
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get(_READS_ONLY)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _create_private(path: Path) -> None:
    """Create the file before SQLite does, so that nobody else reads it; -wal takes our mode."""
    with disk_errors(f"creating {path.name}"):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), PRIVATE))
    fsync_directory(path.parent)


def _database_file(url: sa.URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise LedgerUnusable("a ledger is a file")
    return Path(url.database)


def _migrate(engine: sa.Engine, migrations: Path, clock: Clock) -> None:
    config = _alembic_config(migrations)
    script = ScriptDirectory.from_config(config)
    with engine.begin() as connection:  # the write lock: two programs starting migrate once
        current = MigrationContext.configure(connection).get_current_revision()
        newest = script.get_current_head()
        if current == newest:
            return
        known = {revision.revision for revision in script.walk_revisions()}
        if current is not None and current not in known:
            raise LedgerUnusable("the ledger was written by a newer version of this program")
        if current is not None and engine.dialect.name == "sqlite":
            _copy(_database_file(engine.url), current, clock)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _alembic_config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", _escaped(_ENVIRONMENT))
    config.set_main_option("version_locations", _escaped(migrations))
    config.set_main_option("path_separator", "newline")
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _copy(path: Path, revision: str, clock: Clock) -> None:
    """Put a consistent copy beside the ledger: name.before-<revision>-<time>."""
    copy = path.with_name(f"{path.name}.before-{revision}-{clock.now():%Y%m%dT%H%M%SZ}")
    _create_private(copy)
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    with disk_errors(f"syncing {copy.name}"):
        descriptor = os.open(copy, os.O_RDWR)
        try:
            sync_descriptor(descriptor)
        finally:
            os.close(descriptor)
