"""Many senders at once, some of them hostile, and an inside that pulls what the honest closed.

Everybody has a source address of his own (127.0.x.y) and speaks TLS to a receiver that really
listens. An honest sender tries again as a client does; a hostile one goes on until he is told to
stop, and remembers what he was answered.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum

import httpx

from passbox_wire import routes
from passbox_wire.digests import sha256
from passbox_wire.ids import TransferId
from passbox_wire.states import UploadState
from tests.builders.answers import good
from tests.builders.door import Door
from tests.builders.poller_inside import Poller
from tests.builders.receiver import DEADLINE
from tests.builders.sender_outside import Sender, a_pack

_TRIES = 50
_PARALLEL = 3
_AGAIN = {408, 429, 500, 502, 503}
PULL_SECONDS = 600.0


class Malice(Enum):
    """What a hostile sender does, over and over."""

    SLOW = "a byte of a head at a time"
    CUT = "half a pack, then gone"
    OVERSIZE = "more bytes than declared"
    WRONG_DIGEST = "another pack than declared"
    WRONG_SIGNATURE = "signed by nobody"


@dataclass
class Crowd:
    """What came of everybody: digests the honest sent, statuses the hostile got."""

    sent: dict[TransferId, dict[int, bytes]] = field(default_factory=dict)
    pulled: dict[TransferId, dict[int, bytes]] = field(default_factory=dict)
    hostile: dict[TransferId, Malice] = field(default_factory=dict)
    answers: Counter[tuple[Malice, int]] = field(default_factory=Counter)


async def rush(
    door: Door, honest: int, hostile: int, *, packs: int = 3, size: int = 256 * 1024, name: str = ""
) -> Crowd:
    """Let ``honest`` senders each send ``packs`` packs at once, while others do what they do.

    Returns when the inside has pulled and acknowledged what all honest senders closed.
    """
    crowd, over = Crowd(), asyncio.Event()
    malices = list(Malice)
    async with asyncio.TaskGroup() as group:
        for number in range(hostile):
            malice = malices[number % len(malices)]
            group.create_task(_attack(door, crowd, malice, f"{name} bad {number}", number, over))
        inside = group.create_task(_pull(door, crowd, honest))
        async with asyncio.TaskGroup() as senders:
            for number in range(honest):
                senders.create_task(
                    _send(door, crowd, f"{name} good {number}", 1000 + number, packs, size)
                )
        await inside
        over.set()
    return crowd


def arrived_whole(crowd: Crowd, honest: int) -> None:
    """Fail unless what ``honest`` senders sent, and nothing of the hostile, came inside."""
    assert len(crowd.sent) == honest
    assert crowd.pulled == crowd.sent
    assert not crowd.hostile.keys() & crowd.pulled.keys()


async def left_nothing(door: Door, files_before: int, within: float = 30.0) -> None:
    """Fail unless the process soon has no more open files than before, and no temporary ones."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while door.open_files() > files_before or door.temporary_files():
        assert loop.time() < deadline, (door.open_files(), door.temporary_files())
        await asyncio.sleep(0.2)


async def _send(door: Door, crowd: Crowd, name: str, number: int, packs: int, size: int) -> None:
    async with _client(door, number) as client:
        sender = Sender(client, door.house, name=name)
        message = sender.message(total_bytes=packs * (size + 4096))
        await _insist(lambda: sender.open(message))
        gate = asyncio.Semaphore(_PARALLEL)

        async def put(pack: int) -> None:
            async with gate:
                body = a_pack(sender.transfer, pack, size=size)
                await _insist(lambda: sender.put(pack, body))

        await asyncio.gather(*(put(pack) for pack in range(packs)))
        await _insist(sender.close)
        crowd.sent[sender.transfer] = dict(sender.sent)


async def _insist(ask: Callable[[], Awaitable[httpx.Response]]) -> None:
    """Ask until it is answered with a success, as a client does whose line is bad."""
    for _ in range(_TRIES):
        with contextlib.suppress(httpx.TransportError):
            answer = await ask()
            if answer.status_code not in _AGAIN:
                good(answer)
                return
    raise AssertionError("an honest sender was not served")


async def _attack(
    door: Door, crowd: Crowd, malice: Malice, name: str, number: int, over: asyncio.Event
) -> None:
    async with _client(door, number) as client:
        sender = Sender(client, door.house, name=name)
        await _insist(sender.open)
        crowd.hostile[sender.transfer] = malice
        turn = 0
        while not over.is_set():
            turn += 1
            with contextlib.suppress(httpx.TransportError, OSError):
                answer = await _DEEDS[malice](door, sender, turn, over)
                crowd.answers[malice, answer] += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 0.2)  # his time costs him nothing, ours a core


