"""DICOMweb of one transfer: search, metadata, bulk data, frames, pictures (PS3.18 10.4, 10.6).

The rule: the word in the address opens one transfer, and every UID is looked up among its instances
alone; one of another transfer is as unknown as an invented one. Answers go out in pieces. Slow work
has a few threads of its own, so that pages stay quick however much a web viewer asks for. Nothing
can be stored, changed or deleted here, and no file leaves as a whole.
"""

import functools
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from passbox_dicom.uids import is_uid
from passbox_viewer import dicomweb, index
from passbox_viewer.capabilities import Capabilities
from passbox_viewer.describing import Describer
from passbox_viewer.dicomweb import Row
from passbox_viewer.dicomweb_images import Content, WebImages
from passbox_viewer.errors import NoPicture
from passbox_viewer.instances import Instance, InstanceFacts
from passbox_viewer.login import user_of
from passbox_viewer.previews import Drawing, Previews
from passbox_viewer.settings import Login
from passbox_wire.canonical import Json
from passbox_wire.ids import TransferId

AnswerT = TypeVar("AnswerT")

DICOM_JSON: Final = "application/dicom+json"
MOST_FRAMES: Final = 64
"""Of one request."""
THREADS: Final = 6
_BOUNDARY: Final = "passbox-frame"
_OCTETS: Final = "application/octet-stream"
_MULTIPART: Final = f'multipart/related; type="{_OCTETS}"; boundary={_BOUNDARY}'
_PART: Final = (
    f"--{_BOUNDARY}\r\nContent-Type: {_OCTETS}; "
    f"transfer-syntax={dicomweb.EXPLICIT_LITTLE}\r\nContent-Length: {{length}}\r\n\r\n"
)
_END: Final = f"\r\n--{_BOUNDARY}--\r\n".encode()
_BATCH: Final = 16
_FRAME: Final = re.compile(r"[1-9][0-9]{0,6}\Z")
_PICTURE, _THUMBNAIL = 1024, 144


@dataclass(frozen=True, slots=True)
class Images:
    """Where the answers come from."""

    engine: sa.Engine
    capabilities: Capabilities
    describer: Describer
    web_images: WebImages
    previews: Previews
    login: Login

    def opened_by(self, request: Request, untrusted_word: str) -> tuple[TransferId, str]:
        """Return the transfer a word opens for whoever asks, and its link; else 404."""
        opened = self.capabilities.opened_by(untrusted_word)
        if opened is None or (self.login.required and user_of(request, self.login) is None):
            raise not_found()
        return opened


def dicomweb_router(images: Images) -> APIRouter:
    """Return the routes below /o/{word}/dicomweb."""
    router = APIRouter()
    answers = _Answers(images)
    one_study, one_series = "/studies/{study}", "/studies/{study}/series/{series}"
    one_instance = one_series + "/instances/{instance}"
    for path, handler in (
        ("/studies", answers.studies),
        (one_study + "/series", answers.series),
        (one_study + "/instances", answers.instances),
        (one_series + "/instances", answers.instances),
        (one_study + "/metadata", answers.metadata),
        (one_series + "/metadata", answers.metadata),
        (one_instance + "/metadata", answers.metadata),
        (one_instance + "/bulkdata/{place:path}", answers.bulk),
        (one_instance + "/frames/{frames}", answers.frames),
        (one_instance + "/frames/{frame}/rendered", answers.rendered),
        (one_instance + "/rendered", answers.rendered),
        (one_instance + "/thumbnail", answers.thumbnail),
        (one_series + "/thumbnail", answers.thumbnail),
    ):
        router.add_api_route(path, handler, methods=["GET"], response_model=None)
    return router


def not_found() -> HTTPException:
    """Return the one answer for everything that is not there for whoever asks."""
    return HTTPException(404)


