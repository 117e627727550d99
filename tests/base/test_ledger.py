import shutil
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from passbox_base.errors import LedgerUnusable
from passbox_base.ledger import open_ledger, reading, sqlite_url
from tests.builders.clocks import FakeClock

EXAMPLE = Path(__file__).parent / "migrations_example"

SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None
def upgrade():
    with op.batch_alter_table("packs") as packs:
        packs.add_column(sa.Column("length", sa.Integer, server_default="0"))
    {more}
"""


def _open(folder: Path, migrations: Path = EXAMPLE) -> sa.Engine:
    return open_ledger(sqlite_url(folder / "ledger.db"), migrations, clock=FakeClock())


def _with_second(folder: Path, more: str = "") -> Path:
    migrations = folder / "migrations"
    shutil.copytree(EXAMPLE, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "0002_length.py").write_text(SECOND.format(more=more))
    return migrations


def _filled(folder: Path) -> None:
    engine = _open(folder)
    with engine.begin() as connection:
        connection.execute(sa.text("insert into transfers values ('t')"))
        connection.execute(sa.text("insert into packs values ('t', 7)"))
    engine.dispose()


def _rows(engine: sa.Engine, sql: str) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(sql))]
    engine.dispose()
    return rows


def _copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("ledger.db.before-*"))


def test_a_new_ledger_has_the_newest_tables_and_no_copy(tmp_path: Path) -> None:
    """Where there was nothing, there is nothing to copy."""
    assert _rows(_open(tmp_path), "select * from packs") == []
    assert _copies(tmp_path) == []


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    """A ledger that is current is opened as it is."""
    _filled(tmp_path)

    assert _rows(_open(tmp_path), "select * from packs") == [("t", 7)]
    assert _copies(tmp_path) == []


def test_migration_keeps_rows_and_a_copy(tmp_path: Path) -> None:
    """A ledger of an older version is migrated, and stands beside it as it was."""
    _filled(tmp_path)

    assert _rows(_open(tmp_path, _with_second(tmp_path)), "select * from packs") == [("t", 7, 0)]
    (copy,) = _copies(tmp_path)
    assert copy.name == "ledger.db.before-0001-20300102T030405Z"
    assert _rows(sa.create_engine(f"sqlite:///{copy}"), "select * from packs") == [("t", 7)]


def test_a_failed_migration_changes_nothing(tmp_path: Path) -> None:
    """All revisions or none: an error half way leaves the old tables and their rows."""
    _filled(tmp_path)

    with pytest.raises(LedgerUnusable):
        _open(tmp_path, _with_second(tmp_path, 'op.execute("nonsense")'))
    assert _rows(_open(tmp_path), "select * from packs") == [("t", 7)]


def test_a_newer_ledger_is_left_alone(tmp_path: Path) -> None:
    """An older program does not touch what a newer one wrote."""
    _filled(tmp_path)
    _open(tmp_path, _with_second(tmp_path)).dispose()

    with pytest.raises(LedgerUnusable, match="newer"):
        _open(tmp_path)


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    """Garbage is an error of ours with words, not a traceback of the database."""
    (tmp_path / "ledger.db").write_bytes(b"garbage" * 1000)

    with pytest.raises(LedgerUnusable):
        _open(tmp_path)


def test_commits_are_durable_and_keys_are_held(tmp_path: Path) -> None:
    """WAL, synchronous FULL and foreign keys are on for every connection."""
    engine = _open(tmp_path)
    with reading(engine) as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.text("insert into packs values ('unknown', 1)"))
    engine.dispose()

    assert found == ["wal", 2, 1]


def test_a_ledger_is_private(tmp_path: Path) -> None:
    """Nobody else reads the ledger, its write-ahead log or its copy."""
    _filled(tmp_path)
    engine = _open(tmp_path, _with_second(tmp_path))
    with engine.begin() as connection:
        connection.execute(sa.text("insert into transfers values ('u')"))
        modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("ledger.db*")}
    engine.dispose()

    assert modes == {0o600}


def test_writers_queue_and_readers_do_not(tmp_path: Path) -> None:
    """Read-then-write transactions of several threads all count; a reader meanwhile just reads."""
    engine = _open(tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.text("insert into transfers values ('t')"))

    def add() -> None:
        for _ in range(10):
            with engine.begin() as connection:
                most = connection.execute(sa.text("select max(number) from packs")).scalar()
                row = {"n": (most or 0) + 1}
                connection.execute(sa.text("insert into packs values ('t', :n)"), row)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    with engine.begin(), reading(engine) as reader:  # the write lock is held, and one reads
        assert reader.execute(sa.text("select count(*) from transfers")).scalar() == 1
    for thread in threads:
        thread.join()

    assert _rows(engine, "select count(*), max(number) from packs") == [(40, 40)]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_ledger_is_a_file(url: str) -> None:
    """A ledger that forgets is refused."""
    with pytest.raises(LedgerUnusable):
        open_ledger(url, EXAMPLE, clock=FakeClock())