async def _slow(door: Door, _sender: Sender, _turn: int, over: asyncio.Event) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=door.tls)
    with contextlib.closing(writer):
        for _ in range(20):
            writer.write(b"P")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 0.5)
            if reader.at_eof() or over.is_set():
                break
    return 0


async def _cut(door: Door, sender: Sender, turn: int, _over: asyncio.Event) -> int:
    pack = a_pack(sender.transfer, turn, size=100_000)
    writer = (await _say(door, sender, turn, pack, len(pack), pack[: len(pack) // 2]))[1]
    writer.transport.abort()
    return 0


async def _oversize(door: Door, sender: Sender, turn: int, _over: asyncio.Event) -> int:
    pack = a_pack(sender.transfer, turn, size=100_000)
    declared = 2**40 if turn % 2 else len(pack) // 2
    reader, writer = await _say(door, sender, turn, pack, declared, pack)
    with contextlib.closing(writer):
        line = await asyncio.wait_for(reader.readline(), DEADLINE)
    return int(line.split()[1]) if line else 0


async def _say(
    door: Door, sender: Sender, number: int, pack: bytes, declared: int, body: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Begin to send a pack by hand, with a length and a body that may be others."""
    path = routes.PACK.format(transfer=sender.transfer, number=number)
    head = [
        f"PUT {path} HTTP/1.1",
        "Host: a",
        f"Content-Length: {declared}",
        *(f"{name}: {value}" for name, value in sender.pack_headers(number, pack).items()),
        "\r\n",
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=door.tls)
    writer.write("\r\n".join(head).encode() + body)
    await writer.drain()
    return reader, writer


async def _wrong_digest(_door: Door, sender: Sender, turn: int, _over: asyncio.Event) -> int:
    said = a_pack(sender.transfer, turn, size=50_000)
    body = a_pack(sender.transfer, turn, size=50_000, content="another")
    return (await sender.put(turn, said, body=body)).status_code


async def _wrong_signature(_door: Door, sender: Sender, turn: int, _over: asyncio.Event) -> int:
    noise = random.Random(turn).randbytes(64).hex()
    answer = await sender.put(turn, headers={routes.SIGNATURE_HEADER: noise})
    return answer.status_code


_Deed = Callable[[Door, Sender, int, asyncio.Event], Awaitable[int]]
_DEEDS: dict[Malice, _Deed] = {
    Malice.SLOW: _slow,
    Malice.CUT: _cut,
    Malice.OVERSIZE: _oversize,
    Malice.WRONG_DIGEST: _wrong_digest,
    Malice.WRONG_SIGNATURE: _wrong_signature,
}


async def _pull(door: Door, crowd: Crowd, wanted: int) -> None:
    """Pull and acknowledge closed transfers until all that ``wanted`` senders sent is inside."""
    transport = httpx.AsyncHTTPTransport(verify=door.inner_tls, retries=3)
    async with (
        asyncio.timeout(PULL_SECONDS),
        httpx.AsyncClient(
            base_url=f"https://127.0.0.1:{door.inner_port}", transport=transport, timeout=60
        ) as client,
    ):
        poller = Poller(client, door.house)
        cursor = 0
        while len(crowd.sent) < wanted or not crowd.sent.keys() <= crowd.pulled.keys():
            work = await poller.work(cursor, wait=1)
            cursor = work.cursor
            for item in work.items:
                if item.state is UploadState.CLOSED and item.waiting:
                    await _take(poller, crowd, item.transfer)


async def _take(poller: Poller, crowd: Crowd, transfer: TransferId) -> None:
    packs = crowd.pulled.setdefault(transfer, {})
    fresh = {}
    for held in (await poller.packs(transfer)).packs:
        if not held.released:
            fresh[held.number] = sha256(good(await poller.pack(transfer, held.number)))
    if fresh:
        good(await poller.acknowledge(transfer, fresh))
        packs |= fresh


def _client(door: Door, number: int) -> httpx.AsyncClient:
    source = f"127.0.{1 + number // 200}.{1 + number % 200}"
    transport = httpx.AsyncHTTPTransport(verify=door.tls, local_address=source)
    return httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{door.port}", transport=transport, timeout=60
    )