class _Answers:
    def __init__(self, images: Images) -> None:
        self._images = images
        self._threads = anyio.CapacityLimiter(THREADS)

    async def studies(self, request: Request, word: str) -> Response:
        rows = dicomweb.matching(await self._rows(request, word), _query(request))
        return _json(dicomweb.page_of(dicomweb.studies(rows), _query(request)))

    async def series(self, request: Request, word: str, study: str) -> Response:
        rows = dicomweb.matching(await self._rows(request, word, study), _query(request))
        return _json(dicomweb.page_of(dicomweb.series(rows), _query(request)))

    async def instances(
        self, request: Request, word: str, study: str, series: str | None = None
    ) -> Response:
        rows = await self._rows(request, word, study, series)
        found = dicomweb.instances(dicomweb.matching(rows, _query(request)))
        return _json(dicomweb.page_of(found, _query(request)))

    async def metadata(
        self,
        request: Request,
        word: str,
        study: str,
        series: str | None = None,
        instance: str | None = None,
    ) -> Response:
        """Send the DICOM JSON of all that was named, instance by instance."""
        if instance is not None and series is not None:
            rows = [await self._row(request, word, study, series, instance)]
        else:
            rows = await self._rows(request, word, study, series)
        root = request.url.path.partition("/studies/")[0]
        return StreamingResponse(self._attributes(rows, root), media_type=DICOM_JSON)

    async def bulk(
        self, request: Request, word: str, study: str, series: str, instance: str, place: str
    ) -> Response:
        """Send one long value in little endian, as several parts to whoever takes only those."""
        row = await self._row(request, word, study, series, instance)
        if not dicomweb.is_place(place):
            raise not_found()
        content = await self._found(self._images.web_images.bulk, row[0], place)
        if "multipart/related" in request.headers.get("Accept", ""):
            parts = self._multipart(row, content, [])
            return StreamingResponse(parts, headers={"Content-Type": _MULTIPART})
        headers = {"Content-Type": _OCTETS, "Content-Length": str(content.size)}
        return StreamingResponse(self._pieces(content), headers=headers)

    async def frames(
        self, request: Request, word: str, study: str, series: str, instance: str, frames: str
    ) -> Response:
        """Send frames, counted from 1, as they are in Explicit VR Little Endian."""
        row = await self._row(request, word, study, series, instance)
        numbers = _frame_numbers(frames)
        first = await self._frame(row, numbers[0])
        return StreamingResponse(
            self._multipart(row, first, numbers[1:]), headers={"Content-Type": _MULTIPART}
        )

    async def rendered(
        self,
        request: Request,
        word: str,
        study: str,
        series: str,
        instance: str,
        frame: str = "1",
    ) -> Response:
        """Draw one frame as PNG."""
        row = await self._row(request, word, study, series, instance)
        return await self._draw(row, _frame_numbers(frame)[0], _PICTURE)

    async def thumbnail(
        self, request: Request, word: str, study: str, series: str, instance: str | None = None
    ) -> Response:
        """Draw a small picture of an instance, or of the middle one of a series."""
        if instance is not None:
            row = await self._row(request, word, study, series, instance)
        else:
            rows = await self._rows(request, word, study, series)
            row = rows[len(rows) // 2]
        return await self._draw(row, row[1].frames // 2, _THUMBNAIL)

    async def _rows(
        self, request: Request, word: str, study: str | None = None, series: str | None = None
    ) -> list[Row]:
        """Return what is named of the transfer; 404 for a study or series that is not in it."""
        transfer = self._opened(request, word)
        rows = await self._apart(self._all, transfer)
        if study is not None:
            rows = dicomweb.of_study(rows, study)
        if series is not None:
            rows = dicomweb.of_series(rows, series)
        if study is not None and not rows:
            raise not_found()
        return rows

    def _all(self, transfer: TransferId) -> list[Row]:
        self._images.describer.complete(transfer)
        return dicomweb.shown(index.instances(self._images.engine, transfer))

    async def _row(
        self, request: Request, word: str, study: str, series: str, instance: str
    ) -> Row:
        transfer = self._opened(request, word)
        if not is_uid(instance):
            raise not_found()
        found = await self._apart(index.of_uid, self._images.engine, transfer, instance)
        rows = dicomweb.of_series(dicomweb.of_study(dicomweb.shown(found), study), series)
        if not rows:
            raise not_found()
        return rows[0]

    def _opened(self, request: Request, untrusted_word: str) -> TransferId:
        if not _is_ours(request):
            raise not_found()
        return self._images.opened_by(request, untrusted_word)[0]

    async def _attributes(self, rows: list[Row], root: str) -> AsyncIterator[bytes]:
        def read(row: Instance, facts: InstanceFacts) -> bytes:
            encoded = self._images.web_images.attributes(row, facts)
            return dicomweb.with_addresses(encoded, root + dicomweb.path_of(row, facts))

        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            parts = await self._apart(lambda some: [read(*row) for row in some], batch)
            yield (b"," if start else b"[") + b",".join(parts)
        yield b"]" if rows else b"[]"

    async def _frame(self, row: Row, number: int) -> Content:
        return await self._found(self._images.web_images.frame, *row, number)

    async def _multipart(self, row: Row, first: Content, others: list[int]) -> AsyncIterator[bytes]:
        frame, left = first, iter(others)
        lead = b""
        while True:
            yield lead + _PART.format(length=frame.size).encode()
            async for piece in self._pieces(frame):
                yield piece
            number = next(left, None)
            if number is None:
                break
            frame, lead = await self._frame(row, number), b"\r\n"
        yield _END

    async def _pieces(self, content: Content) -> AsyncIterator[bytes]:
        while (piece := await self._apart(_next, content.pieces)) is not None:
            yield piece

    async def _draw(self, row: Row, frame: int, size: int) -> Response:
        drawing = Drawing(frame, None, size)
        drawn = await self._found(self._images.previews.draw, row[0], drawing)
        return Response(drawn.png, media_type="image/png")

    async def _found(self, work: Callable[..., AnswerT], *arguments: object) -> AnswerT:
        try:
            return await self._apart(work, *arguments)
        except NoPicture as error:
            raise not_found() from error

    async def _apart(self, work: Callable[..., AnswerT], *arguments: object) -> AnswerT:
        return await anyio.to_thread.run_sync(
            functools.partial(work, *arguments), limiter=self._threads
        )


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


def _query(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


def _frame_numbers(untrusted: str) -> list[int]:
    """Return frame numbers counted from 0, from a list counted from 1."""
    parts = untrusted.split(",")
    if len(parts) > MOST_FRAMES or not all(_FRAME.match(part) for part in parts):
        raise not_found()
    return [int(part) - 1 for part in parts]


def _is_ours(request: Request) -> bool:
    """Return whether a page of this origin asks; browsers say so where the address is https."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    return site == "same-origin" and (
        origin is None or urlsplit(origin).netloc == request.headers.get("Host")
    )


def _json(answers: list[Json]) -> Response:
    return Response(dicomweb.encode(answers), media_type=DICOM_JSON)
