"""Many senders at once, some hostile; full disks; readers who do not read; the figures."""

import contextlib
import random
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_receiver.receipts import PIECE_BYTES
from passbox_wire import routes, signing
from tests.builders import attacks
from tests.builders.answers import good
from tests.builders.crowd import Malice, arrived_whole, left_nothing, rush
from tests.builders.door import LEDGER_NAME, Door, a_door
from tests.builders.receiver import DEADLINE
from tests.builders.sender_outside import Sender
from tests.faults import soak

pytestmark = [pytest.mark.faults, pytest.mark.anyio, pytest.mark.timeout(900)]

MEMORY = 250_000_000
MIB = 2**20


async def test_200_senders_of_whom_10_are_hostile(tmp_path: Path) -> None:
    """Every pack of 190 honest senders arrives byte for byte, within 250 MB; nothing is left."""
    with a_door(tmp_path) as door:
        before = door.open_files()
        crowd = await rush(door, 190, 10, packs=3, size=256 * 1024)
        arrived_whole(crowd, 190)
        assert {malice for malice, _ in crowd.answers} == set(Malice)
        await left_nothing(door, before)
        most = door.memory(most=True)
        sys.stdout.write(f"\nmost memory {most / 1e6:.0f} MB; hostile: {dict(crowd.answers)}\n")
        assert most <= MEMORY


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[tuple[Door, Sender]]:
    """Run a receiver with a receipt of 64 MiB for a sender."""
    with a_door(tmp_path, attacks.PATIENT) as door, door.honest("127.0.0.1") as client:
        sender = Sender(door.house.public(), door.house, name="reader")
        body = sender.message().encode()
        said = sender.headers(signing.open_statement(sender.transfer, body))
        path = routes.TRANSFER.format(transfer=sender.transfer)
        good(client.put(path, content=body, headers=said))
        _keep_receipt(door.store / LEDGER_NAME, sender, 64 * MIB)
        yield door, sender


def _keep_receipt(ledger: Path, sender: Sender, size: int) -> None:
    data = random.Random(1).randbytes(PIECE_BYTES)
    with contextlib.closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute(
            "INSERT INTO receipts (transfer, sequence, state, length, sha256)"
            " VALUES (?, 1, 'delivered', ?, ?)",
            (sender.transfer, size, bytes(32)),
        )
        rows = ((sender.transfer, 1, number, data) for number in range(size // PIECE_BYTES))
        connection.executemany("INSERT INTO receipt_pieces VALUES (?, ?, ?, ?)", rows)


def test_60_lines_ask_for_a_large_receipt_and_read_nothing(reader: tuple[Door, Sender]) -> None:
    """60 lines that ask for 64 MiB each and read nothing cost 96 MiB, and end in a minute."""
    door, sender = reader
    headers = sender.headers(b"") | {routes.HANDLE_HEADER: sender.code.handle.hex(), "Host": "a"}
    request = f"GET {routes.RECEIPT} HTTP/1.1\r\n".encode()
    request += b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())
    before, files = door.memory(), door.open_files()
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            plain = socket.create_connection(("127.0.0.1", door.port), DEADLINE)
            line = door.tls.wrap_socket(plain, server_hostname="127.0.0.1")
            stack.enter_context(line)
            line.sendall(request + b"\r\n")
            assert line.recv(4) == b"HTTP"
        most = 0
        with door.honest("127.0.0.2") as honest:
            for _ in range(200):
                good(honest.get(routes.STATUS))
                most = max(most, door.memory())
        sys.stdout.write(f"\n60 lines cost {(most - before) / MIB:.0f} MiB\n")
        assert most - before <= 96 * MIB
        assert door.open_files() >= files + 50
        assert _falls_to(door, files + 2, 75)


def _falls_to(door: Door, files: int, seconds: float) -> bool:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while door.open_files() > files and time.monotonic() < deadline:
        pause.wait(0.5)
    return door.open_files() <= files


async def test_a_soak_of_a_minute(tmp_path: Path) -> None:
    """Round after round memory, files and rows stay where they are."""
    report = await soak.soak(tmp_path, seconds=60, honest=20, hostile=5)
    sys.stdout.write(f"\n{report}\n")
    soak.does_not_grow(report)
