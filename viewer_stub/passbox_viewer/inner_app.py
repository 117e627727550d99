"""The poller's side: the inner contract over mutual TLS.

TLS says which machine speaks, the destination's signature over each request says for whom; without
both nothing is read but the body's bytes, up to the limit. It serves no page and no image.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from passbox_base.clocks import Clock
from passbox_base.durable import TemporaryFile
from passbox_base.errors import StoreFailed, StoreFull
from passbox_base.logs import get_logger
from passbox_viewer import attachments, events, index
from passbox_viewer.attachments import HEAD_BYTES, Attachment, kind_of
from passbox_viewer.commands import Commands
from passbox_viewer.errors import AttachmentConflict, UnknownTransfer
from passbox_viewer.events import Bell
from passbox_viewer.index import Index
from passbox_viewer.quarantine_desk import Heartbeat, QuarantineDesk
from passbox_viewer.store import Store
from passbox_viewer.transfers import Transfers
from passbox_wire import routes
from passbox_wire.digests import parse_digest
from passbox_wire.errors import Malformed, SignatureWrong, TooLarge
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inner.admin import encode_commands, parse_command_id
from passbox_wire.inner.quarantine import encode_decisions, parse_quarantined
from passbox_wire.inner.requests import verify_request
from passbox_wire.inner.viewer import (
    MAX_MESSAGE_BYTES,
    MAX_WAIT_SECONDS,
    Registered,
    encode_events,
    encode_instances,
    parse_delivery,
    parse_facts,
)
from passbox_wire.inventory import MAX_FILES
from passbox_wire.problems import CONTENT_TYPE, Code, Problem

MAX_ATTACHMENT_BYTES: Final = 2 * 1024 * 1024 * 1024
_MAX_DIGITS: Final = 19

_LOG = get_logger(__name__)

_FAULTS: Final[dict[type[Exception], Code]] = {
    Malformed: Code.MALFORMED,
    TooLarge: Code.TOO_LARGE,
    SignatureWrong: Code.SIGNATURE_WRONG,
    UnknownTransfer: Code.UNKNOWN_TRANSFER,
    AttachmentConflict: Code.PACK_CONFLICT,
    StoreFull: Code.STORE_FULL,
    StoreFailed: Code.INTERNAL,
}
_STATUS_CODES: Final = {404: Code.NOT_FOUND, 405: Code.WRONG_METHOD}


@dataclass(frozen=True, slots=True)
class Inside:
    """What the inner application works on. ``destination_keys``: raw Ed25519 public keys."""

    engine: sa.Engine
    store: Store
    index: Index
    transfers: Transfers
    bell: Bell
    clock: Clock
    destination_keys: tuple[bytes, ...]
    quarantine: QuarantineDesk
    heartbeat: Heartbeat


class _DigestWrong(Exception):
    """The bytes of an attachment are not what was said."""


def inner_app(inside: Inside) -> FastAPI:
    """Return the ASGI application of the inner contract."""
    app = FastAPI(
        title="Passbox viewer, inner contract", docs_url=None, redoc_url=None, openapi_url=None
    )
    for kind, code in _FAULTS.items():
        app.add_exception_handler(kind, partial(_problem, code))
    app.add_exception_handler(_DigestWrong, partial(_problem, Code.DIGEST_WRONG))
    app.add_exception_handler(HTTPException, _status_problem)
    app.add_exception_handler(Exception, _internal)
    _add_routes(app, _Handlers(inside))
    return app


def _add_routes(app: FastAPI, handlers: "_Handlers") -> None:
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("PUT", routes.VIEWER_TRANSFER, handlers.put_transfer),
        ("PUT", routes.VIEWER_DELIVERY, handlers.put_delivery),
        ("PUT", routes.VIEWER_ATTACHMENT, handlers.put_attachment),
        ("GET", routes.VIEWER_INSTANCES, handlers.get_instances),
        ("GET", routes.VIEWER_EVENTS, handlers.get_events),
        ("PUT", routes.VIEWER_QUARANTINE, handlers.put_quarantine),
        ("GET", routes.VIEWER_DECISIONS, handlers.get_decisions),
        ("GET", routes.VIEWER_COMMANDS, handlers.get_commands),
        ("PUT", routes.VIEWER_COMMAND_ANSWER, handlers.put_command_answer),
    ]
    for method, path, handler in table:
        app.add_api_route(path, handler, methods=[method], response_model=None)


class _Handlers:
    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._commands = Commands(
            inside.store.folder, inside.clock, secrets.token_bytes, inside.bell
        )

    async def put_transfer(self, request: Request) -> Response:
        """Register a transfer: Facts in, the AE title of its namespace out."""
        facts = parse_facts(await self._body(request))
        if facts.transfer != _transfer(request):
            raise Malformed("facts.transfer", "not the one of the path")
        title = await run_in_threadpool(self._inside.transfers.register, facts)
        return _answer(Registered(title).encode())

    async def put_delivery(self, request: Request) -> Response:
        """Note where the delivery stands; ``visible`` releases it to people."""
        delivery = parse_delivery(await self._body(request))
        transfer = _transfer(request)
        self._inside.index.flush()
        await run_in_threadpool(self._inside.transfers.deliver, transfer, delivery)
        return Response(status_code=204)

    async def put_attachment(self, request: Request) -> Response:
        """Keep a file that C-STORE cannot carry, durable before the answer."""
        transfer = _transfer(request)
        position = _number(request.path_params["index"], "index", most=MAX_FILES - 1)
        said = parse_digest(request.headers.get(routes.DIGEST_HEADER, ""))
        await run_in_threadpool(self._inside.transfers.read, transfer)
        with self._inside.store.incoming_attachment(transfer) as file:
            received = await self._receive(request, file)
            if received.sha256 != said:
                raise _DigestWrong
            attachment = Attachment(position, said, received.size, kind_of(received.head))
            await run_in_threadpool(
                attachments.keep,
                self._inside.engine,
                self._inside.store,
                transfer,
                file,
                attachment,
            )
        return Response(status_code=204)

    async def get_instances(self, request: Request) -> Response:
        """Answer with the store's own index of a transfer."""
        await self._body(request)
        transfer = _transfer(request)
        await run_in_threadpool(self._inside.transfers.read, transfer)
        await run_in_threadpool(self._inside.index.flush)
        stored = await run_in_threadpool(index.stored_instances, self._inside.engine, transfer)
        return _answer(encode_instances(stored))

    async def get_events(self, request: Request) -> Response:
        """Answer with the events after a sequence, at once or within ``wait`` seconds."""
        await self._body(request)
        after = _number(request.query_params.get("after", "0"), "after")
        wait = _number(request.query_params.get("wait", "0"), "wait", most=MAX_WAIT_SECONDS)
        with self._inside.bell.listen() as listening:
            found = await run_in_threadpool(events.after, self._inside.engine, after)
            if not found and wait:
                await listening.rung(wait)
                found = await run_in_threadpool(events.after, self._inside.engine, after)
        return _answer(encode_events(found))

    async def get_commands(self, request: Request) -> Response:
        """Answer with the administrators' commands that wait, at once or within ``wait``."""
        await self._body(request)
        wait = _number(request.query_params.get("wait", "0"), "wait", most=MAX_WAIT_SECONDS)
        with self._inside.bell.listen() as listening:
            found = await run_in_threadpool(self._commands.waiting)
            if not found and wait:
                await listening.rung(wait)
                found = await run_in_threadpool(self._commands.waiting)
        return _answer(encode_commands(found))

    async def put_command_answer(self, request: Request) -> Response:
        """Keep what the receiver answered; 404 for a command nobody asked."""
        body = await self._body(request)
        identity = parse_command_id(request.path_params["command"])
        if not await run_in_threadpool(self._commands.keep_answer, identity, body):
            return _problem(Code.NOT_FOUND, request, LookupError())
        return Response(status_code=204)

    async def put_quarantine(self, request: Request) -> Response:
        """Take the poller's list of refused files in the place of the one before."""
        said = parse_quarantined(await self._body(request))
        await run_in_threadpool(self._inside.quarantine.keep, said)
        return Response(status_code=204)

    async def get_decisions(self, request: Request) -> Response:
        """Answer with what people decided behind a sequence, at once or within ``wait``."""
        await self._body(request)
        after = _number(request.query_params.get("after", "0"), "after")
        wait = _number(request.query_params.get("wait", "0"), "wait", most=MAX_WAIT_SECONDS)
        decided = self._inside.quarantine.decisions
        with self._inside.bell.listen() as listening:
            found = await run_in_threadpool(decided, after)
            if not found and wait:
                await listening.rung(wait)
                found = await run_in_threadpool(decided, after)
        return _answer(encode_decisions(found))

    async def _body(self, request: Request) -> bytes:
        """Return the body of a request that is signed by the destination."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_MESSAGE_BYTES:
                raise TooLarge("body", f"longer than {MAX_MESSAGE_BYTES} bytes")
        self._verify(request, hashlib.sha256(body).digest())
        return bytes(body)

    async def _receive(self, request: Request, file: TemporaryFile) -> "_Received":
        """Write a signed request's body to ``file``; on any error the file is abandoned."""
        digest, size, head = hashlib.sha256(), 0, b""
        async for piece in _gathered(request.stream()):
            size += len(piece)
            if size > MAX_ATTACHMENT_BYTES:
                raise TooLarge("attachment", f"longer than {MAX_ATTACHMENT_BYTES} bytes")
            head = head or piece[:HEAD_BYTES]
            digest.update(piece)
            await run_in_threadpool(file.write, piece)
        self._verify(request, digest.digest())
        return _Received(digest.digest(), size, head)

    def _verify(self, request: Request, body_sha256: bytes) -> None:
        if request.headers.get(routes.VERSION_HEADER) != str(routes.VERSION):
            raise Malformed(routes.VERSION_HEADER, f"not {routes.VERSION}")
        query = request.url.query
        verify_request(
            self._inside.destination_keys,
            request.method,
            f"{request.url.path}?{query}" if query else request.url.path,
            body_sha256,
            request.headers.get(routes.TIME_HEADER, ""),
            request.headers.get(routes.SIGNATURE_HEADER, ""),
            int(self._inside.clock.now().timestamp()),
        )
        self._inside.heartbeat.beat()


