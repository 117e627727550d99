"""A disk, then an inode table, that many senders fill: a small tmpfs under the real receiver."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from passbox_receiver import operations
from tests.builders import attacks
from tests.builders.answers import good
from tests.builders.door import Door, a_door
from tests.builders.poller_inside import Poller
from tests.builders.receiver import DEADLINE
from tests.builders.sender_outside import Sender, a_pack
from tests.parts.programs import require

pytestmark = [pytest.mark.faults, pytest.mark.anyio, pytest.mark.timeout(600)]

SENDERS = 50
PACK = 200_000
FLOOR = 12 * 2**20
LEDGER = 8 * 2**20
"""What the ledger and its log take of the reserve: that is what it is for."""


@contextlib.contextmanager
def small_disk(folder: Path, options: str, name: str = "store") -> Iterator[None]:
    """Mount a tmpfs where a program keeps its things."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a tmpfs")
    mount = require("mount", "mount")
    store = folder / name
    store.mkdir(parents=True)
    subprocess.run([mount, "-t", "tmpfs", "-o", options, "tmpfs", store], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", store], check=True)


@pytest.fixture(params=["size=48m", "size=400m,nr_inodes=160"], ids=["bytes", "inodes"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """Run a receiver whose disk has 48 MiB, or 160 inodes."""
    replaced = {"reserve_bytes = 0": f"reserve_bytes = {FLOOR}"}
    with (
        small_disk(tmp_path, request.param),
        a_door(tmp_path, attacks.PATIENT, replaced=replaced) as door,
    ):
        yield door


async def test_a_disk_is_filled_by_50_senders(full: Door) -> None:
    """Full is 507 and one alarm, the reserve stays, nothing acknowledged is lost, room is used."""
    path = full.house.settings_path
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(_client(full, n)) for n in range(SENDERS)]
        every = [Sender(one, full.house, name=f"s{n}") for n, one in enumerate(clients)]
        opened = {sender.transfer: await sender.open() for sender in every}
        senders = [sender for sender in every if opened[sender.transfer].is_success]
        answers = Counter(answer.status_code for answer in opened.values())
        await asyncio.gather(*(_fill(sender, answers) for sender in senders))
        sys.stdout.write(f"\n{dict(answers)}\n")
        assert set(answers) == {201, 507}
        assert _free(full.store) >= FLOOR - LEDGER
        assert operations.check_store(path) == []
        held = {row["transfer"]: row["packs"] for row in operations.transfers(path)}
        assert held == {sender.transfer: len(sender.sent) for sender in senders}
        assert _alarms(path).count("store nearly full") == 1
        await _let_go(full, senders)
        last = senders[-1]
        good(await last.put(99, a_pack(last.transfer, 99, size=PACK)))
        assert full.temporary_files() == []


async def _fill(sender: Sender, answers: Counter[int]) -> None:
    """Send packs until one is refused."""
    for number in range(20):
        answer = await sender.put(number, a_pack(sender.transfer, number, size=PACK))
        answers[answer.status_code] += 1
        if not answer.is_success:
            return


async def _let_go(door: Door, senders: list[Sender]) -> None:
    """Say as the inside that everything is there."""
    url = f"https://127.0.0.1:{door.inner_port}"
    async with httpx.AsyncClient(base_url=url, verify=door.inner_tls, timeout=DEADLINE) as client:
        poller = Poller(client, door.house)
        for sender in senders:
            good(await poller.acknowledge(sender.transfer, sender.sent))


def _alarms(settings: Path) -> list[str]:
    alarms: Any = operations.monitor(settings)["alarms"]
    return [alarm["kind"] for alarm in alarms]


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _client(door: Door, number: int) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(verify=door.tls, local_address=f"127.0.5.{number + 1}")
    return httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{door.port}", transport=transport, timeout=120
    )
