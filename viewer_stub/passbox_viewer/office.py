"""The administrator's office, wired: who may order what, and who carries it out."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_viewer.administrator import Administrator
from passbox_viewer.chores import Chores
from passbox_viewer.commands import Commands
from passbox_viewer.events import Bell
from passbox_viewer.inbox import Inbox
from passbox_viewer.orders import Deed, OrderKind, Orders
from passbox_viewer.quarantine_desk import Heartbeat, QuarantineDesk
from passbox_viewer.retention import Keeper
from passbox_viewer.settings import Settings
from passbox_viewer.store import Store
from passbox_viewer.transfers import Transfers
from passbox_wire.ids import TransferId


@dataclass(frozen=True, slots=True)
class Office:
    """What the admin's pages and the command line reach."""

    settings: Settings
    engine: sa.Engine
    audit: AuditChain
    clock: Clock
    bell: Bell
    admin: Administrator
    inbox: Inbox
    orders: Orders
    keeper: Keeper
    chores: Chores
    quarantine: QuarantineDesk
    heartbeat: Heartbeat
    commands: Commands


def office(
    settings: Settings,
    engine: sa.Engine,
    store: Store,
    transfers: Transfers,
    *,
    audit: AuditChain,
    clock: Clock,
    bell: Bell,
) -> Office:
    """Return the office of a viewer; nothing runs yet but the end of a cut deletion."""
    keeper = Keeper(
        engine, store, audit, settings.retention, clock=clock, entropy=secrets.token_bytes,
        base_url=settings.pages.base_url, bell=bell,
    )  # fmt: skip
    keeper.finish()
    inbox = Inbox(
        engine, audit, clock=clock, entropy=secrets.token_bytes,
        days=settings.pages.inbox_days, link_days=settings.pages.inbox_link_days,
    )  # fmt: skip
    admin = Administrator(engine, clock)
    orders = Orders(engine, audit, clock, _deeds(transfers, keeper, inbox, admin))
    commands = Commands(store.folder, clock, secrets.token_bytes, bell)
    return Office(
        settings, engine, audit, clock, bell, admin, inbox, orders, keeper,
        Chores(orders, keeper, commands),
        QuarantineDesk(engine, audit, clock, bell), Heartbeat(), commands,
    )  # fmt: skip


def _deeds(
    transfers: Transfers, keeper: Keeper, inbox: Inbox, admin: Administrator
) -> Mapping[OrderKind, Deed]:
    return {
        OrderKind.REVOKE_LINKS: lambda order: transfers.revoke_links(TransferId(order.subject)),
        OrderKind.MINT_INBOX: lambda order: inbox.make_link(
            order.subject, bytes.fromhex(order.value)
        ),
        OrderKind.REVOKE_INBOX: lambda order: inbox.revoke_links(order.subject),
        OrderKind.SET_PASSWORD: lambda order: admin.set_password(order.value),
        OrderKind.HOLD: lambda order: keeper.hold(TransferId(order.subject), order.reason),
        OrderKind.RELEASE_HOLD: lambda order: keeper.hold(TransferId(order.subject), ""),
        OrderKind.DELETE: lambda order: keeper.delete(
            TransferId(order.subject), order.author, order.reason
        ),
    }
