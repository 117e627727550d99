"""The link in the mail: 128 random bits that open one transfer's pages and nothing else.

Only its SHA-256 is kept; who reads the ledger cannot open a page. Whoever holds the link may look
and forward, so it is an internal address, goes out only in the mail, expires and can be revoked.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from passbox_viewer.tables import LINKS
from passbox_wire.ids import TransferId

TOKEN_BYTES: Final = 16
PATH: Final = "/s/{token}"

Entropy = Callable[[int], bytes]
"""Returns that many random bytes; secrets.token_bytes, or a test's own."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}\Z")


def mint(connection: sa.Connection, transfer: TransferId, now: int, entropy: Entropy) -> str:
    """Return a new token for ``transfer``; the ledger gets its hash."""
    token = base64.urlsafe_b64encode(entropy(TOKEN_BYTES)).rstrip(b"=").decode()
    connection.execute(sa.insert(LINKS).values(sha256=_hash(token), transfer=transfer, minted=now))
    return token


def opened_by(
    connection: sa.Connection, untrusted_token: str, minted_after: int
) -> TransferId | None:
    """Return the transfer a token opens; None for an unknown, old or revoked one alike.

    ``minted_after`` in Unix seconds: older links have expired.
    """
    if not _TOKEN.match(untrusted_token):
        return None
    query = sa.select(LINKS.c.transfer).where(
        LINKS.c.sha256 == _hash(untrusted_token),
        LINKS.c.revoked.is_(None),
        LINKS.c.minted > minted_after,
    )
    found = connection.scalar(query)
    return TransferId(found) if found is not None else None


def minted_for(connection: sa.Connection, transfer: TransferId) -> int | None:
    """Return when the last link of a transfer was minted, in Unix seconds; None without one."""
    query = sa.select(sa.func.max(LINKS.c.minted)).where(LINKS.c.transfer == transfer)
    minted: int | None = connection.scalar(query)
    return minted


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
