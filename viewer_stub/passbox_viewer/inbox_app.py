"""A department's inbox as a page: the list, and a button that opens a transfer; see inbox.py.

GET shows the list and writes the look into the audit; opening is a POST, for it mints a link.
"""

from typing import Annotated

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import RedirectResponse

from passbox_viewer import links
from passbox_viewer.page import render_inbox
from passbox_viewer.rooms import Rooms
from passbox_viewer.visitors import NoSuchPage, Visitors, html, texts_of


def add_inbox(app: FastAPI, rooms: Rooms, visitors: Visitors) -> None:
    """Add the routes."""
    inbox = rooms.office.inbox

    def show(request: Request, token: str, lang: str | None = None) -> Response:
        author, department = visitors.author(request), inbox.department(token)
        if department is None:
            raise NoSuchPage
        inbox.looked_at(department, links.name_of(token), author)
        entries = inbox.entries(department)
        t = texts_of(request, lang)
        return html(
            render_inbox(
                t, rooms.hospital, f"/inbox/{token}", visitors.csrf(token),
                department, inbox.days, entries,
            )
        )  # fmt: skip

    def open_transfer(
        request: Request,
        token: str,
        csrf: Annotated[str, Form(max_length=128)] = "",
        transfer: Annotated[str, Form(max_length=32)] = "",
        lang: Annotated[str | None, Form(max_length=2)] = None,
    ) -> Response:
        author, department = visitors.author(request), inbox.department(token)
        if department is None:
            raise NoSuchPage
        t = texts_of(request, lang)
        if not visitors.sent_by(request, token, csrf):
            return visitors.message(t, "stale_title", "stale", 403)
        opened = inbox.open(department, transfer, author)
        if opened is None:
            raise NoSuchPage
        return RedirectResponse(f"/s/{opened}?lang={t.lang}", status_code=303)

    app.add_api_route("/inbox/{token}", show, methods=["GET"], response_model=None)
    app.add_api_route("/inbox/{token}/open", open_transfer, methods=["POST"], response_model=None)
