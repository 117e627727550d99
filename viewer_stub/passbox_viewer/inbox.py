"""A department's inbox: what came for it in the last days, for those who lost the mail.

The rule: the way in is a link of the department's own (128 random bits, kept as a hash, revocable,
expiring), and the house's login besides where one is required. It lists what is released to
people, or stands still so that a person may release it, and opens a transfer by minting a link of
its own that ends within hours: so each opening is in the audit under a name of its own, and
revoking a transfer's links closes this way too. A link of one department shows nothing of another.

A login alone opens no inbox: the proxy says who somebody is, not where he works.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.ledger import reading
from passbox_viewer import links
from passbox_viewer.links import Entropy
from passbox_viewer.tables import INBOX_LINKS, INSTANCES, TRANSFERS
from passbox_viewer.transfer import is_unfinished
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import parse_delivery, parse_facts
from passbox_wire.states import ForwardState

PATH: Final = "/inbox/{token}"
OPENED_SECONDS: Final = 12 * 60 * 60
"""How long a link lives that the inbox minted: a working day."""
MOST_SHOWN: Final = 500
_DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer of the list; ``registered`` in Unix seconds, ``sender`` is unverified."""

    transfer: TransferId
    registered: int
    sender: str
    recipient: str
    phone_code: str
    instances: int
    state: ForwardState
    stands_still: bool = False


def same_department(one: str, other: str) -> bool:
    """Return whether two names mean one department: case and outer blanks do not count."""
    return one.strip().casefold() == other.strip().casefold()


class Inbox:
    """Opens departments' inboxes and what is in them. May be shared by threads."""

    def __init__(
        self,
        engine: sa.Engine,
        audit: AuditChain,
        *,
        clock: Clock,
        entropy: Entropy,
        days: int,
        link_days: int,
    ) -> None:
        """``days`` is how far back it looks, ``link_days`` how long a department's link works."""
        self._engine = engine
        self._audit = audit
        self._clock = clock
        self._entropy = entropy
        self._days = days
        self._lasting = link_days * _DAY

    @property
    def days(self) -> int:
        """How far back the list goes."""
        return self._days

    def department(self, untrusted_token: str) -> str | None:
        """Return whose inbox a token opens, None for any other token."""
        if not links.is_token(untrusted_token):
            return None
        query = sa.select(INBOX_LINKS.c.department).where(
            INBOX_LINKS.c.sha256 == links.hash_of(untrusted_token),
            INBOX_LINKS.c.revoked.is_(None),
            INBOX_LINKS.c.minted > self._now() - self._lasting,
        )
        with reading(self._engine) as connection:
            found: str | None = connection.scalar(query)
        return found

    def looked_at(self, department: str, link: str, author: str) -> None:
        """Write into the audit that the list is about to be shown; else it is not."""
        self._audit.append(
            "inbox looked at", author=author, reason="inbox link", department=department, link=link
        )

    def entries(self, department: str) -> tuple[Entry, ...]:
        """Return what came in the last days and is released or stands still, the newest first."""
        counted = (
            sa.select(sa.func.count())
            .where(INSTANCES.c.transfer == TRANSFERS.c.id)
            .scalar_subquery()
        )
        query = (
            sa.select(TRANSFERS, counted.label("instances"))
            .where(
                TRANSFERS.c.registered > self._now() - self._days * _DAY,
                TRANSFERS.c.deleted.is_(None),
                sa.or_(
                    TRANSFERS.c.forward_state != ForwardState.STAGED,
                    TRANSFERS.c.delivery.is_not(None),
                ),
            )
            .order_by(TRANSFERS.c.registered.desc(), TRANSFERS.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        own = (_entry(row) for row in rows if same_department(row.department, department))
        shown = (one for one in own if one.stands_still or one.state is not ForwardState.STAGED)
        return tuple(itertools.islice(shown, MOST_SHOWN))

    def open(self, department: str, untrusted_transfer: str, author: str) -> str | None:
        """Return a new link's token for a transfer on this department's list, None for others."""
        listed = {entry.transfer for entry in self.entries(department)}
        transfer = next((one for one in listed if one == untrusted_transfer), None)
        if transfer is None:
            return None
        self._audit.append(
            "opened from the inbox", author=author, reason="inbox link", transfer_id=transfer,
            department=department,
        )  # fmt: skip
        now = self._now()
        with self._engine.begin() as connection:
            return links.mint(
                connection, transfer, now, self._entropy, expires=now + OPENED_SECONDS
            )

    def make_link(self, department: str, sha256: bytes) -> None:
        """Let the token with this hash open the inbox of a department; again is fine."""
        known = sa.select(INBOX_LINKS.c.minted).where(INBOX_LINKS.c.sha256 == sha256)
        with self._engine.begin() as connection:
            if connection.scalar(known) is None:
                connection.execute(
                    sa.insert(INBOX_LINKS).values(
                        sha256=sha256, department=department, minted=self._now()
                    )
                )

    def revoke_links(self, department: str) -> None:
        """End every link of a department's inbox."""
        with self._engine.begin() as connection:
            open_ = connection.execute(
                sa.select(INBOX_LINKS).where(INBOX_LINKS.c.revoked.is_(None))
            ).all()
            ending = [r.sha256 for r in open_ if same_department(r.department, department)]
            connection.execute(
                sa.update(INBOX_LINKS)
                .where(INBOX_LINKS.c.sha256.in_(ending))
                .values(revoked=self._now())
            )

    def departments(self) -> Sequence[str]:
        """Return the departments that have a link which works, in order."""
        query = sa.select(INBOX_LINKS.c.department).where(
            INBOX_LINKS.c.revoked.is_(None), INBOX_LINKS.c.minted > self._now() - self._lasting
        )
        with reading(self._engine) as connection:
            return sorted(set(connection.scalars(query)))

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _entry(row: sa.Row[tuple[object, ...]]) -> Entry:
    facts = parse_facts(row.facts)
    state = ForwardState(row.forward_state)
    staged = state is ForwardState.STAGED
    return Entry(
        TransferId(row.id),
        row.registered,
        facts.sender.name,
        facts.recipient,
        row.phone_code,
        row.instances,
        state,
        staged and is_unfinished(parse_delivery(row.delivery)),
    )