@dataclass(frozen=True, slots=True)
class _Received:
    sha256: bytes
    size: int
    head: bytes


async def _gathered(stream: AsyncIterator[bytes], least: int = 1024 * 1024) -> AsyncIterator[bytes]:
    """Join small pieces: one step to a thread for each would cost more than the writing."""
    waiting = bytearray()
    async for piece in stream:
        waiting += piece
        if len(waiting) >= least:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _transfer(request: Request) -> TransferId:
    return parse_transfer_id(request.path_params["transfer"])


def _number(untrusted: str, where: str, *, most: int = 2**63 - 1) -> int:
    if not (untrusted.isascii() and untrusted.isdigit() and len(untrusted) <= _MAX_DIGITS):
        raise Malformed(where, "not a number")
    if int(untrusted) > most:
        raise Malformed(where, f"more than {most}")
    return int(untrusted)


def _answer(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _problem(code: Code, _request: Request, _error: Exception) -> Response:
    problem = Problem(code)
    return Response(problem.encode(), status_code=problem.status, media_type=CONTENT_TYPE)


def _status_problem(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _problem(_STATUS_CODES.get(status, Code.MALFORMED), request, error)


def _internal(request: Request, error: Exception) -> Response:
    _LOG.error("request failed", exc_info=error)
    return _problem(Code.INTERNAL, request, error)
