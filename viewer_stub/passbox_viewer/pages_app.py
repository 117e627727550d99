"""The clinicians' pages: one study page behind a link, its pictures, its attachments, one button.

The rule: GET changes nothing (a look is written into the audit); what acts is a POST with a token
of our own from a page of our own origin. Every word from outside is a text node or an attribute
value, escaped by the template; no script, style, frame or request leaves this origin. Nothing is
cached on a shared computer. An unknown link looks like any other wrong address.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import FastAPI, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from passbox_base.logs import get_logger
from passbox_viewer import attachments, index
from passbox_viewer.describing import Describer
from passbox_viewer.errors import NoPicture, PacsFailed, PacsUnreachable
from passbox_viewer.forms import ForwardForm
from passbox_viewer.forward import CUT, UNREACHABLE, Forwarder
from passbox_viewer.identity import INCOMPLETE, SEVERAL_PATIENTS, UNWRITABLE
from passbox_viewer.index import Index
from passbox_viewer.page import (
    Asked,
    Asking,
    Comparison,
    Page,
    Problem,
    compare,
    render_message,
    render_study,
)
from passbox_viewer.previews import Drawing, Previews, Window
from passbox_viewer.refusal import parse_refusal
from passbox_viewer.settings import Hospital
from passbox_viewer.store import Store
from passbox_viewer.study import progress
from passbox_viewer.texts import Texts, chosen_language
from passbox_viewer.transfers import Transfers
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId
from passbox_wire.states import ForwardState

STATIC: Final = Path(__file__).parent / "static"
LARGEST_PICTURE: Final = 2048
NO_REASON: Final = "no reason"
_PROBLEMS: Final = {UNREACHABLE, CUT, NO_REASON, INCOMPLETE, UNWRITABLE, SEVERAL_PATIENTS}
_HTML: Final = "text/html; charset=utf-8"

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "private, no-store",
}
_ATTACHMENT_POLICY: Final = "default-src 'none'; sandbox"

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the pages show and act on."""

    engine: sa.Engine
    store: Store
    index: Index
    transfers: Transfers
    describer: Describer
    previews: Previews
    forwarder: Forwarder
    hospital: Hospital


class _NoSuchPage(Exception):
    """Nothing is at this address for whoever asks."""


def pages_app(rooms: Rooms) -> FastAPI:
    """Return the ASGI application of the pages."""
    app = FastAPI(title="Passbox viewer", docs_url=None, redoc_url=None, openapi_url=None)
    pages = _Pages(rooms)
    app.add_api_route("/", pages.home, methods=["GET"], response_model=None)
    app.add_api_route("/s/{token}", pages.study, methods=["GET"], response_model=None)
    app.add_api_route("/s/{token}/progress", pages.progress, methods=["GET"], response_model=None)
    app.add_api_route("/s/{token}/forward", pages.forward, methods=["POST"], response_model=None)
    app.add_api_route("/s/{token}/refuse", pages.refuse, methods=["POST"], response_model=None)
    app.add_api_route(
        "/s/{token}/images/{number}.png", pages.image, methods=["GET"], response_model=None
    )
    app.add_api_route(
        "/s/{token}/attachments/{position}", pages.attachment, methods=["GET"], response_model=None
    )
    app.mount("/static", StaticFiles(directory=STATIC))
    for kind in (_NoSuchPage, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, pages.not_found)
    app.add_exception_handler(Exception, pages.failed)
    app.middleware("http")(_with_headers)
    return app


async def _with_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


