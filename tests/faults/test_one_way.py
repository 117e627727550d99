"""With the firewall we ship no connection ever goes from the DMZ inward, and none needs to."""

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from passbox_base.clocks import SystemClock
from tests.builders.answers import good
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender
from tests.parts.namespaces import Machine, cable, machines

pytestmark = [pytest.mark.faults, pytest.mark.parts]

ROOT = Path(__file__).parents[2]
FIREWALL = ROOT / "packaging" / "firewall"
_SERVE = (
    "import sys, pathlib, passbox_receiver.serve as s; sys.exit(s.run(pathlib.Path(sys.argv[1])))"
)
_ADDRESSES = {
    "PASSBOX_RECEIVER__PUBLIC__HOST": "0.0.0.0",
    "PASSBOX_RECEIVER__PUBLIC__PORT": "8443",
    "PASSBOX_RECEIVER__INNER__HOST": "0.0.0.0",
    "PASSBOX_RECEIVER__INNER__PORT": "8444",
}


@dataclass(frozen=True)
class World:
    """The internet, the DMZ and the inside, with a receiver in the middle."""

    internet: Machine
    dmz: Machine
    inside: Machine
    house: House


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three machines in a row, both firewalls loaded, the receiver serving."""
    with machines("net", "dmz", "in") as (internet, dmz, inside), contextlib.ExitStack() as stack:
        cable(dmz, "outer0", internet, "net0", "203.0.113")
        cable(dmz, "inner0", inside, "dmz0", "10.9.0")
        dmz.load(FIREWALL / "receiver.nft")
        inside.load(FIREWALL / "inside.nft")
        with an_open_receiver(tmp_path, clock=SystemClock()) as house:
            pass
        process = subprocess.Popen(
            dmz.command(sys.executable, "-c", _SERVE, str(house.settings_path)),
            env={**os.environ, **_ADDRESSES},
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        draining = threading.Thread(target=process.stderr.read)
        stack.callback(process.stderr.close)
        stack.callback(draining.join)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        for line in process.stderr:
            if '"listening"' in line:
                break
        draining.start()
        yield World(internet, dmz, inside, house)


def _client(address: str, house: House, *, inner: bool) -> httpx.AsyncClient:
    pki = house.inner_pki if inner else house.public_pki
    tls = ssl.create_default_context(cafile=str(pki.ca_file))
    tls.check_hostname = False  # the certificates of tests are for loopback
    if inner:
        tls.load_cert_chain(house.poller.certificate, house.poller.key)
    return httpx.AsyncClient(base_url=f"https://{address}", verify=tls, timeout=20)


async def _send(house: House) -> Sender:
    async with _client("203.0.113.1:8443", house, inner=False) as client:
        sender = Sender(client, house)
        good(await sender.open())
        for number in range(3):
            good(await sender.put(number))
        good(await sender.close())
        return sender


async def _pull(house: House, sender: Sender) -> None:
    async with _client("10.9.0.1:8444", house, inner=True) as client:
        poller = Poller(client, house)
        (item,) = (await poller.work()).items
        for number in sender.sent:
            good(await poller.pack(item.transfer, number))
        good(await poller.acknowledge(item.transfer, sender.sent))
        _, answer = await poller.put_receipt(sender)
        good(answer)


async def _receipt(house: House, sender: Sender) -> None:
    async with _client("203.0.113.1:8443", house, inner=False) as client:
        good(await Sender(client, house).receipt())


def _knock(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def test_nothing_dials_inward(world: World) -> None:
    """In a run from open to receipt the DMZ begins no connection, and the counters do count."""
    sender = world.internet.do(lambda: asyncio.run(_send(world.house)))
    world.inside.do(lambda: asyncio.run(_pull(world.house, sender)))
    world.internet.do(lambda: asyncio.run(_receipt(world.house, sender)))

    assert world.dmz.counted("wanted out") == 0
    assert world.inside.counted("came from the DMZ") == 0
    assert not world.dmz.do(lambda: _knock("10.9.0.2", 22))
    assert world.dmz.counted("wanted out") > 0


def test_a_taken_over_dmz_reaches_nothing_inside(world: World) -> None:
    """Without its own firewall the DMZ still gets no answer from inside, and is counted there."""
    subprocess.run(world.dmz.command("nft", "flush", "ruleset"), check=True)
    with world.inside.do(lambda: socket.create_server(("0.0.0.0", 11112))):
        assert not world.dmz.do(lambda: _knock("10.9.0.2", 11112))
    assert world.inside.counted("came from the DMZ") > 0


def test_senders_do_not_reach_the_inner_side(world: World) -> None:
    """From the internet only the public port answers."""
    answers = world.internet.do(lambda: [_knock("203.0.113.1", port) for port in (8443, 8444, 22)])
    assert answers == [True, False, False]


@pytest.mark.parametrize("name", ["receiver", "inside"])
def test_the_rules_are_the_expected_ones(name: str) -> None:
    """The whole rule table is what was read and agreed on, line by line."""
    with machines("rules") as (machine,):
        machine.load(FIREWALL / f"{name}.nft")
        assert machine.rules() == (Path(__file__).parent / f"{name}.nft.expected").read_text()
