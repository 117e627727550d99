"""The inner side: what the poller says. It dials out to here; nothing ever dials in to it.

The rule: the listener takes only certificates of the inner CA, and every request is signed with a
destination's key (uvicorn shows an application no certificate); a destination sees and touches its
own transfers only. Packs are let go of on the signature over each pack, checked again here.
"""

from collections.abc import Iterator
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from passbox_base.errors import NoSuchPack
from passbox_base.logs import get_logger
from passbox_base.pack_store import PackKey
from passbox_receiver import transfers, uploads
from passbox_receiver.answers import HEADERS, add_problem_handlers, answer, nothing
from passbox_receiver.asking import (
    must_speak_our_version,
    parse_number,
    read_message,
    signed_target,
)
from passbox_receiver.commands import obey
from passbox_receiver.destinations import Destination
from passbox_receiver.errors import Refused
from passbox_receiver.monitor import alarms_seen
from passbox_receiver.quarantine import clear, release
from passbox_receiver.receipts import put_receipt
from passbox_receiver.receiver import Receiver
from passbox_receiver.uploads import Upload
from passbox_receiver.work import Found, find_work, is_news
from passbox_wire import routes, signing
from passbox_wire.digests import sha256
from passbox_wire.errors import SignatureWrong
from passbox_wire.ids import MAX_PACK_NUMBER, parse_pack_number, parse_transfer_id
from passbox_wire.inner.admin import CHANGES, parse_command
from passbox_wire.inner.receiver import (
    Acknowledged,
    Work,
    WorkRequest,
    parse_acknowledgements,
    parse_alarms_seen,
    parse_stop_transfer,
    parse_work_request,
)
from passbox_wire.inner.requests import verify_request
from passbox_wire.messages import HeldPack, HeldPacks
from passbox_wire.problems import Code, Problem
from passbox_wire.receipts import MAX_RECEIPT_BYTES, parse_signed_receipt

_log = get_logger(__name__)

_MAX_BODY: Final = 1024 * 1024
_PIECE: Final = 1024 * 1024
_LOOK_AGAIN_SECONDS: Final = 2.0
"""How late a long poll may hear of what another process wrote: alarms of operations.py."""


def create_inner_app(receiver: Receiver) -> FastAPI:
    """Return the ASGI application of the poller's listener."""
    app = FastAPI(title="Passbox receiver, inner", openapi_url=None, docs_url=None, redoc_url=None)
    side = _InnerSide(receiver)
    for path, method, handler in (
        ("/healthz", "GET", side.health),
        (routes.WORK, "POST", side.work),
        (routes.INNER_PACKS, "GET", side.packs),
        (routes.INNER_PACK, "GET", side.pack),
        (routes.ACKNOWLEDGE, "POST", side.acknowledge),
        (routes.INNER_RECEIPT, "PUT", side.receipt),
        (routes.STOP, "POST", side.stop),
        (routes.ALARMS, "POST", side.alarms),
        (routes.ADMINISTRATION, "POST", side.administration),
    ):
        app.add_api_route(path, handler, methods=[method], response_class=Response)
    add_problem_handlers(app, _nobody_hears)
    return app


async def _nobody_hears(_problem: Problem) -> None:
    """The poller tells its own administrators what it was refused."""