class _Pages:
    """The handlers. Plain functions: the framework runs them in threads."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._csrf_key = secrets.token_bytes(32)

    def home(self, request: Request, lang: str | None = None) -> Response:
        """Say what this is, to whoever finds the address."""
        t = _texts(request, lang)
        return self._message(t, "home_title", "home", 200)

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
        """Show the study page."""
        transfer = self._opened(token)
        self._rooms.transfers.looked_at(transfer)
        asked = Asked(series, image, _window(center, width))
        known_problem = problem if problem in _PROBLEMS else ""
        page = self._page(request, transfer, token, lang, asked)
        return _html(render_study(page, Problem(known_problem) if known_problem else None))

    def image(
        self,
        token: str,
        number: int,
        frame: int = 0,
        center: float | None = None,
        width: float | None = None,
        size: int = 1024,
    ) -> Response:
        """Draw one picture of this transfer."""
        instance = index.instance(self._rooms.engine, self._opened(token), number)
        if instance is None or not 0 <= frame < 2**31 or not 1 <= size <= LARGEST_PICTURE:
            raise _NoSuchPage
        drawing = Drawing(frame, _window(center, width), size)
        try:
            return Response(
                self._rooms.previews.draw(instance, drawing).png, media_type="image/png"
            )
        except NoPicture:
            return FileResponse(STATIC / "no-picture.svg", status_code=422)

    def attachment(self, token: str, position: int) -> Response:
        """Hand out a kept file as a download that no browser opens by itself."""
        transfer = self._opened(token)
        for kept in attachments.attachments(self._rooms.engine, transfer):
            if kept.position == position:
                return FileResponse(
                    self._rooms.store.attachment_path(transfer, position),
                    media_type="application/octet-stream",
                    filename=f"attachment-{position}{kept.kind.suffix}",
                    headers={"Content-Security-Policy": _ATTACHMENT_POLICY},
                )
        raise _NoSuchPage

    def progress(self, request: Request, token: str, lang: str | None = None) -> Response:
        """Say how far the way to the PACS is, for the page's script."""
        transfer = self._opened(token)
        state = self._rooms.transfers.read(transfer).forward_state
        now = progress(index.instances(self._rooms.engine, transfer))
        total = now.total - now.cannot
        text = _texts(request, lang)("forward_running", sent=now.sent, total=total)
        running = state is ForwardState.FORWARDING
        return JSONResponse({"running": running, "sent": now.sent, "total": total, "text": text})

    def forward(
        self, request: Request, token: str, form: Annotated[ForwardForm, Form()]
    ) -> Response:
        """Bring the transfer to the PACS, or show what must be decided first."""
        transfer = self._opened(token)
        t = _texts(request, form.lang)
        known = form.pacs in self._rooms.forwarder.pacs_names
        if not known or not self._is_ours(request, token, form.csrf):
            return self._message(t, "stale_title", "stale", 403)
        page = self._page(request, transfer, token, t.lang, Asked())
        comparison = compare(page, form.identity)
        if isinstance(comparison, str):
            return _back(token, t, comparison)
        if comparison is not None and not comparison.settled_by(form.confirm_identity):
            return _html(render_study(page, None, Asking(form.pacs, None, comparison)), 409)
        return self._request(page, token, form, comparison)

    def _request(
        self, page: Page, token: str, form: ForwardForm, comparison: Comparison | None
    ) -> Response:
        t = page.texts
        try:
            existing = self._rooms.forwarder.request(
                page.transfer.id,
                form.pacs,
                form.confirm_existing,
                comparison.identity if comparison else None,
            )
        except PacsFailed as error:
            return _back(token, t, UNREACHABLE if isinstance(error, PacsUnreachable) else CUT)
        except IllegalTransition:
            return self._message(t, "stale_title", "stale", 409)
        if existing is not None:
            return _html(render_study(page, None, Asking(form.pacs, existing, comparison)), 409)
        return _back(token, t)

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
        transfer = self._opened(token)
        t = _texts(request, lang)
        if not self._is_ours(request, token, csrf):
            return self._message(t, "stale_title", "stale", 403)
        refusal = parse_refusal(reason, note)
        if refusal is None:
            return _back(token, t, NO_REASON)
        proved = progress(index.instances(self._rooms.engine, transfer)).in_pacs
        try:
            self._rooms.transfers.refuse(transfer, refusal, proved)
        except IllegalTransition:
            return self._message(t, "stale_title", "stale", 409)
        return _back(token, t)

    def not_found(self, request: Request, error: Exception) -> Response:
        """Answer alike for every address that is none."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        t = _texts(request, request.query_params.get("lang"))
        return self._message(t, "not_found_title", "not_found", status)

    def failed(self, request: Request, error: Exception) -> Response:
        """Say that it was our fault, and log where."""
        _LOG.error("page failed", exc_info=error)
        response = self._message(_texts(request, None), "error_title", "error", 500)
        response.headers.update(HEADERS)  # this handler stands outside the middleware
        return response

    def _page(
        self, request: Request, transfer: TransferId, token: str, lang: str | None, asked: Asked
    ) -> Page:
        rooms = self._rooms
        rooms.describer.complete(transfer)
        return Page(
            texts=_texts(request, lang),
            hospital=rooms.hospital,
            base=f"/s/{token}",
            csrf=self._csrf(token),
            transfer=rooms.transfers.read(transfer),
            instances=tuple(index.instances(rooms.engine, transfer)),
            attachments=tuple(attachments.attachments(rooms.engine, transfer)),
            pacs_names=rooms.forwarder.pacs_names,
            open_until=rooms.transfers.open_until(transfer),
            asked=asked,
            draw=rooms.previews.draw,
        )

    def _opened(self, untrusted_token: str) -> TransferId:
        transfer = self._rooms.transfers.opened_by(untrusted_token)
        if transfer is None:
            raise _NoSuchPage
        return transfer

    def _csrf(self, token: str) -> str:
        return hmac.digest(self._csrf_key, f"forward {token}".encode(), "sha256").hex()

    def _is_ours(self, request: Request, token: str, csrf: str) -> bool:
        # Browsers say where a request comes from; a foreign page cannot change that.
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        return site == "same-origin" and hmac.compare_digest(
            csrf.encode(), self._csrf(token).encode()
        )

    def _message(self, t: Texts, title: str, body: str, status: int) -> Response:
        return _html(render_message(t, self._rooms.hospital, t(title), t(body)), status)


def _texts(request: Request, lang: str | None) -> Texts:
    return Texts(chosen_language(lang, request.headers.get("Accept-Language", "")))


def _window(center: float | None, width: float | None) -> Window | None:
    if center is None or width is None:
        return None
    window = Window(center, width)
    return window if window.usable else None


def _back(token: str, t: Texts, problem: str = "") -> Response:
    """Lead back to the study page, with a word for what did not work."""
    query = {"lang": t.lang} | ({"problem": problem} if problem else {})
    return RedirectResponse(f"/s/{token}?{urlencode(query)}", status_code=303)


def _html(body: str, status: int = 200) -> Response:
    return Response(body, status_code=status, media_type=_HTML)
