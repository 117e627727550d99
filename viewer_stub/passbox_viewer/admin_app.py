"""The administrator's pages: how things stand, transfers, quarantine, inboxes, audit.

The rule: every page comes through the door (admin_door.py); GET changes nothing; a deed has a
reason, and goes through orders.py or the quarantine's desk, which write the audit first. No patient
is shown here: whoever has to see images takes a link like everybody else.
"""

import contextlib
import secrets
from collections import deque
from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse

from passbox_base import audit
from passbox_base.errors import ChainBroken
from passbox_base.journal import Entry
from passbox_viewer import census, finding, inbox, links, retention
from passbox_viewer.admin_door import ROOT, Door, Visit
from passbox_viewer.admin_page import render
from passbox_viewer.admin_receiver import add_receiver
from passbox_viewer.errors import UnknownTransfer
from passbox_viewer.orders import DONE, OrderKind
from passbox_viewer.rooms import Rooms
from passbox_viewer.visitors import NoSuchPage, Visitors, html
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inner.admin import CommandKind
from passbox_wire.inner.quarantine import Action

AUDIT_NAME: Final = "audit.jsonl"
_SHOWN_LINES: Final = 100
_SHOWN_FILES: Final = 200
_LOOKED_THROUGH: Final = 200
_MAX_DEPARTMENT: Final = 400
_DEEDS: Final = {
    "revoke": OrderKind.REVOKE_LINKS,
    "hold": OrderKind.HOLD,
    "release": OrderKind.RELEASE_HOLD,
    "delete": OrderKind.DELETE,
}


def add_admin(app: FastAPI, rooms: Rooms, visitors: Visitors) -> None:
    """Add the pages of the administrator."""
    door = Door(app, rooms, visitors)
    pages = _Pages(rooms)
    door.get(ROOT, pages.overview)
    door.get(f"{ROOT}/transfers", pages.transfers)
    door.get(f"{ROOT}/transfers/{{transfer}}", pages.transfer)
    door.post(f"{ROOT}/transfers/{{transfer}}/{{deed}}", pages.transfer_deed)
    door.get(f"{ROOT}/quarantine", pages.quarantine)
    door.post(f"{ROOT}/quarantine", pages.decide)
    door.get(f"{ROOT}/inboxes", pages.inboxes)
    door.post(f"{ROOT}/inboxes", pages.inbox_deed)
    door.get(f"{ROOT}/audit", pages.audit)
    add_receiver(door, rooms)


