"""What people in charge do on the viewer's host: `passbox viewer links|inbox|admin|retention|…`.

The rule: everything here either reads, or places an order that the running viewer carries out and
writes into its audit (orders.py); it works beside a running viewer, and without one the order waits
for it. Each function takes the path of viewer.toml; answers are plain JSON values. All raise
SettingsError, LedgerUnusable and StoreFailed.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from passbox_base.clocks import Clock, SystemClock
from passbox_base.ledger import open_ledger, reading, sqlite_url
from passbox_viewer import inbox, links, orders, passwords, retention
from passbox_viewer.errors import OrderRefused
from passbox_viewer.index import LEDGER_NAME
from passbox_viewer.orders import OrderKind
from passbox_viewer.settings import Settings, read_settings
from passbox_viewer.tables import TRANSFERS
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, parse_transfer_id

CLOCK: Final[Clock] = SystemClock()
MIGRATIONS: Final = Path(__file__).parent / "migrations"
WAIT_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.1
_DAY: Final = 24 * 60 * 60


def order(
    settings_path: Path,
    kind: OrderKind,
    subject: str = "",
    value: str = "",
    *,
    author: str,
    reason: str,
    wait: float = WAIT_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Place an order; return what became of it within ``wait`` seconds, empty if it still waits."""
    with _ledger(settings_path) as (_, engine):
        if kind in orders.ABOUT_A_TRANSFER:
            subject = _known(engine, subject)
        now = int(CLOCK.now().timestamp())
        number = orders.place(engine, kind, subject, value, author=author, reason=reason, now=now)
        became, waited = orders.outcome(engine, number), 0.0
        while not became and waited < wait:
            pause(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
            became = orders.outcome(engine, number)
        return became


def make_inbox_link(
    settings_path: Path, department: str, *, author: str, reason: str, wait: float = WAIT_SECONDS
) -> tuple[str, str]:
    """Order a link to a department's inbox; return it, and what became of the order."""
    token = links.new_token(secrets.token_bytes)
    became = order(
        settings_path, OrderKind.MINT_INBOX, department, links.hash_of(token).hex(),
        author=author, reason=reason, wait=wait,
    )  # fmt: skip
    base_url = read_settings(settings_path).pages.base_url.rstrip("/")
    return base_url + inbox.PATH.format(token=token), became


def set_password(
    settings_path: Path, password: str, *, author: str, wait: float = WAIT_SECONDS
) -> str:
    """Order a new password for the administrator; raise OrderRefused when it is too short."""
    return order(
        settings_path, OrderKind.SET_PASSWORD, "", passwords.hash_of(password),
        author=author, reason="set on the host", wait=wait,
    )  # fmt: skip


def transfer_links(settings_path: Path, transfer: str) -> list[dict[str, Json]]:
    """Return every link of a transfer: {name, minted, expires, revoked}; none of them opens."""
    with _ledger(settings_path) as (settings, engine), reading(engine) as connection:
        known = links.of_transfer(connection, TransferId(transfer), settings.pages.link_days * _DAY)
        return [
            {"name": one.name, "minted": one.minted, "expires": one.expires, "revoked": one.revoked}
            for one in known
        ]


def due(settings_path: Path) -> list[dict[str, Json]]:
    """Return what the clocks would do now, and when the others end, the first to end first."""
    now = int(CLOCK.now().timestamp())
    with _ledger(settings_path) as (settings, engine):
        return [
            {
                "transfer": term.transfer,
                "department": term.department,
                "state": term.state.value,
                "ends": term.ends,
                "hold": term.hold,
                "now": _would(term, now, settings.retention.warn_days),
            }
            for term in retention.terms(engine, settings.retention)
        ]


def _would(term: retention.Term, now: int, warn_days: int) -> str:
    if term.over(now):
        return "delete"
    return "warn" if term.to_be_warned_of(now, warn_days) else ""


def _known(engine: sa.Engine, untrusted_transfer: str) -> TransferId:
    """Return a transfer that is here, by its id or the beginning of it."""
    begin = TRANSFERS.c.id.startswith(untrusted_transfer, autoescape=True)
    here = sa.select(TRANSFERS.c.id).where(begin, TRANSFERS.c.deleted.is_(None)).limit(2)
    with reading(engine) as connection:
        found = list(connection.scalars(here)) if untrusted_transfer else []
    if len(found) != 1:
        raise OrderRefused("names no transfer that is here, or several")
    try:
        return parse_transfer_id(found[0])
    except Malformed as error:
        raise OrderRefused("names no transfer") from error


@contextlib.contextmanager
def _ledger(settings_path: Path) -> Iterator[tuple[Settings, sa.Engine]]:
    settings = read_settings(settings_path)
    engine = open_ledger(sqlite_url(settings.store.folder / LEDGER_NAME), MIGRATIONS, clock=CLOCK)
    try:
        yield settings, engine
    finally:
        engine.dispose()
