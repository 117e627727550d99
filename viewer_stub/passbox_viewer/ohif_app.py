"""The web viewer's own origin: OHIF's files, the page around it, and one transfer's DICOMweb.

The rule: an address begins with a word that opens one transfer (capabilities.py). The line "not
for primary diagnosis" stands in a page of ours around OHIF, and OHIF opens only inside it. No
script, request or frame leaves this origin, none runs that is not a file of it, and nothing of a
patient is kept by the browser. GET is all there is.
"""

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import jinja2
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from passbox_base.logs import get_logger
from passbox_viewer import dicomweb, index, links
from passbox_viewer.dicomweb_app import dicomweb_router, not_found
from passbox_viewer.login import user_of
from passbox_viewer.ohif_rooms import OhifRooms
from passbox_viewer.page import render_message
from passbox_viewer.standing_headers import FOR_EVERY_ORIGIN, add_standing_headers
from passbox_viewer.study import shown_name
from passbox_viewer.texts import Texts, chosen_language
from passbox_viewer.transfer import LINK_HOLDER

STATIC: Final = Path(__file__).parent / "static"
_HTML: Final = "text/html; charset=utf-8"
_FOREVER: Final = "public, max-age=31536000, immutable"
_SHORTLY: Final = "public, max-age=3600"

HEADERS: Final = FOR_EVERY_ORIGIN | {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
}
OHIF_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    "connect-src 'self' blob: data:; img-src 'self' blob: data:; font-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; object-src 'self' blob:; frame-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
"""WebAssembly may be compiled, nothing else may become script. Styles: OHIF writes its own.

Objects and frames of OHIF's own making are for encapsulated PDFs, which the browser's viewer shows
in a process of its own; metadata call every document a PDF, and what a blob holds besides inherits
this policy. 'self' is for the moment before there is a blob.
"""

_LOG = get_logger(__name__)


_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("passbox_viewer"), autoescape=True, undefined=jinja2.StrictUndefined
)


def ohif_app(rooms: OhifRooms) -> FastAPI:
    """Return the ASGI application of this origin."""
    app = FastAPI(title="Passbox OHIF", docs_url=None, redoc_url=None, openapi_url=None)
    pages = _Pages(rooms)
    app.include_router(dicomweb_router(rooms.images), prefix="/o/{word}/dicomweb")
    for path, handler in (
        ("/o/{word}", pages.around),
        ("/o/{word}/viewer", pages.ohif),
        ("/{name}", pages.file),
    ):
        app.add_api_route(path, handler, methods=["GET"], response_model=None)
    app.mount("/static", StaticFiles(directory=STATIC))
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, pages.not_found)
    app.add_exception_handler(Exception, pages.failed)
    add_standing_headers(app, HEADERS)
    return app


class _Pages:
    """The handlers. Plain functions: the framework runs them in threads."""

    def __init__(self, rooms: OhifRooms) -> None:
        self._rooms = rooms

    def around(
        self,
        request: Request,
        word: str,
        study: str = "",
        series: str = "",
        lang: str | None = None,
    ) -> Response:
        """Show our page with OHIF in it. Written down like a look at the study page."""
        transfer, link = self._rooms.images.opened_by(request, word)
        rows = dicomweb.shown(index.instances(self._rooms.images.engine, transfer))
        here = dicomweb.of_study(rows, study)
        if not here:
            raise not_found()
        author = user_of(request, self._rooms.images.login) or LINK_HOLDER
        self._rooms.transfers.looked_at(transfer, links.name_of(link), author, "looked at in OHIF")
        ours = dicomweb.of_series(here, series)
        t = _texts(request, lang)
        wanted = {"StudyInstanceUIDs": study, "lng": t.lang}
        wanted |= {"initialSeriesInstanceUID": series} if ours else {}
        html = _TEMPLATES.get_template("ohif.html").render(
            t=t,
            hospital=self._rooms.hospital,
            name=shown_name(here[0][1].patient_name),
            ohif=f"/o/{word}/viewer?{urlencode(wanted)}",
        )
        return Response(html, media_type=_HTML)

    def ohif(self, request: Request, word: str) -> Response:
        """Start OHIF, inside our page only."""
        self._rooms.images.opened_by(request, word)
        if request.headers.get("Sec-Fetch-Dest", "iframe") != "iframe":
            asked = request.query_params
            query = urlencode(
                {"study": asked.get("StudyInstanceUIDs", ""), "lang": asked.get("lng", "")}
            )
            return RedirectResponse(f"/o/{word}?{query}", status_code=303)
        headers = {"Content-Security-Policy": OHIF_POLICY}
        return Response(self._rooms.installed.page, media_type=_HTML, headers=headers)

    def file(self, request: Request, name: str) -> Response:
        """Send one of OHIF's own files; most have a hash in their name."""
        found = self._rooms.installed.files.get(name)
        if found is None:
            raise not_found()
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = {
            "Cache-Control": _SHORTLY if name == "app.bundle.css" else _FOREVER,
            "Content-Security-Policy": OHIF_POLICY,  # a worker goes by that of its own script
            "Vary": "Accept-Encoding",
        }
        if found.gzip is not None and packed:
            headers["Content-Encoding"] = "gzip"
            return FileResponse(found.gzip, media_type=found.media_type, headers=headers)
        return FileResponse(found.path, media_type=found.media_type, headers=headers)

    def not_found(self, request: Request, error: Exception) -> Response:
        """Answer alike for every address that is none, or no longer one."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        t = _texts(request, request.query_params.get("lang"))
        return self._message(t, "not_found_title", "not_found", status)

    def failed(self, request: Request, error: Exception) -> Response:
        """Say that it was our fault, and log where."""
        _LOG.error("page failed", exc_info=error)
        response = self._message(_texts(request, None), "error_title", "error", 500)
        response.headers.update(HEADERS)  # this handler stands outside the middleware
        return response

    def _message(self, t: Texts, title: str, body: str, status: int) -> Response:
        html = render_message(t, self._rooms.hospital, t(title), t(body))
        return Response(html, status_code=status, media_type=_HTML)


def _texts(request: Request, lang: str | None) -> Texts:
    return Texts(chosen_language(lang, request.headers.get("Accept-Language", "")))
