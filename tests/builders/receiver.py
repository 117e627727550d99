"""A receiver with defaults, a sender and a poller that speak to it as the contract says.

    with an_open_receiver(tmp_path) as house:            everything on disk, nothing listens
        sender = Sender(house.public(), house)           httpx in process, any source address
        poller = Poller(house.inner(), house)
    with serving(house) as ports: ...                    both listeners on real TLS sockets

Keys are those of tests.builders.wire: destination "radiology", keys "destination" and "receipt".
"""

import asyncio
import contextlib
import hashlib
import queue
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.clocks import Clock
from passbox_base.durable import make_folder
from passbox_base.pack_store import PackStoreLike
from passbox_receiver.inner_app import create_inner_app
from passbox_receiver.public_app import create_public_app
from passbox_receiver.receiver import Receiver
from passbox_receiver.serve import serve_receiver
from passbox_receiver.settings import load_settings
from passbox_wire import routes, signing
from passbox_wire.digests import packs_digest, sha256
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.inner.admin import Command, CommandAnswer, parse_command_answer
from passbox_wire.inner.receiver import (
    Acknowledged,
    AlarmsSeen,
    StopReason,
    StopTransfer,
    Work,
    WorkRequest,
    encode_acknowledgements,
    parse_work,
)
from passbox_wire.inner.requests import signed_headers
from passbox_wire.keys import verifying_key_to_pem
from passbox_wire.messages import (
    CloseTransfer,
    HeldPacks,
    OpenTransfer,
    TransferStatus,
    coarse_bytes,
    parse_held_packs,
    parse_transfer_status,
)
from passbox_wire.pack import PackHeader
from passbox_wire.problems import parse_problem
from passbox_wire.receipts import CoarseState, SignedReceipt, sign_receipt
from passbox_wire.sealing import OVERHEAD_BYTES
from tests.builders import wire
from tests.builders.clocks import FakeClock
from tests.builders.pki import Files, Pki

DEADLINE = 20.0  # seconds
CLIENT = "passbox/0.1.0"
PLENTY = 2**45
"""Free bytes of a disk that is never full."""


@dataclass(frozen=True)
class House:
    """A receiver that is open, and where its things are.

    ``front`` is the public listener's certificate (its pin: ``front.issued.spki_sha256``),
    ``poller`` the certificate with which the inside comes.
    """

    receiver: Receiver
    settings_path: Path
    public_pki: Pki
    inner_pki: Pki
    front: Files
    poller: Files

    def public(self, address: str = "192.0.2.7") -> httpx.AsyncClient:
        """Return a client of the public side in process, whose requests come from ``address``."""
        return _client(create_public_app(self.receiver), address)

    def inner(self) -> httpx.AsyncClient:
        """Return a client of the inner side in process."""
        return _client(create_inner_app(self.receiver), "198.51.100.1")

    def now(self) -> int:
        """Return the receiver's time in Unix seconds."""
        return self.receiver.now()


@contextlib.contextmanager
def an_open_receiver(
    folder: Path,
    *,
    toml: str = "",
    clock: Clock | None = None,
    store: PackStoreLike | None = None,
    free_bytes: Callable[[], int] = lambda: PLENTY,
    free_files: Callable[[], int] = lambda: PLENTY,
    administers: bool = True,
) -> Iterator[House]:
    """Open a receiver below ``folder``; ``toml`` is added to its settings. May be opened again."""
    made = _make_files(folder, toml, administers=administers)
    receiver = Receiver.open(
        load_settings(made.settings_path, {}),
        clock or FakeClock(),
        random_bytes=secrets.token_bytes,
        store=store,
        free_bytes=free_bytes,
        free_files=free_files,
    )
    with contextlib.closing(receiver):
        yield House(
            receiver,
            made.settings_path,
            made.public_pki,
            made.inner_pki,
            made.front,
            made.poller,
        )


@contextlib.contextmanager
def serving(house: House) -> Iterator[dict[str, int]]:
    """Run both listeners in a thread until the block ends; yield {"public": port, "inner": …}."""
    ports: queue.Queue[dict[str, int]] = queue.Queue()
    stops: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def run() -> None:
        stop = asyncio.Event()
        stops.put((asyncio.get_running_loop(), stop))
        await serve_receiver(house.receiver, stop, announce=ports.put, grace=1)

    thread = threading.Thread(target=asyncio.run, args=[run()])
    thread.start()
    loop, stop = stops.get(timeout=DEADLINE)
    try:
        yield ports.get(timeout=DEADLINE)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(DEADLINE)


