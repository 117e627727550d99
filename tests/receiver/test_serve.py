"""The receiver as a process: real sockets, TLS, a ready file, a clean end."""

import asyncio
import json
import signal
import ssl
import sys
from pathlib import Path

import httpx
import pytest

from passbox_base.clocks import SystemClock
from passbox_base.tls import inner_session, read_answer
from passbox_receiver import operations
from passbox_wire import routes
from passbox_wire.messages import parse_service_status
from tests.builders.answers import good
from tests.builders.poller_inside import Poller
from tests.builders.receiver import DEADLINE, House, an_open_receiver, serving
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio

_SERVE = (
    "import sys, pathlib, passbox_receiver.serve as s; sys.exit(s.run(pathlib.Path(sys.argv[1])))"
)


def _context(house: House) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(house.public_pki.ca_file))


def _inner_context(house: House) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(house.inner_pki.ca_file))
    context.load_cert_chain(house.poller.certificate, house.poller.key)
    return context


async def test_the_whole_way_over_tls(tmp_path: Path) -> None:
    """Both listeners serve one ledger over TLS 1.3, the inner one with client certificates."""
    with an_open_receiver(tmp_path, clock=SystemClock()) as house, serving(house) as ports:
        public = httpx.AsyncClient(
            base_url=f"https://127.0.0.1:{ports['public']}",
            verify=_context(house),
            timeout=DEADLINE,
        )
        inner = httpx.AsyncClient(
            base_url=f"https://127.0.0.1:{ports['inner']}",
            verify=_inner_context(house),
            timeout=DEADLINE,
        )
        async with public, inner:
            sender, poller = Sender(public, house), Poller(inner, house)
            good(await sender.open(sender.message(total_bytes=2**24)))
            pack = a_pack(sender.transfer, 0, size=7 * 2**20)
            assert (await sender.put(0, pack)).status_code == 201
            assert (await sender.put(0, pack)).status_code == 200
            good(await sender.close())
            (item,) = (await poller.work()).items
            assert good(await poller.pack(item.transfer, 0)) == pack
            good(await poller.acknowledge(item.transfer, sender.sent))


async def test_nobody_without_a_certificate_comes_to_the_inner_side(tmp_path: Path) -> None:
    """The inner listener ends the handshake of who has no certificate of the inner CA."""
    with an_open_receiver(tmp_path, clock=SystemClock()) as house, serving(house) as ports:
        context = ssl.create_default_context(cafile=str(house.inner_pki.ca_file))
        url = f"https://127.0.0.1:{ports['inner']}/healthz"
        async with httpx.AsyncClient(verify=context, timeout=DEADLINE) as stranger:
            with pytest.raises(httpx.TransportError):
                await stranger.get(url)


async def test_a_stop_ends_long_polls_at_once(tmp_path: Path) -> None:
    """A poller that waits for a minute is answered when the service stops."""
    with an_open_receiver(tmp_path, clock=SystemClock()) as house:
        inner = httpx.AsyncClient(verify=_inner_context(house), timeout=DEADLINE)
        async with inner:
            with serving(house) as ports:
                inner.base_url = httpx.URL(f"https://127.0.0.1:{ports['inner']}")
                poller = Poller(inner, house)
                cursor = (await poller.work()).cursor
                waiting = asyncio.create_task(poller.work(cursor, wait=60))
                while not house.receiver.work_bell.is_heard("work"):  # noqa: ASYNC110  # another thread's loop
                    await asyncio.sleep(0)
            assert (await waiting).items == ()


async def test_the_process_says_where_it_listens_and_ends_on_sigterm(tmp_path: Path) -> None:
    """``run`` writes the ports once both listen, serves, and ends with 0 on SIGTERM."""
    ready = tmp_path / "ready.json"
    with an_open_receiver(tmp_path, toml=f'ready_file = "{ready}"') as house:
        path = house.settings_path
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVE, str(path), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(DEADLINE):
            while b'"listening"' not in await process.stderr.readline():
                assert process.returncode is None
        ports = json.loads(ready.read_text())
        async with httpx.AsyncClient(verify=_context(house), timeout=DEADLINE) as client:
            url = f"https://127.0.0.1:{ports['public']}"
            assert parse_service_status(good(await client.get(url + routes.STATUS))).accepting
            assert "Passbox" in good(await client.get(url + "/?lang=de")).decode()
        session = inner_session(
            f"https://127.0.0.1:{ports['inner']}",
            house.inner_pki.ca_pem,
            house.poller.certificate,
            house.poller.key,
        )
        with session, session.get(f"https://127.0.0.1:{ports['inner']}/healthz") as answer:
            assert (answer.status_code, read_answer(answer, most=100)) == (204, b"")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE):
            await process.stderr.read()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert not ready.exists()


async def test_faults_of_the_settings_are_told_together(tmp_path: Path) -> None:
    """A receiver with wrong settings does not start and names every fault."""
    path = tmp_path / "receiver.toml"
    path.write_text('[public]\nprot = 1\n[store]\nfolder = "x"\n')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVE, str(path), stderr=asyncio.subprocess.PIPE
    )
    _, words = await process.communicate()
    assert process.returncode == 2
    assert b"public.prot: is not a setting; did you mean port?" in words
    assert b"inner: is missing" in words


async def test_a_line_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    """A sender whose line breaks in the middle of a pack is counted, and nothing of it is kept."""
    with an_open_receiver(tmp_path, clock=SystemClock()) as house, serving(house) as ports:
        url = f"https://127.0.0.1:{ports['public']}"
        async with httpx.AsyncClient(
            base_url=url, verify=_context(house), timeout=DEADLINE
        ) as public:
            sender = Sender(public, house)
            good(await sender.open())
            pack = a_pack(sender.transfer, 0, size=500_000)
            head = "\r\n".join(
                [
                    f"PUT /v1/transfers/{sender.transfer}/packs/0 HTTP/1.1",
                    "Host: receiver",
                    f"Content-Length: {len(pack)}",
                    *[f"{name}: {value}" for name, value in sender.pack_headers(0, pack).items()],
                    "\r\n",
                ]
            )
            _, writer = await asyncio.open_connection(
                "127.0.0.1", ports["public"], ssl=_context(house)
            )
            writer.write(head.encode() + pack[:300_000])
            await writer.drain()
            async with asyncio.timeout(DEADLINE):
                while house.receiver.flying.of_transfer(sender.transfer)[0] == 0:  # noqa: ASYNC110  # another thread's
                    await asyncio.sleep(0)
                writer.transport.abort()
                while house.receiver.flying.of_transfer(sender.transfer)[0] == 1:  # noqa: ASYNC110  # another thread's
                    await asyncio.sleep(0)
            (row,) = operations.transfers(house.settings_path)
            assert 0 < row["bytes_on_wire"] <= 300_000
            assert (await sender.held()).packs == ()
            assert list((tmp_path / "store" / "packs" / "incoming").iterdir()) == []
            assert (await sender.put(0, pack)).status_code == 201
