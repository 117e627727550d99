"""The public side under attack, with the figures that it is held to."""

import concurrent.futures
import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from passbox_base.clocks import SystemClock
from passbox_receiver.rate import RequestRate
from passbox_receiver.settings import LimitsSection
from passbox_receiver.sources import parse_source
from tests.builders import attacks
from tests.builders.answers import good
from tests.builders.door import Door, a_door
from tests.builders.receiver import DEADLINE, House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack

pytestmark = [pytest.mark.faults, pytest.mark.anyio, pytest.mark.timeout(600)]

MIB = 2**20


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Open a receiver in process that does not tire of many requests."""
    with an_open_receiver(tmp_path, toml=attacks.PATIENT, clock=SystemClock()) as opened:
        yield opened


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """Run a receiver as the service manager does."""
    with a_door(tmp_path, attacks.PATIENT) as opened:
        yield opened


@pytest.fixture
async def known(house: House) -> Sender:
    """Stand for an honest sender with one pack here."""
    sender = Sender(house.public(), house)
    good(await sender.open())
    good(await sender.put(0))
    return sender


@pytest.mark.parametrize("honest_source", ["127.0.0.1", "127.0.0.2"])
def test_500_slow_lines(door: Door, honest_source: str) -> None:
    """Of 500 slow lines of a source 20 live, after 10 s none; 100 of 100 requests are served."""
    with attacks.slow_lines(door.port, 500, tls=door.tls) as lines:
        assert len(attacks.alive(lines)) <= 20
        with door.honest(honest_source) as honest:
            answers = [honest.get("/v1/status").status_code for _ in range(100)]
        assert answers == [200] * 100
    with attacks.slow_lines(door.port, 60, tls=door.tls) as lines:
        assert attacks.all_over(lines, 10, time.monotonic)
    assert door.open_files() < 40


async def test_a_body_of_one_byte_a_second_is_cut(door: Door) -> None:
    """A pack that comes a byte a second is cut off within 15 s, though all of it is right."""
    async with httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{door.port}", verify=door.tls
    ) as client:
        sender = Sender(client, door.house)
        good(await sender.open())
    pack = a_pack(sender.transfer, 0)
    head = [
        f"PUT /v1/transfers/{sender.transfer}/packs/0 HTTP/1.1",
        "Host: a",
        f"Content-Length: {len(pack)}",
        *(f"{name}: {value}" for name, value in sender.pack_headers(0, pack).items()),
        "\r\n",
    ]
    began = time.monotonic()
    with (
        socket.create_connection(("127.0.0.1", door.port), DEADLINE) as plain,
        door.tls.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        line.sendall("\r\n".join(head).encode())
        with contextlib.suppress(OSError):
            for place in range(20):
                line.sendall(pack[place : place + 1])
                if attacks.all_over([line], 1, time.monotonic):
                    break
                line.setblocking(True)
        assert time.monotonic() - began < 15


_BOMBS = [
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * MIB,
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100_000,
    b"GET /" + b"%41" * 300_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PUT /v1/transfers/" + b"0" * 32 + b" HTTP/1.1\r\nHost: a\r\nPassbox-Version: 1\r\n"
    b"Content-Length: 65000\r\n\r\n" + b"[" * 65_000,
    b"PUT /v1/transfers/" + b"0" * 32 + b" HTTP/1.1\r\nHost: a\r\nPassbox-Version: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n[\r\n" * 200_000,
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n" + bytes(4 * MIB),
]


def test_100_bombs_at_once(door: Door) -> None:
    """Under 100 parallel bombs the process stays within 250 MB, and honest requests are served."""

    def throw(number: int) -> None:
        with contextlib.suppress(OSError):
            address = ("127.0.0.1", door.port)
            source = (f"127.0.1.{number % 10 + 1}", 0)
            with (
                socket.create_connection(address, DEADLINE, source) as plain,
                door.tls.wrap_socket(plain, server_hostname="127.0.0.1") as line,
            ):
                line.sendall(_BOMBS[number % len(_BOMBS)])
                line.recv(65536)

    with door.honest("127.0.0.1") as honest:
        good(honest.get("/v1/status"))
        most = door.memory()
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            thrown = [pool.submit(throw, number) for number in range(300)]
            while not all(one.done() for one in thrown):
                good(honest.get("/v1/status"))
                most = max(most, door.memory())
    assert most <= 250_000_000


def test_nonsense_gets_an_answer(house: House) -> None:
    """Whatever is made of the document about the interface is answered, never with 5xx."""
    assert max(attacks.fuzz_public(house, 100)) < 500
    assert max(attacks.fuzz_inner(house, 100)) < 500


async def test_10000_guesses(house: House, known: Sender) -> None:
    """10,000 guessed ids and 2,000 guessed handles get one and the same answer each."""
    ((status, _, _),) = await attacks.guess_ids(house, known, 10_000)
    assert status == 404
    assert await attacks.guess_handles(house, known, 2_000) == {(204, b"")}


async def test_1000_replays(house: House, known: Sender, tmp_path: Path) -> None:
    """A pack sent 1,000 times again changes no byte of the store."""
    before = attacks.files_below(tmp_path / "store" / "packs")
    assert await attacks.replay(known, 1_000) == {200, 409}
    assert attacks.files_below(tmp_path / "store" / "packs") == before


def test_1000_addresses_of_one_household_are_one() -> None:
    """1,000 requests from as many addresses of one /64 pass as often as those of one source."""
    rate, limits = RequestRate(), LimitsSection(burst=50)
    sources = [parse_source(f"2001:db8:1:2::{number:x}") for number in range(1_000)]
    passed = [rate.seconds_to_wait(source, limits) is None for source in sources]
    assert sum(passed) <= 60 * limits.requests_per_second_per_source
    assert sum(passed[:60]) <= 50


def test_100000_sources_take_little_memory() -> None:
    """Counting 100,000 sources takes 64 MiB at most, and what is over is forgotten."""
    rate, limits = RequestRate(), LimitsSection()
    before = _own_memory()
    for number in range(100_000):
        rate.seconds_to_wait(parse_source(f"2001:db8:{number >> 8:x}:{number & 255:x}::1"), limits)
    assert _own_memory() - before <= 64 * MIB


def _own_memory() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024