class _Pages:
    """The handlers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._office = rooms.office

    def overview(self, visit: Visit) -> Response:
        """Show the five numbers and the last thirty days."""
        said = census.monitor(self._office)
        stopped = bool(said and said.rows and said.rows[0].get("stopped"))
        return self._page(
            "overview", visit, numbers=census.numbers(self._office),
            charts=census.charts(self._office), stopped=stopped,
        )  # fmt: skip

    def transfers(self, visit: Visit) -> Response:
        """Show what was looked for, else the last transfers."""
        words = visit.asked("q")
        found = finding.find(self._office.engine, words)
        return self._page("transfers", visit, found=found, q=words)

    def transfer(self, visit: Visit, problem: str = "") -> Response:
        """Show one transfer, what its sender saw and what happened."""
        found = self._found(visit)
        term = retention.term(self._office.engine, self._office.settings.retention, found.id)
        asked = self._office.commands.newest(_LOOKED_THROUGH)
        said = census.last_answer(asked, CommandKind.TRANSFERS)
        rows = said.rows if said is not None else ()
        return self._page(
            "transfer", visit, 400 if problem else 200,
            here=f"{ROOT}/transfers/{found.id}", found=found, term=term,
            links=self._rooms.transfers.links(found.id),
            asked_at=said.issued if said is not None else None,
            at_receiver=next((row for row in rows if row["transfer"] == found.id), None),
            history=self._history(found.id), problem=problem or _note(visit),
        )  # fmt: skip

    def transfer_deed(self, visit: Visit) -> Response:
        """Revoke, hold, release or delete."""
        found = self._found(visit)
        kind = _DEEDS.get(visit.request.path_params["deed"])
        if kind is None or found.deletion is not None:
            raise NoSuchPage
        sure = kind is not OrderKind.DELETE or visit.form.get("sure") == "yes"
        if not visit.reason or not sure:
            return self.transfer(visit, visit.t("admin_reason_missing"))
        became = self._office.orders.obey(kind, found.id, author=visit.author, reason=visit.reason)
        return _back(f"{ROOT}/transfers/{found.id}", visit, became)

    def quarantine(self, visit: Visit, problem: str = "") -> Response:
        """Show the files that were refused."""
        waiting = self._office.quarantine.waiting(_SHOWN_FILES)
        names = self._names({one.file.transfer for one in waiting})
        return self._page(
            "quarantine", visit, 400 if problem else 200, waiting=waiting, names=names,
            total=self._office.quarantine.total(), problem=problem or _note(visit),
        )  # fmt: skip

    def decide(self, visit: Visit) -> Response:
        """Note that a file is to be released or deleted."""
        if not visit.reason:
            return self.quarantine(visit, visit.t("admin_reason_missing"))
        transfer, _, index = visit.form.get("file", "").partition(" ")
        with contextlib.suppress(Malformed, ValueError):
            listed = self._office.quarantine.decide(
                parse_transfer_id(transfer),
                int(index),
                Action(visit.form.get("action", "")),
                author=visit.author,
                reason=visit.reason,
            )
            if listed:
                return _back(f"{ROOT}/quarantine", visit, DONE)
        raise NoSuchPage

    def inboxes(self, visit: Visit, made: str = "", problem: str = "") -> Response:
        """Show which departments have a link that works."""
        desk = self._office.inbox
        return self._page(
            "inboxes", visit, 400 if problem else 200, departments=desk.departments(),
            days=desk.days, made=made, department=visit.form.get("department", ""),
            problem=problem or _note(visit),
        )  # fmt: skip

    def inbox_deed(self, visit: Visit) -> Response:
        """Make a link, which is shown on the answer and nowhere else; or end a department's."""
        if not visit.reason:
            return self.inboxes(visit, problem=visit.t("admin_reason_missing"))
        department = " ".join(visit.form.get("department", "").split())[:_MAX_DEPARTMENT]
        making = visit.form.get("deed") == "make"
        token = links.new_token(secrets.token_bytes)
        became = self._office.orders.obey(
            OrderKind.MINT_INBOX if making else OrderKind.REVOKE_INBOX,
            department,
            links.hash_of(token).hex() if making else "",
            author=visit.author,
            reason=visit.reason,
        )
        if making and became == DONE:
            base = self._office.settings.pages.base_url.rstrip("/")
            return self.inboxes(visit, made=base + inbox.PATH.format(token=token))
        return _back(f"{ROOT}/inboxes", visit, became)

    def audit(self, visit: Visit) -> Response:
        """Show whether the chain is whole, and its last entries."""
        path = self._office.settings.store.folder / AUDIT_NAME
        lines: deque[Entry] = deque(maxlen=_SHOWN_LINES)
        broken = None
        try:
            lines.extend(audit.entries(path))
        except ChainBroken as error:
            broken = error.line
        count = lines[-1]["n"] if lines else 0
        return self._page("audit", visit, lines=list(reversed(lines)), broken=broken, count=count)

    def _history(self, transfer: TransferId) -> list[Entry]:
        path = self._office.settings.store.folder / AUDIT_NAME
        found: deque[Entry] = deque(maxlen=_SHOWN_LINES)
        with contextlib.suppress(ChainBroken):  # the audit's own page says so
            found.extend(e for e in audit.entries(path) if e["transfer_id"] == transfer)
        return list(reversed(found))

    def _names(self, transfers: set[TransferId]) -> dict[tuple[TransferId, int], str]:
        """Return the names files had on the medium, as the findings tell them."""
        names: dict[tuple[TransferId, int], str] = {}
        for transfer in transfers:
            with contextlib.suppress(UnknownTransfer):
                delivery = self._rooms.transfers.read(transfer).delivery
                for told in delivery.findings if delivery is not None else ():
                    if told.index is not None:
                        names[transfer, told.index] = told.path
        return names

    def _found(self, visit: Visit) -> finding.Found:
        found = finding.one(self._office.engine, visit.request.path_params["transfer"])
        if found is None:
            raise NoSuchPage
        return found

    def _page(self, name: str, visit: Visit, status: int = 200, **values: object) -> Response:
        return html(render(name, visit.t, self._rooms.hospital, visit.session, **values), status)


def _note(visit: Visit) -> str:
    """Return the sentence about the deed that led here; the word is one of ours or is not shown."""
    became = visit.asked("became")
    if became == DONE:
        return visit.t("admin_done")
    return visit.t("admin_not_done", why=became) if became else ""


def _back(path: str, visit: Visit, became: str) -> Response:
    query = urlencode({"lang": visit.t.lang, "became": became})
    return RedirectResponse(f"{path}?{query}", status_code=303)
