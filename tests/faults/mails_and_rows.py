"""Acts on the outbox and on a ledger; apart from subjects.py, for their imports take time."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from passbox_base.clocks import SystemClock
from passbox_base.ledger import open_ledger, sqlite_url
from passbox_base.mail import build_mail, stable_message_id
from passbox_base.outbox import Outbox
from tests.faults.subjects import Refused

MIGRATIONS: Final = Path(__file__).parents[1] / "base" / "migrations_example"
MESSAGE_ID: Final = stable_message_id("h.example", "faults")


@contextlib.contextmanager
def database_errors() -> Iterator[None]:
    """What the database says no to, the program does not promise."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise Refused from error


def enqueue_mail(folder: Path) -> Callable[[], object]:
    """A mail into the outbox."""
    outbox, now = Outbox(folder), SystemClock().now()
    mail = build_mail(
        sender="p@h.example",
        recipient="d@h.example",
        subject="s",
        body="b\n",
        message_id=MESSAGE_ID,
        now=now,
    )
    return lambda: outbox.enqueue(mail, now=now)


def commit_row(folder: Path) -> Callable[[], object]:
    """A row into a ledger."""
    engine = open_ledger(sqlite_url(folder / "ledger.sqlite3"), MIGRATIONS, clock=SystemClock())
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE rows (number INTEGER PRIMARY KEY)"))

    def act() -> None:
        with database_errors(), engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO rows VALUES (1)"))

    return act


ACTS: Final = {act.__name__: act for act in (enqueue_mail, commit_row)}
