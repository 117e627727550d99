"""The public side: what anybody on the internet may say to the receiver.

The rule: every request is judged by its source first (rate, then lists), then by its form, then by
its signature, and only then does it cost anything. There is no login, no cookie, no form, no page
beside one; the document about the interface (document.py) is served to nobody.
"""

from collections.abc import Iterator

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from passbox_base.errors import StoreFailed
from passbox_base.logs import bind_transfer, get_logger
from passbox_base.pack_store import Stored
from passbox_receiver import document, page, transfers, uploads
from passbox_receiver.answers import HEADERS, add_problem_handlers, answer, nothing
from passbox_receiver.asking import (
    must_be_recent,
    must_speak_our_version,
    parse_declared_pack,
    parse_hex_header,
    parse_number,
    parse_signature_header,
    read_message,
)
from passbox_receiver.errors import Refused
from passbox_receiver.lists import blocking
from passbox_receiver.monitor import raise_alarm
from passbox_receiver.quarantine import find_signed, take_in
from passbox_receiver.receipts import KeptReceipt, find_receipt, read_piece
from passbox_receiver.receiver import Receiver
from passbox_receiver.sources import Source, parse_source
from passbox_wire import routes, signing
from passbox_wire.codes import HANDLE_BYTES
from passbox_wire.digests import sha256
from passbox_wire.ids import MAX_PACK_NUMBER, TransferId, parse_transfer_id
from passbox_wire.inner.receiver import MAX_WAIT_SECONDS as MAX_POLL_SECONDS
from passbox_wire.inner.receiver import AlarmKind
from passbox_wire.messages import HeldPacks, parse_close_transfer
from passbox_wire.parsing import MAX_INTEGER
from passbox_wire.problems import MAX_WAIT_SECONDS, Code, Problem

_log = get_logger(__name__)


def create_public_app(receiver: Receiver) -> FastAPI:
    """Return the ASGI application of the public listener."""
    app = FastAPI(title="Passbox receiver", openapi_url=None, docs_url=None, redoc_url=None)
    side = _PublicSide(receiver)
    for path, method, handler in (
        ("/", "GET", side.page),
        (routes.STATUS, "GET", side.status),
        (routes.TRANSFER, "PUT", side.open),
        (routes.PACK, "PUT", side.put_pack),
        (routes.PACKS, "GET", side.held),
        (routes.CLOSE, "POST", side.close),
        (routes.CANCEL, "POST", side.cancel),
        (routes.RECEIPT, "GET", side.receipt),
    ):
        app.add_api_route(
            path,
            handler,
            methods=[method],
            response_class=Response,
            openapi_extra=document.operation(path),
        )
    add_problem_handlers(app, side.refused)
    return app


