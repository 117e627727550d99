"""A receiver with defaults; who speaks to it is in sender_outside.py and poller_inside.py.

    with an_open_receiver(tmp_path) as house:            everything on disk, nothing listens
        sender = Sender(house.public(), house)           httpx in process, any source address
        poller = Poller(house.inner(), house)
    with serving(house) as ports: ...                    both listeners on real TLS sockets

Keys are those of tests.builders.wire: destination "radiology", keys "destination" and "receipt".
"""

import asyncio
import contextlib
import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from passbox_base.clocks import Clock
from passbox_base.durable import make_folder
from passbox_base.pack_store import PackStoreLike
from passbox_receiver.inner_app import create_inner_app
from passbox_receiver.public_app import create_public_app
from passbox_receiver.receiver import Receiver
from passbox_receiver.serve import serve_receiver
from passbox_receiver.settings import load_settings
from passbox_wire.keys import verifying_key_to_pem
from tests.builders import wire
from tests.builders.clocks import FakeClock
from tests.builders.pki import Files, Pki

DEADLINE = 60.0  # seconds
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
