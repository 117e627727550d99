"""A receiver that speaks the inner contract from memory, and can be told to lie."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passbox_wire import routes, signing
from passbox_wire.digests import packs_digest, sha256
from passbox_wire.errors import SignatureWrong
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inner.admin import Command, CommandAnswer, Outcome, parse_command
from passbox_wire.inner.receiver import (
    Alarm,
    StopReason,
    Work,
    WorkItem,
    parse_acknowledgements,
    parse_alarms_seen,
    parse_stop_transfer,
    parse_work_request,
)
from passbox_wire.inner.requests import verify_request
from passbox_wire.messages import CloseTransfer, HeldPack, HeldPacks
from passbox_wire.problems import Code, Problem
from passbox_wire.receipts import Receipt, SignedReceipt, parse_signed_receipt
from passbox_wire.states import UploadState
from tests.builders.wire import a_destination_id, a_signing_key, public

PAGE = 3  # small, so that paging is always walked
DEADLINE = 120.0  # seconds


@dataclass
class Upload:
    """One transfer as the DMZ has it."""

    key: Ed25519PrivateKey
    source: bytes = b"source"
    state: UploadState = UploadState.RECEIVING
    packs: dict[int, bytes] = field(default_factory=dict)
    digests: dict[int, bytes] = field(default_factory=dict)
    released: set[int] = field(default_factory=set)
    packs_sha256: bytes | None = None
    signature: bytes | None = None
    change: int = 0
    finished: bool = False


class FakeReceiver:
    """State and ASGI application.

    ``serve_instead`` replaces the bytes of packs that are asked for.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cursor = 1
        self.destination_key = public(a_signing_key("destination"))
        self.receipt_key = public(a_signing_key("receipt"))
        self.uploads: dict[TransferId, Upload] = {}
        self.receipts: list[tuple[Receipt, SignedReceipt]] = []
        self.stops: list[tuple[TransferId, StopReason]] = []
        self.alarms: list[Alarm] = []
        self.alarms_seen = 0
        self.pulled: list[tuple[TransferId, int]] = []
        self.serve_instead: dict[tuple[TransferId, int], bytes] = {}
        self.commands: list[Command] = []
        self.answer_command: Callable[[Command], Response] = _done
        self.refuse_work = False
        self.asked = 0
        self.app = Starlette(
            routes=[
                Route(routes.WORK, self._work, methods=["POST"]),
                Route(routes.INNER_PACKS, self._packs),
                Route(routes.INNER_PACK, self._pack),
                Route(routes.ACKNOWLEDGE, self._acknowledge, methods=["POST"]),
                Route(routes.INNER_RECEIPT, self._receipt, methods=["PUT"]),
                Route(routes.STOP, self._stop, methods=["POST"]),
                Route(routes.ALARMS, self._alarms, methods=["POST"]),
                Route(routes.ADMINISTRATION, self._administration, methods=["POST"]),
            ],
            exception_handlers={SignatureWrong: _refused},
        )

    # What a test does with it.

    def open(self, transfer: TransferId, key: Ed25519PrivateKey, source: bytes = b"source") -> None:
        with self._changed:
            self.uploads.setdefault(transfer, Upload(key, source))

    def put(self, transfer: TransferId, number: int, sealed: bytes) -> None:
        with self._changed:
            upload = self.uploads[transfer]
            upload.packs[number] = sealed
            upload.digests[number] = sha256(sealed)
            self._touch(upload)

    def close(
        self,
        transfer: TransferId,
        state: UploadState = UploadState.CLOSED,
        *,
        forged: bool = False,
    ) -> None:
        """End it as its sender does who signs for it; ``forged``: by some other key."""
        with self._changed:
            upload = self.uploads[transfer]
            upload.state = state
            said = signing.cancel_statement(transfer)
            if state is UploadState.CLOSED:
                upload.packs_sha256 = packs_digest(upload.digests)
                close = CloseTransfer(len(upload.packs), upload.packs_sha256)
                said = signing.close_statement(transfer, close.encode())
            if state in {UploadState.CLOSED, UploadState.CANCELLED}:
                key = a_signing_key("forger") if forged else upload.key
                upload.signature = signing.sign(key, said)
            self._touch(upload)

    def alarm(self, alarm: Alarm) -> None:
        with self._changed:
            self.alarms.append(alarm)
            self._cursor += 1
            self._changed.notify_all()

    def wait_for(self, what: Any, deadline: float = DEADLINE) -> None:
        """Wait until ``what()`` holds; whatever changes here wakes it."""
        with self._changed:
            assert self._changed.wait_for(what, deadline), "the poller did not do it in time"

    def wait_for_receipts(self, count: int) -> list[tuple[Receipt, SignedReceipt]]:
        self.wait_for(lambda: len(self.receipts) >= count)
        return self.receipts

    def _touch(self, upload: Upload) -> None:
        self._cursor += 1
        upload.change = self._cursor
        self._changed.notify_all()

    # The contract.

    async def _read(self, request: Request) -> bytes:
        body = await request.body()
        query = f"?{request.url.query}" if request.url.query else ""
        verify_request(
            (self.destination_key,),
            request.method,
            request.url.path + query,
            sha256(body),
            request.headers[routes.TIME_HEADER],
            request.headers[routes.SIGNATURE_HEADER],
            int(datetime.now(UTC).timestamp()),
        )
        return body

    async def _work(self, request: Request) -> Response:
        asked = parse_work_request(await self._read(request))
        assert asked.destination == a_destination_id()
        with self._changed:
            self.asked += 1
            self._changed.notify_all()
        if self.refuse_work:
            return _problem(Code.INTERNAL)
        loop = asyncio.get_running_loop()
        end = loop.time() + min(asked.wait, 0.25)
        while self._cursor == asked.cursor and loop.time() < end:  # noqa: ASYNC110  # a fake may poll
            await asyncio.sleep(0.01)
        with self._changed:
            items = tuple(
                _item(transfer, upload)
                for transfer, upload in self.uploads.items()
                if upload.packs
                and (_waiting(upload) or (upload.change > asked.cursor and not upload.finished))
            )
            alarms = tuple(alarm for alarm in self.alarms if alarm.sequence > self.alarms_seen)
            return Response(Work(self._cursor, items, alarms, bytes(32)).encode())

    async def _packs(self, request: Request) -> Response:
        await self._read(request)
        upload = self.uploads[parse_transfer_id(request.path_params["transfer"])]
        first = int(request.query_params.get("after", "0"))
        with self._changed:
            numbers = sorted(number for number in upload.packs if number >= first)
            page = tuple(
                HeldPack(n, upload.digests[n], len(upload.packs[n]), released=n in upload.released)
                for n in numbers[:PAGE]
            )
        following = numbers[PAGE] if len(numbers) > PAGE else None
        return Response(HeldPacks(page, following).encode())

    async def _pack(self, request: Request) -> Response:
        await self._read(request)
        transfer = parse_transfer_id(request.path_params["transfer"])
        number = int(request.path_params["number"])
        self.pulled.append((transfer, number))
        sealed = self.uploads[transfer].packs[number]
        return Response(self.serve_instead.get((transfer, number), sealed))

    async def _acknowledge(self, request: Request) -> Response:
        packs = parse_acknowledgements(await self._read(request))
        transfer = parse_transfer_id(request.path_params["transfer"])
        with self._changed:
            upload = self.uploads[transfer]
            for pack in packs:
                statement = signing.acknowledge_statement(transfer, pack.number, pack.sha256)
                signing.verify(self.destination_key, pack.signature, statement)
                assert upload.digests[pack.number] == pack.sha256
                upload.released.add(pack.number)
            self._touch(upload)
        return Response(status_code=204)

    async def _receipt(self, request: Request) -> Response:
        signed = parse_signed_receipt(await self._read(request))
        receipt = signed.verified((self.receipt_key,))
        with self._changed:
            self.receipts.append((receipt, signed))
            self.uploads[receipt.transfer].finished = True
            self._changed.notify_all()
        return Response(status_code=204)

    async def _administration(self, request: Request) -> Response:
        command = parse_command(await self._read(request))
        with self._changed:
            self.commands.append(command)
            self._changed.notify_all()
        return self.answer_command(command)

    async def _stop(self, request: Request) -> Response:
        stop = parse_stop_transfer(await self._read(request))
        transfer = parse_transfer_id(request.path_params["transfer"])
        with self._changed:
            self.stops.append((transfer, stop.reason))
            upload = self.uploads[transfer]
            upload.state = UploadState.STOPPED
            self._touch(upload)
        return Response(status_code=204)

    async def _alarms(self, request: Request) -> Response:
        seen = parse_alarms_seen(await self._read(request))
        with self._changed:
            self.alarms_seen = seen.sequence
            self._changed.notify_all()
        return Response(status_code=204)


def _waiting(upload: Upload) -> int:
    return len(upload.packs) - len(upload.released)


def _item(transfer: TransferId, upload: Upload) -> WorkItem:
    return WorkItem(
        transfer=transfer,
        state=upload.state,
        public_key=public(upload.key),
        source=upload.source,
        total_bytes=sum(map(len, upload.packs.values())),
        packs=len(upload.packs),
        waiting=_waiting(upload),
        packs_sha256=upload.packs_sha256,
        signature=upload.signature,
        opened=1_900_000_000,
        last_pack=1_900_000_000,
    )


def _done(command: Command) -> Response:
    return Response(CommandAnswer(command.id, Outcome.DONE).encode())


def _problem(code: Code) -> Response:
    problem = Problem(code)
    return Response(problem.encode(), problem.status)


def _refused(_request: Request, _error: Exception) -> Response:
    return _problem(Code.SIGNATURE_WRONG)
