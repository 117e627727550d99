"""The clinicians' pages: one study page behind a link, its pictures, its attachments, one button.

The rule: GET changes nothing (a look is written into the audit); what acts is a POST with a token
of our own from a page of our own origin. Every word from outside is a text node or an attribute
value, escaped by the template; no script, style, frame or request leaves this origin. Nothing is
cached on a shared computer. An unknown link looks like any other wrong address.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from passbox_base.logs import get_logger
from passbox_viewer import attachments, index, links
from passbox_viewer.admin_app import add_admin
from passbox_viewer.archive_app import add_archive
from passbox_viewer.asked import Asking, Comparison
from passbox_viewer.documents_app import add_documents
from passbox_viewer.errors import AWAY, CHANGED, NoPicture, PacsFailed, PacsUnreachable
from passbox_viewer.existing import COMPARE, Existing, Likeness
from passbox_viewer.forms import ForwardForm, WorklistForm
from passbox_viewer.forward import CUT, UNREACHABLE
from passbox_viewer.identity import INCOMPLETE, SEVERAL_PATIENTS, UNWRITABLE
from passbox_viewer.inbox_app import add_inbox
from passbox_viewer.page import (
    Asked,
    Page,
    Problem,
    compare,
    render_study,
)
from passbox_viewer.patients_app import NO_DECISION, add_patients
from passbox_viewer.previews import Drawing, Window
from passbox_viewer.refusal import parse_refusal
from passbox_viewer.retention import term
from passbox_viewer.rooms import Rooms
from passbox_viewer.standing_headers import FOR_EVERY_ORIGIN, add_standing_headers
from passbox_viewer.standstill_app import StandstillPages, add_standstill
from passbox_viewer.study import progress
from passbox_viewer.texts import Texts
from passbox_viewer.visitors import NobodyLoggedIn, NoSuchPage, Visitors, html, texts_of
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId
from passbox_wire.states import ForwardState

STATIC: Final = Path(__file__).parent / "static"
LARGEST_PICTURE: Final = 2048
NO_REASON: Final = "no reason"
NO_WORKLIST: Final = "no worklist"
_PROBLEMS: Final = {
    NO_WORKLIST, UNREACHABLE, CUT, NO_REASON, NO_DECISION, INCOMPLETE, UNWRITABLE,
    SEVERAL_PATIENTS,
}  # fmt: skip

HEADERS: Final = FOR_EVERY_ORIGIN | {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}
_INSTEAD: Final = {CHANGED: "changed-picture.svg", AWAY: "away-picture.svg"}
_ATTACHMENT_POLICY: Final = "default-src 'none'; sandbox"

_LOG = get_logger(__name__)


def pages_app(rooms: Rooms) -> FastAPI:
    """Return the ASGI application of the pages."""
    app = FastAPI(title="Passbox viewer", docs_url=None, redoc_url=None, openapi_url=None)
    visitors = Visitors(rooms.login, rooms.hospital)
    pages = _Pages(rooms, visitors, add_standstill(app, rooms, visitors))
    app.add_api_route("/", pages.home, methods=["GET"], response_model=None)
    app.add_api_route("/s/{token}", pages.study, methods=["GET"], response_model=None)
    app.add_api_route("/s/{token}/progress", pages.progress, methods=["GET"], response_model=None)
    app.add_api_route("/s/{token}/forward", pages.forward, methods=["POST"], response_model=None)
    app.add_api_route("/s/{token}/worklist", pages.worklist, methods=["POST"], response_model=None)
    app.add_api_route("/s/{token}/refuse", pages.refuse, methods=["POST"], response_model=None)
    app.add_api_route(
        "/s/{token}/images/{number}.png", pages.image, methods=["GET"], response_model=None
    )
    app.add_api_route(
        "/s/{token}/attachments/{position}", pages.attachment, methods=["GET"], response_model=None
    )
    add_archive(app, rooms, visitors)
    add_documents(app, rooms, visitors)
    add_patients(app, rooms, visitors)
    add_inbox(app, rooms, visitors)
    add_admin(app, rooms, visitors)
    app.mount("/static", StaticFiles(directory=STATIC))
    for kind in (NoSuchPage, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, pages.not_found)
    app.add_exception_handler(NobodyLoggedIn, pages.nobody)
    app.add_exception_handler(Exception, pages.failed)
    add_standing_headers(app, HEADERS)
    return app


class _Pages:
    """The handlers. Plain functions: the framework runs them in threads."""

    def __init__(self, rooms: Rooms, visitors: Visitors, standstill: StandstillPages) -> None:
        self._rooms = rooms
        self._visitors = visitors
        self._standstill = standstill
        self._looked: set[str] = set()
        """Names of links by which something was looked at since this process started."""

    def home(self, request: Request, lang: str | None = None) -> Response:
        """Say what this is, to whoever finds the address."""
        t = texts_of(request, lang)
        return self._visitors.message(t, "home_title", "home", 200)

    def study(
        self,
        request: Request,
        token: str,
        series: int | None = None,
        image: int | None = None,
        center: float | None = None,
        width: float | None = None,
        lang: str | None = None,
        problem: str = "",
    ) -> Response:
        """Show the study page; of a transfer that stands still how far it came."""
        waiting = self._standstill.show(request, token, lang)
        if waiting is not None:
            return waiting
        transfer = self._opened(request, token)
        self._note(request, transfer, token)
        asked = Asked(series, image, _window(center, width))
        known_problem = problem if problem in _PROBLEMS else ""
        page = self._page(request, transfer, token, lang, asked)
        return html(render_study(page, Problem(known_problem) if known_problem else None))

    def image(
        self,
        request: Request,
        token: str,
        number: int,
        frame: int = 0,
        center: float | None = None,
        width: float | None = None,
        size: int = 1024,
    ) -> Response:
        """Draw one picture of this transfer."""
        transfer = self._opened(request, token)
        if links.name_of(token) not in self._looked:  # a picture without its page is a look too
            self._note(request, transfer, token)
        instance = index.instance(self._rooms.engine, transfer, number)
        if instance is None or not 0 <= frame < 2**31 or not 1 <= size <= LARGEST_PICTURE:
            raise NoSuchPage
        drawing = Drawing(frame, _window(center, width), size)
        try:
            return Response(
                self._rooms.previews.draw(instance, drawing).png, media_type="image/png"
            )
        except NoPicture as error:
            instead = _INSTEAD.get(error.reason, "no-picture.svg")
            return FileResponse(STATIC / instead, status_code=422)

    def attachment(self, request: Request, token: str, position: int) -> Response:
        """Hand out a kept file as a download that no browser opens by itself."""
        transfer = self._opened(request, token)
        for kept in attachments.attachments(self._rooms.engine, transfer):
            if kept.position == position:
                self._note(request, transfer, token, "attachment downloaded")
                return FileResponse(
                    self._rooms.store.attachment_path(transfer, position),
                    media_type="application/octet-stream",
                    filename=f"attachment-{position}{kept.kind.suffix}",
                    headers={"Content-Security-Policy": _ATTACHMENT_POLICY},
                )
        raise NoSuchPage

    def progress(self, request: Request, token: str, lang: str | None = None) -> Response:
        """Say how far the way to the PACS is, for the page's script."""
        transfer = self._opened(request, token)
        known = self._rooms.transfers.read(transfer)
        now = progress(known.patients.sendable(index.instances(self._rooms.engine, transfer)))
        total = now.total - now.cannot
        text = texts_of(request, lang)("forward_running", sent=now.sent, total=total)
        running = known.forward_state is ForwardState.FORWARDING
        return JSONResponse({"running": running, "sent": now.sent, "total": total, "text": text})

    def forward(
        self, request: Request, token: str, form: Annotated[ForwardForm, Form()]
    ) -> Response:
        """Bring the transfer to the PACS, or show what must be decided first."""
        transfer = self._opened(request, token)
        t = texts_of(request, form.lang)
        known = form.pacs in self._rooms.forwarder.pacs_names
        if not known or not self._visitors.sent_by(request, token, form.csrf):
            return self._visitors.message(t, "stale_title", "stale", 403)
        page = self._page(request, transfer, token, t.lang, Asked())
        comparison = compare(page, form.identity)
        if isinstance(comparison, str):
            return _back(token, t, comparison)
        if comparison is not None and not comparison.settled_by(form.confirm_identity):
            return html(render_study(page, None, Asking(form.pacs, None, comparison)), 409)
        if form.answer == COMPARE:
            self._note(request, transfer, token, "compared with the PACS")
        return self._request(page, token, form, comparison, self._visitors.author(request))

    def _request(
        self,
        page: Page,
        token: str,
        form: ForwardForm,
        comparison: Comparison | None,
        author: str,
    ) -> Response:
        t = page.texts
        try:
            existing = self._rooms.forwarder.request(
                page.transfer.id,
                form.pacs,
                form.confirmed,
                comparison.identity if comparison else None,
                author,
                comparison.same if comparison else (),
            )
        except PacsFailed as error:
            return _back(token, t, UNREACHABLE if isinstance(error, PacsUnreachable) else CUT)
        except IllegalTransition:
            return self._visitors.message(t, "stale_title", "stale", 409)
        if existing is None:
            return _back(token, t)
        return html(render_study(page, None, self._question(page, form, existing, comparison)), 409)

    def _question(
        self, page: Page, form: ForwardForm, existing: Existing, comparison: Comparison | None
    ) -> Asking:
        """Return what a person is asked about what the PACS holds, compared if that was wished."""
        alike = None
        if form.answer == COMPARE and form.confirm_existing == existing.digest:
            with contextlib.suppress(PacsFailed):
                alike = self._rooms.forwarder.compare(page.transfer.id, form.pacs, existing)
            alike = alike or {Likeness.UNKNOWN: len(existing.sop_instance_uids)}
        return Asking(form.pacs, existing, comparison, alike)

    def worklist(
        self, request: Request, token: str, form: Annotated[WorklistForm, Form()]
    ) -> Response:
        """Show what the house's worklist knows under a number or a name."""
        transfer = self._opened(request, token)
        t = texts_of(request, form.lang)
        if not self._visitors.sent_by(request, token, form.csrf):
            return self._visitors.message(t, "stale_title", "stale", 403)
        self._note(request, transfer, token, "worklist looked up")
        try:
            orders = self._rooms.worklist.look_up(form.query)
        except PacsFailed:
            return _back(token, t, NO_WORKLIST)
        page = self._page(request, transfer, token, t.lang, Asked())
        return html(render_study(page, None, orders=orders))

    def refuse(  # one parameter a form field
        self,
        request: Request,
        token: str,
        csrf: Annotated[str, Form(max_length=128)] = "",
        reason: Annotated[str, Form(max_length=32)] = "",
        note: Annotated[str, Form(max_length=2000)] = "",
        lang: Annotated[str | None, Form(max_length=2)] = None,
    ) -> Response:
        """Note that the transfer is not ours, and why."""
        transfer = self._opened(request, token)
        t = texts_of(request, lang)
        if not self._visitors.sent_by(request, token, csrf):
            return self._visitors.message(t, "stale_title", "stale", 403)
        refusal = parse_refusal(reason, note)
        if refusal is None:
            return _back(token, t, NO_REASON)
        proved = progress(index.instances(self._rooms.engine, transfer)).in_pacs
        try:
            self._rooms.transfers.refuse(transfer, refusal, proved, self._visitors.author(request))
        except IllegalTransition:
            return self._visitors.message(t, "stale_title", "stale", 409)
        return _back(token, t)

    def _note(
        self, request: Request, transfer: TransferId, token: str, event: str = "looked at"
    ) -> None:
        """Write into the audit what is about to be shown; else it is not."""
        author, name = self._visitors.author(request), links.name_of(token)
        self._rooms.transfers.looked_at(transfer, name, author, event)
        self._looked.add(name)

    def not_found(self, request: Request, error: Exception) -> Response:
        """Answer alike for every address that is none."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        t = texts_of(request, request.query_params.get("lang"))
        return self._visitors.message(t, "not_found_title", "not_found", status)

    def nobody(self, request: Request, _error: Exception) -> Response:
        """Say that the house's login is missing."""
        t = texts_of(request, request.query_params.get("lang"))
        return self._visitors.message(t, "nobody_title", "nobody", 403)

    def failed(self, request: Request, error: Exception) -> Response:
        """Say that it was our fault, and log where."""
        _LOG.error("page failed", exc_info=error)
        response = self._visitors.message(texts_of(request, None), "error_title", "error", 500)
        response.headers.update(HEADERS)  # this handler stands outside the middleware
        return response

    def _page(
        self, request: Request, transfer: TransferId, token: str, lang: str | None, asked: Asked
    ) -> Page:
        rooms = self._rooms
        rooms.describer.complete(transfer)
        return Page(
            texts=texts_of(request, lang),
            hospital=rooms.hospital,
            base=f"/s/{token}",
            csrf=self._visitors.csrf(token),
            transfer=rooms.transfers.read(transfer),
            instances=tuple(index.instances(rooms.engine, transfer)),
            attachments=tuple(attachments.attachments(rooms.engine, transfer)),
            pacs_names=rooms.forwarder.pacs_names,
            has_worklist=rooms.worklist.configured,
            open_until=rooms.transfers.open_until(token),
            term=term(rooms.engine, rooms.office.settings.retention, transfer),
            asked=asked,
            draw=rooms.previews.draw,
            ohif=self._ohif(token, transfer, texts_of(request, lang).lang),
        )

    def _ohif(
        self, token: str, transfer: TransferId, lang: str
    ) -> Callable[[str, str], str] | None:
        door = self._rooms.ohif
        if door is None:
            return None
        door.read_ahead(transfer)
        return lambda study, series: door.address(token, study, series, lang)

    def _opened(self, request: Request, untrusted_token: str) -> TransferId:
        self._visitors.author(request)
        transfer = self._rooms.transfers.opened_by(untrusted_token)
        if transfer is None:
            raise NoSuchPage
        return transfer


def _window(center: float | None, width: float | None) -> Window | None:
    if center is None or width is None:
        return None
    window = Window(center, width)
    return window if window.usable else None


def _back(token: str, t: Texts, problem: str = "") -> Response:
    """Lead back to the study page, with a word for what did not work."""
    query = {"lang": t.lang} | ({"problem": problem} if problem else {})
    return RedirectResponse(f"/s/{token}?{urlencode(query)}", status_code=303)
