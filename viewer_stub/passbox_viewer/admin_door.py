"""The door of the admin's pages: nobody gets to a handler without a session.

The rule: a page is added to the application through this door only, and the door asks for the
session first, before it reads a body. What changes anything is a POST with the session's own token
from our own origin. The cookie is HttpOnly, SameSite=Strict, bound to /admin, and Secure where the
pages are reached by https. Forms are small and read within bounds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from passbox_viewer.admin_page import render
from passbox_viewer.administrator import NAME, NoEntry, Session, same
from passbox_viewer.rooms import Rooms
from passbox_viewer.texts import Texts
from passbox_viewer.visitors import Visitors, html, is_same_origin, texts_of

ROOT: Final = "/admin"
LOGIN: Final = "/admin/login"
COOKIE: Final = "passbox_admin"
_MAX_FORM_BYTES: Final = 16 * 1024
_MAX_FIELDS: Final = 40
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is logged in; ``form`` is untrusted, as is ``request``."""

    request: Request
    session: Session
    author: str
    t: Texts
    form: Mapping[str, str]

    def asked(self, name: str) -> str:
        """Return a word of the address, empty when it is not there."""
        return self.request.query_params.get(name, "")[:500]

    @property
    def reason(self) -> str:
        """Why something is to be done, as the form says it: one line of 500 characters at most."""
        return " ".join(self.form.get("reason", "").split())[:500]


Handler = Callable[[Visit], Response]


class Door:
    """Lets the administrator in and nobody else."""

    def __init__(self, app: FastAPI, rooms: Rooms, visitors: Visitors) -> None:
        self._app = app
        self._rooms = rooms
        self._visitors = visitors
        self._admin = rooms.office.admin
        self._secure = rooms.office.settings.pages.base_url.startswith("https:")
        app.add_api_route(LOGIN, self.form, methods=["GET"], response_model=None)
        app.add_api_route(LOGIN, self.log_in, methods=["POST"], response_model=None)
        self.post(f"{ROOT}/logout", self.log_out)

    def get(self, path: str, handler: Handler) -> None:
        """Add a page; without a session it leads to the login."""

        async def shown(request: Request) -> Response:
            session = self._session(request)
            if session is None:
                lang = texts_of(request, request.query_params.get("lang")).lang
                return RedirectResponse(f"{LOGIN}?{urlencode({'lang': lang})}", status_code=303)
            return await run_in_threadpool(handler, self._visit(request, session, {}))

        self._app.add_api_route(path, shown, methods=["GET"], response_model=None)

    def post(self, path: str, handler: Handler) -> None:
        """Add a deed; without a session, or not from a page of ours, nothing happens."""

        async def done(request: Request) -> Response:
            session = self._session(request)
            t = texts_of(request, None)
            if session is None or not is_same_origin(request):
                return self._visitors.message(t, "stale_title", "stale", 403)
            form = await _form(request)
            if form is None or not same(form.get("csrf", ""), session.csrf):
                return self._visitors.message(t, "stale_title", "stale", 403)
            return await run_in_threadpool(handler, self._visit(request, session, form))

        self._app.add_api_route(path, done, methods=["POST"], response_model=None)

    def form(self, request: Request, lang: str | None = None) -> Response:
        """Show the login."""
        self._visitors.author(request)
        return self._login_page(texts_of(request, lang), "")

    async def log_in(self, request: Request) -> Response:
        """Open a session for who knows the password."""
        self._visitors.author(request)
        form = await _form(request) if is_same_origin(request) else None
        if form is None:
            return self._visitors.message(texts_of(request, None), "stale_title", "stale", 403)
        t = texts_of(request, form.get("lang"))
        source = request.client.host if request.client else ""
        token = await run_in_threadpool(self._try, form.get("password", ""), source)
        if isinstance(token, NoEntry):
            wrong = token is NoEntry.WRONG
            return self._login_page(t, "admin_wrong" if wrong else "admin_too_many")
        response = RedirectResponse(f"{ROOT}?{urlencode({'lang': t.lang})}", status_code=303)
        response.set_cookie(
            COOKIE, token, path=ROOT, secure=self._secure, httponly=True, samesite="strict"
        )
        return response

    def log_out(self, visit: Visit) -> Response:
        """End the session."""
        self._admin.log_out(visit.request.cookies.get(COOKIE))
        response = RedirectResponse(f"{LOGIN}?{urlencode({'lang': visit.t.lang})}", status_code=303)
        response.delete_cookie(COOKIE, path=ROOT)
        return response

    def _try(self, untrusted_password: str, source: str) -> str | NoEntry:
        entry = self._admin.log_in(untrusted_password, source)
        event = "administrator not let in" if isinstance(entry, NoEntry) else "administrator let in"
        reason = entry.value if isinstance(entry, NoEntry) else "password"
        self._rooms.office.audit.append(event, author=NAME, reason=reason, source=source)
        return entry

    def _login_page(self, t: Texts, problem: str) -> Response:
        first = not self._admin.has_password
        status = {"": 200, "admin_wrong": 401, "admin_too_many": 429}[problem]
        page = render("login", t, self._rooms.hospital, None, problem=problem, first=first)
        return html(page, status)

    def _session(self, request: Request) -> Session | None:
        self._visitors.author(request)
        return self._admin.session(request.cookies.get(COOKIE))

    def _visit(self, request: Request, session: Session, form: Mapping[str, str]) -> Visit:
        user = self._visitors.user(request)
        lang = form.get("lang") or request.query_params.get("lang")
        author = NAME if user is None else f"{NAME} {user}"
        return Visit(request, session, author, texts_of(request, lang), form)


async def _form(request: Request) -> Mapping[str, str] | None:
    """Return a form's fields, None for what is none or too large; the last of equal names wins."""
    if request.headers.get("content-type", "").split(";")[0].strip() != _FORM:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_FORM_BYTES:
            return None
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict",
            max_num_fields=_MAX_FIELDS,
        )  # fmt: skip
    except ValueError:
        return None
    return dict(fields)
