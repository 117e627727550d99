"""The link in the mail: 128 random bits that open one transfer's pages and nothing else.

Only its SHA-256 is kept; who reads the ledger cannot open a page. Whoever holds the link may look
and forward, so it is an internal address, goes out only in the mail, expires and can be revoked.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from passbox_viewer.tables import LINKS
from passbox_wire.ids import TransferId

TOKEN_BYTES: Final = 16
PATH: Final = "/s/{token}"

Entropy = Callable[[int], bytes]
"""Returns that many random bytes; secrets.token_bytes, or a test's own."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}\Z")


@dataclass(frozen=True, slots=True)
class Link:
    """One link as the house sees it; ``expires`` and ``revoked`` in Unix seconds.

    ``name`` tells links apart and opens nothing: the first eight digits of the token's hash.
    """

    name: str
    transfer: TransferId
    minted: int
    expires: int
    revoked: int | None


def new_token(entropy: Entropy) -> str:
    """Return 22 letters of 128 random bits."""
    return base64.urlsafe_b64encode(entropy(TOKEN_BYTES)).rstrip(b"=").decode()


def mint(
    connection: sa.Connection,
    transfer: TransferId,
    now: int,
    entropy: Entropy,
    *,
    expires: int | None = None,
) -> str:
    """Return a new token for ``transfer``; the ledger gets its hash.

    ``expires`` in Unix seconds, if it is to end before links of its age do.
    """
    token = new_token(entropy)
    connection.execute(
        sa.insert(LINKS).values(
            sha256=hash_of(token), transfer=transfer, minted=now, expires=expires
        )
    )
    return token


def opened_by(
    connection: sa.Connection, untrusted_token: str, now: int, lasting: int
) -> TransferId | None:
    """Return the transfer a token opens; None for an unknown, old or revoked one alike.

    ``now`` in Unix seconds; links that were minted ``lasting`` seconds before have expired.
    """
    if not is_token(untrusted_token):
        return None
    query = sa.select(LINKS.c.transfer).where(
        LINKS.c.sha256 == hash_of(untrusted_token),
        LINKS.c.revoked.is_(None),
        LINKS.c.minted > now - lasting,
        LINKS.c.expires.is_(None) | (LINKS.c.expires > now),
    )
    found = connection.scalar(query)
    return TransferId(found) if found is not None else None


def of_transfer(connection: sa.Connection, transfer: TransferId, lasting: int) -> tuple[Link, ...]:
    """Return every link of a transfer, the newest first."""
    query = sa.select(LINKS).where(LINKS.c.transfer == transfer).order_by(LINKS.c.minted.desc())
    return tuple(
        Link(
            row.sha256.hex()[:8],
            TransferId(row.transfer),
            row.minted,
            row.minted + lasting if row.expires is None else row.expires,
            row.revoked,
        )
        for row in connection.execute(query)
    )


def ends(connection: sa.Connection, untrusted_token: str, lasting: int) -> int | None:
    """Return when a link expires, in Unix seconds; None for one that was never minted."""
    query = sa.select(LINKS.c.minted, LINKS.c.expires)
    row = connection.execute(query.where(LINKS.c.sha256 == hash_of(untrusted_token))).first()
    if row is None:
        return None
    return row.minted + lasting if row.expires is None else int(row.expires)


def revoke(connection: sa.Connection, transfer: TransferId, now: int) -> int:
    """End every link of a transfer; return how many were open."""
    open_ = (LINKS.c.transfer == transfer) & LINKS.c.revoked.is_(None)
    ended = connection.execute(
        sa.update(LINKS).where(open_).values(revoked=now).returning(LINKS.c.minted)
    )
    return len(ended.all())


def is_token(untrusted: str) -> bool:
    """Return whether this has a token's shape."""
    return bool(_TOKEN.match(untrusted))


def name_of(token: str) -> str:
    """Return what tells a link apart in the audit and opens nothing."""
    return hash_of(token).hex()[:8]


def hash_of(token: str) -> bytes:
    """Return what the ledger keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