class _InnerSide:
    """The handlers; all state is the Receiver's."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def health(self) -> Response:
        """Say that the process answers and its ledger can be read."""
        await run_in_threadpool(self._receiver.rules.current)
        return nothing()

    async def work(self, request: Request) -> Response:
        """Say what there is to pull, at once or as soon as something is new."""
        body = await read_message(request, _MAX_BODY)
        destination = self._signer(request, body)
        asked = parse_work_request(body)
        if asked.destination != destination.id:
            raise Refused.because(Code.UNKNOWN_DESTINATION)
        await self._receiver.work_bell.wait_for(
            "work", lambda: self._news(asked), asked.wait, _LOOK_AGAIN_SECONDS
        )
        now = self._receiver.now()
        if self._receiver.inside.hear(destination.id, asked.poller, now):
            _log.error("two pollers ask for one destination", destination_id=destination.id)
        found = await run_in_threadpool(self._find, asked)
        head = self._receiver.audit.head.sha256
        return answer(Work(found.cursor, found.items, found.alarms, head).encode())

    async def packs(self, request: Request, transfer: str) -> Response:
        """Say which packs of a transfer wait, a page at a time.

        Not those that were let go of: a sender may send 100,000 small ones, and to page through all
        of them for the next few would cost the inside the square of that.
        """
        destination = self._signer(request, await read_message(request, 0))
        first = parse_number(request.query_params.get("after"), most=MAX_PACK_NUMBER)

        def page() -> HeldPacks:
            upload = self._own(destination, transfer)
            with self._receiver.ledger.reading() as connection:
                return uploads.held_page(connection, upload.transfer, first, waiting=True)

        return answer((await run_in_threadpool(page)).encode())

    async def pack(self, request: Request, transfer: str, number: str) -> Response:
        """Hand out a sealed pack."""
        destination = self._signer(request, await read_message(request, 0))
        parsed = parse_pack_number(number)

        def find() -> tuple[HeldPack, Iterator[bytes]]:
            upload = self._own(destination, transfer)
            with self._receiver.ledger.reading() as connection:
                held = uploads.find_pack(connection, upload.transfer, parsed)
            if held is None or held.released:
                raise Refused.because(Code.NOT_FOUND)
            return held, self._pieces(PackKey(upload.transfer, parsed))

        held, pieces = await run_in_threadpool(find)
        headers = {**HEADERS, "Content-Length": str(held.length)}
        return StreamingResponse(pieces, 200, headers, media_type="application/octet-stream")

    async def acknowledge(self, request: Request, transfer: str) -> Response:
        """Let go of packs, each of which the destination signed to hold."""
        body = await read_message(request, _MAX_BODY)
        destination = self._signer(request, body)
        packs = parse_acknowledgements(body)
        await run_in_threadpool(self._acknowledge, destination, transfer, packs)
        return nothing()

    async def receipt(self, request: Request, transfer: str) -> Response:
        """Keep the inside's signed word for the sender."""
        body = await read_message(request, MAX_RECEIPT_BYTES)
        destination = self._signer(request, body)
        handle = await run_in_threadpool(self._put_receipt, destination, transfer, body)
        self._receiver.receipt_bell.ring(handle)
        return nothing()

    async def stop(self, request: Request, transfer: str) -> Response:
        """Take nothing more of a transfer."""
        body = await read_message(request, _MAX_BODY)
        destination = self._signer(request, body)
        reason = parse_stop_transfer(body).reason

        def stop() -> None:
            upload = self._own(destination, transfer)
            transfers.stop_transfer(self._receiver, upload.transfer, reason)

        await run_in_threadpool(stop)
        self._receiver.work_bell.ring("work")
        return nothing()

    async def alarms(self, request: Request) -> Response:
        """Forget alarms that are in the inside's outbox."""
        body = await read_message(request, _MAX_BODY)
        self._signer(request, body)
        sequence = parse_alarms_seen(body).sequence

        def forget() -> None:
            with self._receiver.ledger.writing() as connection:
                alarms_seen(connection, sequence)

        await run_in_threadpool(forget)
        return nothing()

    async def administration(self, request: Request) -> Response:
        """Do what an administrator inside asks."""
        body = await read_message(request, _MAX_BODY)
        destination, command = self._signer(request, body), parse_command(body)
        done = await run_in_threadpool(obey, self._receiver, destination, command)
        if command.kind in CHANGES:
            self._receiver.work_bell.ring("work")
        return answer(done.encode())

    def _signer(self, request: Request, body: bytes) -> Destination:
        """Return the destination that signed this request; raise SignatureWrong, Malformed."""
        must_speak_our_version(request, None)
        for destination in self._receiver.destinations.values():
            try:
                verify_request(
                    destination.destination_keys,
                    request.method,
                    signed_target(request),
                    sha256(body),
                    request.headers.get(routes.TIME_HEADER, ""),
                    request.headers.get(routes.SIGNATURE_HEADER, ""),
                    self._receiver.now(),
                )
            except SignatureWrong:
                continue
            return destination
        raise SignatureWrong("signed by no destination")

    def _own(self, destination: Destination, untrusted_transfer: str) -> Upload:
        """Return a transfer of this destination; another's is as unknown as none."""
        transfer = parse_transfer_id(untrusted_transfer)
        with self._receiver.ledger.reading() as connection:
            upload = uploads.must_find(connection, transfer)
        if upload.destination != destination.id:
            raise Refused.because(Code.UNKNOWN_TRANSFER)
        return upload

    def _news(self, asked: WorkRequest) -> bool | None:
        with self._receiver.ledger.reading() as connection:
            return is_news(connection, asked.cursor) or None

    def _find(self, asked: WorkRequest) -> Found:
        with self._receiver.ledger.reading() as connection:
            return find_work(
                connection, asked.destination, asked.cursor, self._receiver.source_secret
            )

    def _pieces(self, key: PackKey) -> Iterator[bytes]:
        try:
            file = self._receiver.store.get(key)
        except NoSuchPack:  # released a moment ago
            raise Refused.because(Code.NOT_FOUND) from None

        def read() -> Iterator[bytes]:
            with file:
                while piece := file.read(_PIECE):
                    yield piece

        return read()

    def _acknowledge(
        self, destination: Destination, transfer: str, packs: tuple[Acknowledged, ...]
    ) -> None:
        upload = self._own(destination, transfer)
        for pack in packs:
            _verify(destination, upload, pack)
        release(self._receiver, upload, {pack.number: pack.sha256 for pack in packs})
        clear(self._receiver)

    def _put_receipt(self, destination: Destination, transfer: str, body: bytes) -> bytes:
        receipt = parse_signed_receipt(body).verified(destination.receipt_keys)
        upload = self._own(destination, transfer)
        with self._receiver.ledger.writing() as connection:
            put_receipt(connection, upload, receipt, body)
        return upload.handle_sha256


def _verify(destination: Destination, upload: Upload, pack: Acknowledged) -> None:
    statement = signing.acknowledge_statement(upload.transfer, pack.number, pack.sha256)
    for public_key in destination.destination_keys:
        try:
            signing.verify(public_key, pack.signature, statement)
        except SignatureWrong:
            continue
        return
    raise SignatureWrong("an acknowledgement is signed by no key of the destination")