class Sender:
    """One transfer's sender: signs as the contract says, and remembers what it sent."""

    def __init__(self, client: httpx.AsyncClient, house: House, *, name: str = "transfer") -> None:
        self.client = client
        self.key = wire.a_signing_key(name)
        self.code = wire.a_receipt_code(name)
        self.transfer: TransferId = wire.a_transfer_id(self.key)
        self.sent: dict[int, bytes] = {}
        self._house = house

    def message(self, *, total_bytes: int = 2**20, client: str = CLIENT) -> OpenTransfer:
        """Return the message that opens the transfer."""
        return OpenTransfer(
            wire.public(self.key),
            wire.a_destination_id(),
            coarse_bytes(total_bytes),
            sha256(self.code.handle),
            client,
        )

    async def open(
        self, message: OpenTransfer | None = None, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Open the transfer."""
        body = (message or self.message()).encode()
        signed = self.headers(signing.open_statement(self.transfer, body)) | (headers or {})
        path = routes.TRANSFER.format(transfer=self.transfer)
        return await self.client.put(path, content=body, headers=signed)

    async def put(
        self,
        number: int,
        pack: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | AsyncIterator[bytes] | None = None,
    ) -> httpx.Response:
        """Send a pack; ``body`` and ``headers`` stand in for what would be right."""
        pack = a_pack(self.transfer, number) if pack is None else pack
        signed = self.pack_headers(number, pack) | {"Content-Length": str(len(pack))}
        path = routes.PACK.format(transfer=self.transfer, number=number)
        answer = await self.client.put(
            path, content=pack if body is None else body, headers=signed | (headers or {})
        )
        if answer.is_success:
            self.sent[number] = sha256(pack)
        return answer

    def pack_headers(self, number: int, pack: bytes) -> dict[str, str]:
        """Return the headers of a pack, its length left to whoever sends it."""
        digest = sha256(pack)
        statement = signing.pack_statement(self.transfer, number, len(pack), digest)
        return self.headers(statement) | {routes.DIGEST_HEADER: digest.hex()}

    async def held(self, after: int | None = None) -> HeldPacks:
        """Ask for a page of held packs."""
        path = routes.PACKS.format(transfer=self.transfer)
        answer = await self.client.get(
            path if after is None else f"{path}?after={after}",
            headers=self.headers(signing.held_statement(self.transfer)),
        )
        return parse_held_packs(good(answer))

    async def close(self, packs: dict[int, bytes] | None = None) -> httpx.Response:
        """Close the transfer over what was sent, or over ``packs`` {number: SHA-256}."""
        packs = self.sent if packs is None else packs
        body = CloseTransfer(len(packs), packs_digest(packs)).encode()
        return await self.client.post(
            routes.CLOSE.format(transfer=self.transfer),
            content=body,
            headers=self.headers(signing.close_statement(self.transfer, body)),
        )

    async def cancel(self) -> httpx.Response:
        """Withdraw the transfer."""
        return await self.client.post(
            routes.CANCEL.format(transfer=self.transfer),
            headers=self.headers(signing.cancel_statement(self.transfer)),
        )

    async def receipt(self, *, after: int = 0, wait: int = 0) -> httpx.Response:
        """Ask for a receipt."""
        headers = self.headers(b"") | {routes.HANDLE_HEADER: self.code.handle.hex()}
        return await self.client.get(f"{routes.RECEIPT}?after={after}&wait={wait}", headers=headers)

    def headers(self, statement: bytes, key: Ed25519PrivateKey | None = None) -> dict[str, str]:
        """Return the headers of a request that says ``statement``."""
        return {
            routes.VERSION_HEADER: str(routes.VERSION),
            routes.CLIENT_HEADER: CLIENT,
            routes.SIGNATURE_HEADER: signing.sign(key or self.key, statement).hex(),
        }


class Poller:
    """The inside: signs each request with the destination's key."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        house: House,
        *,
        destination: DestinationId | None = None,
        key: Ed25519PrivateKey | None = None,
    ) -> None:
        self.client = client
        self.destination = destination or wire.a_destination_id()
        self._key = key or wire.a_signing_key("destination")
        self._house = house

    async def ask(
        self, method: str, target: str, body: bytes = b"", *, clock_off: int = 0
    ) -> httpx.Response:
        """Send one signed request; ``clock_off`` seconds of a wrong clock."""
        now = self._house.now() + clock_off
        headers = signed_headers(self._key, method, target, body, now)
        return await self.client.request(method, target, content=body, headers=headers)

    async def work(self, cursor: int = 0, wait: int = 0) -> Work:
        """Ask what there is to pull."""
        request = WorkRequest(self.destination, "poller-1", cursor, wait)
        return parse_work(good(await self.ask("POST", routes.WORK, request.encode())))

    async def packs(self, transfer: TransferId, after: int | None = None) -> HeldPacks:
        """Ask for a page of a transfer's packs."""
        path = routes.INNER_PACKS.format(transfer=transfer)
        target = path if after is None else f"{path}?after={after}"
        return parse_held_packs(good(await self.ask("GET", target)))

    async def pack(self, transfer: TransferId, number: int) -> httpx.Response:
        """Pull a pack."""
        return await self.ask("GET", routes.INNER_PACK.format(transfer=transfer, number=number))

    async def acknowledge(
        self,
        transfer: TransferId,
        packs: dict[int, bytes],
        *,
        key: Ed25519PrivateKey | None = None,
    ) -> httpx.Response:
        """Say that ``packs`` {number: SHA-256} are durable inside, signed with ``key`` or ours."""
        said = tuple(
            Acknowledged(
                number,
                digest,
                signing.sign(
                    key or self._key, signing.acknowledge_statement(transfer, number, digest)
                ),
            )
            for number, digest in packs.items()
        )
        target = routes.ACKNOWLEDGE.format(transfer=transfer)
        return await self.ask("POST", target, encode_acknowledgements(said))

    async def put_receipt(
        self,
        sender: Sender,
        *,
        sequence: int = 1,
        state: CoarseState = CoarseState.DELIVERED,
        key: Ed25519PrivateKey | None = None,
    ) -> tuple[SignedReceipt, httpx.Response]:
        """Hand over a receipt for a sender's transfer; return it and the answer."""
        signed = sign_receipt(
            wire.a_report(transfer=sender.transfer, sequence=sequence),
            state,
            None,
            self.destination,
            key or wire.a_signing_key("receipt"),
            sender.code.report_key().public_key,
        )
        return signed, await self.hand_over(sender.transfer, signed)

    async def hand_over(self, transfer: TransferId, signed: SignedReceipt) -> httpx.Response:
        """Put a receipt that is signed already."""
        target = routes.INNER_RECEIPT.format(transfer=transfer)
        return await self.ask("PUT", target, signed.encode())

    async def stop(
        self, transfer: TransferId, reason: StopReason = StopReason.FORGED_PACK
    ) -> httpx.Response:
        """Stop a transfer."""
        target = routes.STOP.format(transfer=transfer)
        return await self.ask("POST", target, StopTransfer(reason).encode())

    async def command(self, command: Command) -> CommandAnswer:
        """Carry an administrator's command."""
        answer = await self.ask("POST", routes.ADMINISTRATION, command.encode())
        return parse_command_answer(good(answer), command.id, command.kind)

    async def alarms_seen(self, sequence: int) -> httpx.Response:
        """Say that alarms are in the outbox."""
        return await self.ask("POST", routes.ALARMS, AlarmsSeen(sequence).encode())


