"""What is there of a transfer that stands still, released from its page by a person.

The way in is the department's inbox, which lists it. The rule: until it is released such a link
opens this page and nothing else; GET changes nothing; the form wants who, why and a tick, and
becomes a decision that the poller fetches like those about the quarantine (quarantine_desk.py).
"""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import RedirectResponse

from passbox_viewer import links
from passbox_viewer.rooms import Rooms
from passbox_viewer.standstill_page import MAX_NAME, Filled, render_standstill
from passbox_viewer.transfer import LINK_HOLDER, Transfer
from passbox_viewer.visitors import NoSuchPage, Visitors, html, texts_of
from passbox_wire.errors import Malformed
from passbox_wire.inner.quarantine import MAX_DECISION_REASON

SURE: Final = "yes"


class StandstillPages:
    """The handlers."""

    def __init__(self, rooms: Rooms, visitors: Visitors) -> None:
        self._rooms = rooms
        self._visitors = visitors

    def show(self, request: Request, token: str, lang: str | None) -> Response | None:
        """Show the page of a transfer that stands still, None for any other."""
        author = self._visitors.author(request)
        transfer = self._waiting(token)
        if transfer is None:
            return None
        self._rooms.transfers.looked_at(transfer.id, links.name_of(token), author)
        return self._page(request, token, transfer, lang, Filled())

    def release(  # one parameter a form field
        self,
        request: Request,
        token: str,
        csrf: Annotated[str, Form(max_length=128)] = "",
        name: Annotated[str, Form(max_length=2000)] = "",
        reason: Annotated[str, Form(max_length=2000)] = "",
        sure: Annotated[str, Form(max_length=8)] = "",
        lang: Annotated[str | None, Form(max_length=2)] = None,
    ) -> Response:
        """Have what has come shown; a second time changes nothing."""
        self._visitors.author(request)
        transfer = self._waiting(token)
        if transfer is None and self._rooms.transfers.opened_by(token) is None:
            raise NoSuchPage
        t = texts_of(request, lang)
        if not self._visitors.sent_by(request, token, csrf):
            return self._visitors.message(t, "stale_title", "stale", 403)
        if transfer is not None:
            filled = Filled(_line(name, MAX_NAME), _line(reason, MAX_DECISION_REASON), tried=True)
            if not self._release(request, transfer, filled, sure):
                return self._page(request, token, transfer, lang, filled, 400)
        return RedirectResponse(f"/s/{token}?{urlencode({'lang': t.lang})}", status_code=303)

    def _release(self, request: Request, transfer: Transfer, filled: Filled, sure: str) -> bool:
        """Return whether it was said who releases, why, and that it is meant."""
        user = self._visitors.user(request)
        if not (user or filled.name) or sure != SURE:
            return False
        author = user or f"{filled.name} ({LINK_HOLDER})"
        try:
            self._rooms.office.quarantine.release_transfer(
                transfer.id, author=author, reason=filled.reason
            )
        except Malformed:
            return False
        return True

    def _waiting(self, untrusted_token: str) -> Transfer | None:
        opened = self._rooms.transfers.opened_by(untrusted_token, released=False)
        transfer = self._rooms.transfers.read(opened) if opened is not None else None
        return transfer if transfer is not None and transfer.stands_still else None

    def _page(
        self,
        request: Request,
        token: str,
        transfer: Transfer,
        lang: str | None,
        filled: Filled,
        status: int = 200,
    ) -> Response:
        page = render_standstill(
            texts_of(request, lang), self._rooms.hospital, f"/s/{token}",
            self._visitors.csrf(token), transfer,
            self._rooms.office.quarantine.released(transfer.id),
            self._visitors.user(request), filled,
        )  # fmt: skip
        return html(page, status)


def _line(untrusted: str, most: int) -> str:
    return " ".join(untrusted.split())[:most]


def add_standstill(app: FastAPI, rooms: Rooms, visitors: Visitors) -> StandstillPages:
    """Add the route of the form; the page itself is shown under the study page's address."""
    pages = StandstillPages(rooms, visitors)
    app.add_api_route("/s/{token}/release", pages.release, methods=["POST"], response_model=None)
    return pages
