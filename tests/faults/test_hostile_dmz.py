"""A whole poller, traced by the kernel, whose receiver turns hostile in every way we know.

After each way the same port is an honest receiver again. Figures of the issue: 256 MiB, 60 s, 0
connections elsewhere, 0 writes outside the spool; `-s` prints those measured.
"""

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders.listening import listening
from tests.parts.programs import free_port, require
from tests.parts.smtp import MailSink
from tests.poller.hostile_server import HostileServer
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices
from tests.poller.test_hostile import (
    forged_seal,
    not_a_pack,
    of_another_transfer,
    swapped,
    without_manifest,
)
from tests.poller.test_link import BEHAVIOURS, STOPPED
from tests.poller.test_run import PROGRAM, written

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1500)]

MOST_KIB = 256 * 1024
MOST_SECONDS = 60.0
TROUBLE_SECONDS = 4.0
SPOILT: list[Callable[[Sending], dict[int, bytes]]] = [
    forged_seal,
    not_a_pack,
    of_another_transfer,
    swapped,
    without_manifest,
]
CALLS = "connect,sendto,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat"
CALLS += ",symlink,symlinkat,unlink,unlinkat,truncate,chmod,fchmodat"
ADDRESS = re.compile(r"connect\(\d+, \{sa_family=(AF_\w+)(?:, sin_port=htons\((\d+)\))?(.*?)\}")
PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")


class Traced:
    """A poller under strace."""

    def __init__(self, house: House, log: Path) -> None:
        self.log = log
        self._process = subprocess.Popen(
            [
                *(require("strace", "strace"), "-f", "-q", "-s", "4096", "-e", f"trace={CALLS}"),
                *("-o", log, sys.executable, "-B", "-c"),
                *(PROGRAM + "sys.exit(run(Path(sys.argv[1])))", written(house)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The poller's own."""
        tracer = self._process.pid
        children = Path(f"/proc/{tracer}/task/{tracer}/children").read_text().split()
        return int(children[0])

    def peak_kib(self) -> int:
        """Return the most memory it ever had."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
        return int(peak)

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError, IndexError, FileNotFoundError):
            os.kill(self.pid, 15)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up; the receiver is to be put before a port of its own."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def suffer(house: House, port: int, behaviour: str) -> int:
    """Be hostile on ``port`` until the poller has asked twice; return how often it asked."""
    script, _ = BEHAVIOURS[behaviour]
    STOPPED.clear()
    with HostileServer(house.server_context(), script, port) as server:
        end = time.monotonic() + TROUBLE_SECONDS
        looking = threading.Event()
        while (server.requests < 2 and time.monotonic() < end) or not server.requests:
            looking.wait(0.05)
            assert time.monotonic() < end + MOST_SECONDS, behaviour
        STOPPED.set()
        return server.requests


def recover(house: House, port: int, sending: Sending) -> float:
    """Be honest on ``port`` until a good transfer is done; return the seconds it took."""
    begun = time.monotonic()
    with listening(house.listener(house.receiver.app, port)):
        house.send(sending)
        house.receiver.wait_for(
            lambda: any(r.transfer == sending.transfer for r, _ in house.receiver.receipts),
            MOST_SECONDS,
        )
        seconds = time.monotonic() - begun
        house.wait_until_finished(sending.transfer)
    return seconds


def elsewhere(log: str, ports: set[int]) -> list[str]:
    """Return the connections to anything but the peers of the settings on this machine."""
    found = []
    for family, port, rest in ADDRESS.findall(log):
        ours = family == "AF_INET" and int(port or 0) in ports and "127.0.0.1" in rest
        # Port 0 of no address: how the C library sorts addresses; nothing is ever sent.
        sorting = "htons(0)" in f"htons({port}){rest}" and ("0.0.0.0" in rest or '"::"' in rest)
        # AF_UNSPEC takes such a socket back; AF_UNIX is nscd's socket file.
        if not ours and not sorting and family not in {"AF_UNSPEC", "AF_UNIX"}:
            found.append(f"{family} {port} {rest}")
    return found


def outside(log: str, *allowed: str) -> list[str]:
    """Return the calls that could change a file system but below the ``allowed`` (patterns)."""
    known = re.compile("|".join(allowed))
    found = []
    for line in log.splitlines():
        call = line.split("(")[0].split()[-1]
        if call in {"connect", "sendto"} or " = -1 " in line:
            continue
        if call in {"open", "openat"} and not WRITING.search(line):
            continue
        paths = PATH.findall(line)
        if any(not known.match(path) for path in paths if path.startswith("/")):
            found.append(line)
    return found


def test_a_hostile_dmz_costs_little_and_reaches_nothing(
    house: House, tmp_path: Path, mail_sink: MailSink
) -> None:
    """33 hostile answers and 5 hostile transfers: small, at home, and soon at work again."""
    port = free_port()
    house.receiver_port = port
    poller = Traced(house, tmp_path / "calls")
    slowest = 0.0
    try:
        for number, behaviour in enumerate(BEHAVIOURS):
            asked = suffer(house, port, behaviour)
            seconds = recover(house, port, Sending(slices(1, first=number), name=behaviour))
            slowest = max(slowest, seconds)
            print(f"{behaviour}: asked {asked} times, good again after {seconds:.1f} s")  # noqa: T201
            assert poller.peak_kib() <= MOST_KIB, behaviour
        with listening(house.listener(house.receiver.app, port)):
            for spoil in SPOILT:
                bad = Sending(slices(2), name=spoil.__name__)
                house.send(bad, spoil(bad))
                house.wait_until_finished(bad.transfer)
        slowest = max(slowest, recover(house, port, Sending(slices(1), name="last")))
        peak = poller.peak_kib()
    finally:
        poller.stop()
    log = poller.log.read_text(errors="replace")
    ports = {port, house.viewer_port, house.scp_port, mail_sink.port}
    print(f"peak {peak // 1024} MiB, slowest {slowest:.1f} s, {log.count(chr(10))} calls")  # noqa: T201
    assert len(BEHAVIOURS) + len(SPOILT) >= 20
    assert slowest <= MOST_SECONDS
    assert peak <= MOST_KIB
    assert elsewhere(log, ports) == []
    ready = rf"{tmp_path}/(ready\.json|[0-9a-f]{{32}}\.incoming)"
    assert outside(log, f"{house.spool}(/|$)", ready, "/dev/null$") == []


def test_the_trace_shows_what_it_is_asked_for(tmp_path: Path) -> None:
    """A program that connects elsewhere and writes outside is found by the same reading."""
    log = tmp_path / "calls"
    script = (
        "import socket, contextlib\n"
        "with contextlib.suppress(OSError): socket.create_connection(('127.0.0.2', 9), 1)\n"
        f"open({str(tmp_path / 'out')!r}, 'w').close()"
    )
    subprocess.run(
        [
            *(require("strace", "strace"), "-f", "-q", "-s", "4096", "-e", f"trace={CALLS}"),
            *("-o", log, sys.executable, "-B", "-c", script),
        ],
        check=True,
        timeout=60,
    )
    text = log.read_text()
    assert len(elsewhere(text, {9})) == 1
    assert len(outside(text, "/nowhere")) == 1
