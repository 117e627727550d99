"""A viewer that speaks the inner contract from memory, with a real C-STORE provider beside it."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pynetdicom import AE, AllStoragePresentationContexts, _config, evt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passbox_wire import routes
from passbox_wire.digests import sha256
from passbox_wire.errors import SignatureWrong
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inner.admin import (
    Command,
    CommandAnswer,
    encode_commands,
    parse_command_answer,
)
from passbox_wire.inner.quarantine import (
    Action,
    Decision,
    Quarantined,
    encode_decisions,
    parse_quarantined,
)
from passbox_wire.inner.requests import verify_request
from passbox_wire.inner.viewer import (
    Delivery,
    Event,
    EventKind,
    Facts,
    Registered,
    StoredInstance,
    encode_events,
    encode_instances,
    parse_delivery,
    parse_facts,
)
from passbox_wire.problems import Code, Problem
from tests.builders.wire import a_signing_key, public

LINK = "https://viewer.hospital.example/s/abc123"
DEADLINE = 120.0  # seconds
SUCCESS = 0x0000


class FakeViewer:
    """State, ASGI application and SCP.

    ``answer`` decides each C-STORE's status; ``forget`` drops from the index.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.destination_key = public(a_signing_key("destination"))
        self.facts: dict[TransferId, Facts] = {}
        self.stored: list[tuple[str, str, bytes]] = []
        self.callers: set[str] = set()
        self.attachments: dict[tuple[TransferId, int], bytes] = {}
        self.deliveries: list[tuple[TransferId, Delivery]] = []
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.answers: list[CommandAnswer] = []
        self.in_pacs: set[str] = set()
        self.quarantined = Quarantined((), 0)
        self.decisions: list[Decision] = []
        self.decisions_asked_after = 0
        self.answer: Callable[[str], int] = lambda _uid: SUCCESS
        self.forget: set[str] = set()
        self.deleted: set[TransferId] = set()
        self.announces = True
        self._server: Any = None
        self.app = Starlette(
            routes=[
                Route(routes.VIEWER_TRANSFER, self._register, methods=["PUT"]),
                Route(routes.VIEWER_ATTACHMENT, self._attach, methods=["PUT"]),
                Route(routes.VIEWER_DELIVERY, self._deliver, methods=["PUT"]),
                Route(routes.VIEWER_INSTANCES, self._instances),
                Route(routes.VIEWER_EVENTS, self._events),
                Route(routes.VIEWER_QUARANTINE, self._list, methods=["PUT"]),
                Route(routes.VIEWER_DECISIONS, self._decided),
                Route(routes.VIEWER_COMMANDS, self._commands),
                Route(routes.VIEWER_COMMAND_ANSWER, self._answer_command, methods=["PUT"]),
            ],
            exception_handlers={SignatureWrong: _refused, KeyError: _unknown},
        )

    # What a test does with it.

    def start_scp(self, port: int = 0) -> int:
        # pynetdicom is configured for a whole process: a real viewer may have run in it before.
        _config.UNRESTRICTED_STORAGE_SERVICE = False
        _config.STORE_RECV_CHUNKED_DATASET = False
        ae = AE()
        ae.require_called_aet = True
        for context in AllStoragePresentationContexts:
            ae.add_supported_context(str(context.abstract_syntax), "1.2.840.10008.1.2.1")
        handlers: list[Any] = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_REQUESTED, self._on_request),
        ]
        self._server = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
        return int(self._server.server_address[1])

    def stop_scp(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def say(self, transfer: TransferId, kind: EventKind, link: str = "") -> None:
        with self._changed:
            self._say(transfer, kind, link)

    def delete(self, transfer: TransferId, *, told: bool = True) -> None:
        """Let go of a transfer: its title and its id are unknown from now on."""
        with self._changed:
            self.deleted.add(transfer)
            if told:
                self._say(transfer, EventKind.DELETED, "")

    def decide(self, transfer: TransferId, index: int, action: Action) -> None:
        with self._changed:
            sequence = len(self.decisions) + 1
            why = "asked the sender"
            self.decisions.append(
                Decision(sequence, transfer, index, action, "ada", why, 1_900_000_000)
            )

    def wait_for(self, what: Callable[[], object], deadline: float = DEADLINE) -> None:
        with self._changed:
            assert self._changed.wait_for(what, deadline), "the poller did not do it in time"

    def stored_uids(self, ae_title: str | None = None) -> list[str]:
        return [uid for called, uid, _ in self.stored if ae_title in (None, called)]

    def _say(self, transfer: TransferId, kind: EventKind, link: str) -> None:
        sequence = len(self.events) + 1
        self.events.append(Event(sequence, transfer, kind, 1_900_000_000, link, len(self.in_pacs)))
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

    async def _register(self, request: Request) -> Response:
        facts = parse_facts(await self._read(request))
        with self._changed:
            self.facts[facts.transfer] = facts
            self._changed.notify_all()
        return Response(Registered(ae_title(facts.transfer)).encode())

    async def _attach(self, request: Request) -> Response:
        body = await self._read(request)
        assert request.headers[routes.DIGEST_HEADER] == sha256(body).hex()
        transfer = self._here(request)
        with self._changed:
            self.attachments[transfer, int(request.path_params["index"])] = body
        return Response(status_code=204)

    async def _deliver(self, request: Request) -> Response:
        delivery = parse_delivery(await self._read(request))
        transfer = self._here(request)
        with self._changed:
            self.deliveries.append((transfer, delivery))
            announced = any(event.transfer == transfer for event in self.events)
            if delivery.visible and self.announces and not announced:
                self._say(transfer, EventKind.VISIBLE, LINK)
            self._changed.notify_all()
        return Response(status_code=204)

    async def _instances(self, request: Request) -> Response:
        await self._read(request)
        title = ae_title(self._here(request))
        with self._changed:
            index = tuple(
                StoredInstance(uid, hashlib.sha256(data).digest(), uid in self.in_pacs)
                for called, uid, data in self.stored
                if called == title and uid not in self.forget
            )
            self.forget.clear()  # a store that lost something says so once, then it is sent again
        return Response(encode_instances(index))

    async def _events(self, request: Request) -> Response:
        await self._read(request)
        after = int(request.query_params["after"])
        loop = asyncio.get_running_loop()
        end = loop.time() + min(int(request.query_params["wait"]), 0.25)
        while len(self.events) <= after and loop.time() < end:  # noqa: ASYNC110  # a fake may poll
            await asyncio.sleep(0.01)
        return Response(encode_events(tuple(self.events[after:])))

    async def _commands(self, request: Request) -> Response:
        await self._read(request)
        loop = asyncio.get_running_loop()
        end = loop.time() + min(int(request.query_params["wait"]), 0.25)
        while not self.commands and loop.time() < end:  # noqa: ASYNC110  # a fake may poll
            await asyncio.sleep(0.01)
        return Response(encode_commands(tuple(self.commands)))

    async def _answer_command(self, request: Request) -> Response:
        body = await self._read(request)
        identity = request.path_params["command"]
        with self._changed:
            (command,) = (one for one in self.commands if one.id == identity)
            self.answers.append(parse_command_answer(body, command.id, command.kind))
            self.commands.remove(command)
            self._changed.notify_all()
        return Response(status_code=204)

    async def _list(self, request: Request) -> Response:
        quarantined = parse_quarantined(await self._read(request))
        with self._changed:
            self.quarantined = quarantined
            self._changed.notify_all()
        return Response(status_code=204)

    async def _decided(self, request: Request) -> Response:
        await self._read(request)
        after = int(request.query_params["after"])
        with self._changed:
            self.decisions_asked_after = after
            self._changed.notify_all()
        loop = asyncio.get_running_loop()
        end = loop.time() + min(int(request.query_params["wait"]), 0.25)
        while len(self.decisions) <= after and loop.time() < end:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)
        return Response(encode_decisions(tuple(self.decisions[after:])))

    def _here(self, request: Request) -> TransferId:
        transfer = parse_transfer_id(request.path_params["transfer"])
        if transfer in self.deleted:
            raise KeyError(transfer)
        return transfer

    def _on_request(self, event: Any) -> None:
        """Reject a deleted transfer's title; every other one is taken."""
        title = str(event.assoc.requestor.primitive.called_ae_title).strip()
        gone = title in {ae_title(transfer) for transfer in self.deleted}
        event.assoc.acceptor.ae_title = "NOBODY" if gone else title

    def _store(self, event: Any) -> int:
        called = str(event.assoc.requestor.primitive.called_ae_title).strip()
        uid = str(event.request.AffectedSOPInstanceUID)
        status = self.answer(uid)
        with self._changed:
            self.callers.add(str(event.assoc.requestor.ae_title).strip())
            if status == SUCCESS and uid not in self.stored_uids(called):
                self.stored.append((called, uid, event.request.DataSet.getvalue()))
            self._changed.notify_all()
        return status


def ae_title(transfer: TransferId) -> str:
    """Return a transfer's namespace."""
    return f"T{transfer[:15].upper()}"


def _unknown(_request: Request, _error: Exception) -> Response:
    problem = Problem(Code.UNKNOWN_TRANSFER)
    return Response(problem.encode(), problem.status)


def _refused(_request: Request, _error: Exception) -> Response:
    problem = Problem(Code.SIGNATURE_WRONG)
    return Response(problem.encode(), problem.status)