class _PublicSide:
    """The handlers; all state is the Receiver's."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def page(self, request: Request) -> Response:
        """Say what this machine is."""
        chosen = page.language_of(
            request.query_params.get("lang"), request.headers.get("Accept-Language", "")
        )
        return page.page(chosen, self._receiver.settings.clients.download)

    async def status(self, request: Request) -> Response:
        """Say whether the door is open: to every client, however old."""
        source = await self._source(request)
        status = await run_in_threadpool(transfers.service_status, self._receiver, source)
        return answer(status.encode())

    async def open(self, request: Request, transfer: str) -> Response:
        """Open a transfer: 201, or 200 when it was open before."""
        source = await self._sender(request)
        parsed = parse_transfer_id(transfer)
        body, signature = await read_message(request), parse_signature_header(request)
        message = transfers.parse_signed_open(self._receiver, parsed, body, signature)
        self._check_client(message.client)
        upload, is_new = await run_in_threadpool(
            transfers.open_transfer, self._receiver, parsed, message, source
        )
        status = transfers.status_of(self._receiver, upload)
        return answer(status.encode(), 201 if is_new else 200)

    async def put_pack(self, request: Request, transfer: str, number: str) -> Response:
        """Take a pack in: 201, or 200 when it was held before."""
        source = await self._sender(request)
        declared = parse_declared_pack(request, transfer, number)
        with bind_transfer(declared.transfer):
            stored = await take_in(self._receiver, declared, source, request.stream())
        if stored is Stored.HELD:
            return nothing(200)
        self._receiver.work_bell.ring("work")
        return nothing(201)

    async def held(self, request: Request, transfer: str) -> Response:
        """Say which packs of a transfer came, a page at a time."""
        await self._sender(request)
        parsed, signature = parse_transfer_id(transfer), parse_signature_header(request)
        first = parse_number(request.query_params.get("after"), most=MAX_PACK_NUMBER)
        held = await run_in_threadpool(self._held, parsed, signature, first)
        return answer(held.encode())

    async def close(self, request: Request, transfer: str) -> Response:
        """Close a transfer over the packs its sender names."""
        await self._sender(request)
        parsed, signature = parse_transfer_id(transfer), parse_signature_header(request)
        body = await read_message(request)
        message = parse_close_transfer(body)
        upload = await run_in_threadpool(
            transfers.close_transfer, self._receiver, parsed, body, message, signature
        )
        self._receiver.work_bell.ring("work")
        return answer(transfers.status_of(self._receiver, upload).encode())

    async def cancel(self, request: Request, transfer: str) -> Response:
        """Withdraw a transfer."""
        await self._sender(request)
        parsed, signature = parse_transfer_id(transfer), parse_signature_header(request)
        upload = await run_in_threadpool(
            transfers.cancel_transfer, self._receiver, parsed, signature
        )
        self._receiver.work_bell.ring("work")
        return answer(transfers.status_of(self._receiver, upload).encode())

    async def receipt(self, request: Request) -> Response:
        """Hand out a receipt newer than ``after``, waiting for it; 204 when there is none."""
        await self._sender(request)
        handle = sha256(parse_hex_header(request, routes.HANDLE_HEADER, HANDLE_BYTES))
        after = parse_number(request.query_params.get("after"), most=MAX_INTEGER)
        wait = parse_number(request.query_params.get("wait"), most=MAX_POLL_SECONDS)

        def look() -> KeptReceipt | None:
            with self._receiver.ledger.reading() as connection:
                return find_receipt(connection, handle, after)

        kept = await self._receiver.receipt_bell.wait_for(handle, look, wait)
        if kept is None:
            return nothing()
        headers = {**HEADERS, "Content-Length": str(kept.length)}
        return StreamingResponse(self._pieces(kept), 200, headers, media_type="application/json")

    def _pieces(self, kept: KeptReceipt) -> Iterator[bytes]:
        for number in kept.pieces:
            with self._receiver.ledger.reading() as connection:
                piece = read_piece(connection, kept, number)
            yield piece

    async def refused(self, problem: Problem) -> None:
        """Hear of every answer that is a problem: a full store alarms people."""
        if problem.code is Code.STORE_FULL:
            await run_in_threadpool(self._alarm_full)

    def _alarm_full(self) -> None:
        receiver = self._receiver
        used, limit = receiver.free_bytes(), receiver.settings.store.kept_bytes
        try:
            with receiver.ledger.writing() as connection:
                kind = AlarmKind.STORE_NEARLY_FULL
                is_new = raise_alarm(connection, kind, receiver.now(), used, limit)
        except StoreFailed:  # so full that not even this fits: expiry's round fails too, and logs
            return
        if is_new:
            _log.error("store is full", free_bytes=used)

    def _held(self, transfer: TransferId, signature: bytes, first: int) -> HeldPacks:
        with self._receiver.ledger.reading() as connection:
            upload = find_signed(connection, transfer, signature, signing.held_statement(transfer))
            upload.must_be_alive()
            return uploads.held_page(connection, transfer, first)

    def _check_client(self, untrusted_client: str) -> None:
        clients = self._receiver.settings.clients
        must_be_recent(untrusted_client, clients.oldest, clients.download)

    async def _source(self, request: Request) -> Source:
        """Return who asks, if he may ask at all."""
        source = parse_source(request.client.host if request.client else None)
        wait = self._receiver.rate.seconds_to_wait(source, self._receiver.rules.latest.limits)
        if wait is not None:
            raise Refused(Problem(Code.TOO_MANY_REQUESTS, retry_after=wait))
        rules = await run_in_threadpool(self._receiver.rules.current)
        now = self._receiver.now()
        entry = blocking(rules.lists, source.address, now)
        if entry is not None:
            wait = None if entry.expires is None else min(entry.expires - now, MAX_WAIT_SECONDS)
            raise Refused(Problem(Code.BLOCKED, retry_after=wait))
        return source

    async def _sender(self, request: Request) -> Source:
        source = await self._source(request)
        clients = self._receiver.settings.clients
        must_speak_our_version(request, clients.download)
        self._check_client(request.headers.get(routes.CLIENT_HEADER, ""))
        return source