def a_pack(
    transfer: TransferId,
    number: int = 0,
    *,
    size: int = 5000,
    content: str = "",
    destination: DestinationId | None = None,
) -> bytes:
    """Return bytes that the receiver cannot tell from a sealed pack: a true header, then noise."""
    header = PackHeader(bytes(8), destination or wire.a_destination_id(), transfer, number)
    length = OVERHEAD_BYTES + size
    noise = hashlib.shake_256(f"{transfer} {number} {content}".encode()).digest(length)
    return header.encode() + noise


def good(answer: httpx.Response) -> bytes:
    """Return the body of a success; fail the test with the problem otherwise."""
    assert answer.is_success, f"{answer.status_code} {answer.text}"
    return answer.content


def status_in(answer: httpx.Response) -> TransferStatus:
    """Return the transfer status of a success."""
    return parse_transfer_status(good(answer))


def problem_in(answer: httpx.Response) -> str:
    """Return the code of a problem, checked to be one whose status is that of the answer."""
    problem = parse_problem(answer.content)
    assert answer.status_code == problem.status
    return problem.code.value


def _client(app: object, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(
        app=app,  # type: ignore[arg-type]  # FastAPI's own signature is wider than httpx's
        client=(address, 40000),
        raise_app_exceptions=False,
    )
    return httpx.AsyncClient(transport=transport, base_url="https://receiver.example")


@dataclass(frozen=True)
class _Made:
    settings_path: Path
    public_pki: Pki
    inner_pki: Pki
    front: Files
    poller: Files


def _make_files(folder: Path, toml: str, *, administers: bool) -> _Made:
    files = folder / f"files-{secrets.token_hex(4)}"
    make_folder(files)
    public, inner = Pki(files, "public"), Pki(files, "inner")
    front, back = public.server("front"), inner.server("back")
    for name in ("destination", "receipt"):
        pem = verifying_key_to_pem(wire.public(wire.a_signing_key(name)))
        (files / f"{name}.pub").write_bytes(pem)
    path = files / "receiver.toml"
    path.write_text(
        f"""\
{toml}

[public]
host = "127.0.0.1"
port = 0
certificate = "{front.certificate}"
key = "{front.key}"

[inner]
host = "127.0.0.1"
port = 0
certificate = "{back.certificate}"
key = "{back.key}"
client_ca = "{inner.ca_file}"

[store]
folder = "{folder / "store"}"
reserve_bytes = 0

[[destinations]]
id = "{wire.a_destination_id()}"
name = "Radiology"
destination_keys = ["destination.pub"]
receipt_keys = ["receipt.pub"]
administers = {str(administers).lower()}
"""
    )
    return _Made(path, public, inner, front, inner.client("poller"))
