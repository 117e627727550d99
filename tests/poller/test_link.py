"""Our own HTTPS client against a DMZ that was taken over."""

import gzip
import itertools
import resource
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from passbox_base.pack_store import PackStore
from passbox_base.tls_contexts import (
    inner_client_context,
    inner_server_context,
    public_server_context,
)
from passbox_poller.errors import NotNow, PeerWrong, PollerError, Problem
from passbox_poller.link import Link
from passbox_poller.receiver_link import ReceiverLink
from passbox_wire.canonical import encode
from passbox_wire.digests import sha256
from passbox_wire.inner.receiver import Work, WorkItem
from passbox_wire.messages import HeldPack, HeldPacks
from passbox_wire.problems import Code
from passbox_wire.problems import Problem as WireProblem
from passbox_wire.states import UploadState
from tests.builders.clocks import FakeClock
from tests.builders.pki import Pki
from tests.builders.wire import a_destination_id, a_signing_key, a_transfer_id, public
from tests.poller.hostile_server import HostileServer, Script, drips, endless, says

MIB = 1024 * 1024
NAMES = itertools.count()
Asking = Callable[..., ReceiverLink]
SECONDS = 60.0
"""What one exchange may take in these tests, where its end is not what is looked at."""
FEW_SECONDS = 1.0


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """The inner CA."""
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def other_pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A CA that nobody trusts."""
    return Pki(tmp_path_factory.mktemp("other"), "other")


@pytest.fixture
def server(pki: Pki) -> Iterator[HostileServer]:
    """A server of the inner CA, whose script the test sets."""
    leaf = pki.server(f"server-{next(NAMES)}")
    context = inner_server_context(leaf.certificate, leaf.key, pki.ca_file)
    with HostileServer(context, says(b"")) as server:
        yield server


@pytest.fixture
def asking(pki: Pki) -> Iterator[Asking]:
    """Return links to a port of this machine, cut when the test is over."""
    files = pki.client(f"client-{next(NAMES)}")
    receivers: list[ReceiverLink] = []

    def ask(
        port: int, pins: frozenset[bytes] = frozenset(), seconds: float = SECONDS
    ) -> ReceiverLink:
        context = inner_client_context(pki.ca_pem, files.certificate, files.key)
        key = a_signing_key("destination")
        origin = f"https://127.0.0.1:{port}"
        link = Link(origin, context, key, FakeClock(), pins, exchange_seconds=seconds)
        receivers.append(ReceiverLink(link, key, a_destination_id(), "poller"))
        return receivers[-1]

    yield ask
    for receiver in receivers:
        receiver.cut()


def ok(body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Return an answer with a length."""
    lines = [f"Content-Length: {len(body) if length is None else length}", *headers]
    return b"HTTP/1.1 200 OK\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status(line: str, *headers: str) -> bytes:
    """Return the head of an answer."""
    return f"HTTP/1.1 {line}\r\n".encode() + "".join(f"{h}\r\n" for h in headers).encode() + b"\r\n"


def work(*items: WorkItem) -> bytes:
    """Return work of these items."""
    return Work(1, items, (), bytes(32)).encode()


def an_item(**other: object) -> WorkItem:
    """Return a work item."""
    values: dict[str, object] = {
        "transfer": a_transfer_id(),
        "state": UploadState.RECEIVING,
        "public_key": public(a_signing_key()),
        "source": b"s",
        "total_bytes": 1,
        "packs": 1,
        "waiting": 1,
        "packs_sha256": None,
        "signature": None,
        "opened": 1,
        "last_pack": 1,
    }
    return WorkItem(**{**values, **other})  # type: ignore[arg-type]  # a builder's defaults


def test_an_honest_answer_is_work(asking: Asking, server: HostileServer) -> None:
    """The server of these tests can also answer well: else its refusals would prove nothing."""
    server.script = says(ok(work(an_item())))
    assert asking(server.port).work(0, 0).items == (an_item(),)


@pytest.mark.parametrize(
    "lie",
    [
        {"state": UploadState.CLOSED},
        {"state": UploadState.CLOSED, "packs_sha256": bytes(32)},
        {"state": UploadState.CLOSED, "packs_sha256": bytes(32), "signature": bytes(64)},
        {"state": UploadState.STOPPED, "packs_sha256": bytes(32), "signature": bytes(64)},
        {"state": UploadState.CANCELLED},
        {"state": UploadState.CANCELLED, "signature": bytes(64)},
    ],
)
def test_only_its_sender_ends_a_transfer(
    asking: Asking, server: HostileServer, lie: dict[str, object]
) -> None:
    """A close or cancel that the transfer's key did not sign is no work."""
    server.script = says(ok(work(an_item(**lie))))
    with pytest.raises(PeerWrong):
        asking(server.port).work(0, 0)


def silent(_connection: object) -> None:
    """Answer nothing while the test lasts."""
    STOPPED.wait(SECONDS)


def endless_body(line: str, *headers: str) -> Script:
    """Answer this head and a body without end."""
    return endless(status(line, *headers), b"x" * 65536)


def work_json(**other: object) -> bytes:
    """Return work without items, and ``other`` fields."""
    return encode({"cursor": 1, "items": [], "alarms": [], "audit_head": "00" * 32, **other})


UNKNOWN = WireProblem(Code.UNKNOWN_TRANSFER).encode()
BOMB = gzip.compress(b"\0" * 64 * MIB)
STOPPED = threading.Event()

BEHAVIOURS: dict[str, tuple[Script, type[PollerError]]] = {
    "redirect 301": (
        says(status("301 Moved", "Location: http://127.0.0.1:9/", "Content-Length: 0")),
        PeerWrong,
    ),
    "redirect 302 with body": (
        says(status("302 Found", "Location: https://evil.example/", "Content-Length: 4") + b"body"),
        PeerWrong,
    ),
    "redirect 307": (
        says(status("307 Temporary", "Location: /inner/v1/work", "Content-Length: 0")),
        PeerWrong,
    ),
    "redirect 308 endless": (
        endless_body("308 Permanent", "Location: /", f"Content-Length: {2**60}"),
        PeerWrong,
    ),
    "gzip bomb": (says(ok(BOMB, "Content-Encoding: gzip")), PeerWrong),
    "deflate": (says(ok(b"x", "Content-Encoding: deflate")), PeerWrong),
    "brotli": (says(ok(b"x", "Content-Encoding: br")), PeerWrong),
    "chunked": (
        says(status("200 OK", "Transfer-Encoding: chunked") + b"4\r\nbody\r\n0\r\n\r\n"),
        PeerWrong,
    ),
    "both lengths": (says(ok(work(), "Transfer-Encoding: chunked")), PeerWrong),
    "no length": (says(status("200 OK") + b"body"), PeerWrong),
    "negative length": (says(status("200 OK", "Content-Length: -1")), PeerWrong),
    "length in words": (says(status("200 OK", "Content-Length: many")), PeerWrong),
    "huge length": (endless_body("200 OK", f"Content-Length: {2**62}"), PeerWrong),
    "absurd length": (says(status("200 OK", "Content-Length: " + "9" * 400)), PeerWrong),
    "shorter than its length": (says(ok(work(), length=5000)), NotNow),
    "nothing": (says(b""), NotNow),
    "not http": (says(b"220 smtp.example ESMTP\r\n"), PeerWrong),
    "endless status line": (endless(b"HTTP/1.1 200 ", b"O" * 65536), PeerWrong),
    "endless headers": (endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000), PeerWrong),
    "endless header": (endless(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 65536), PeerWrong),
    "endless 100 continue": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), NotNow),
    "drip of the head": (drips(b"HTTP/1.1 200 OK\r\nX: ", STOPPED), NotNow),
    "drip of the body": (drips(status("200 OK", "Content-Length: 500"), STOPPED), NotNow),
    "silence": (silent, NotNow),
    "not json": (says(ok(b"<html>")), PeerWrong),
    "deep json": (says(ok(b"[" * 100_000)), PeerWrong),
    "unknown fields": (says(ok(work_json(more=1))), PeerWrong),
    "a path for an id": (
        says(ok(work_json(items=[{"transfer": "../../../../etc/passwd"}]))),
        PeerWrong,
    ),
    "another key's transfer": (
        says(ok(work(an_item(public_key=public(a_signing_key("other")))))),
        PeerWrong,
    ),
    "problem 403": (says(status("403 No", "Content-Length: 0")), PeerWrong),
    "a problem of ours": (
        says(status("404 No", f"Content-Length: {len(UNKNOWN)}") + UNKNOWN),
        Problem,
    ),
    "busy": (says(status("503 Busy", "Content-Length: 0")), NotNow),
    "an endless problem": (endless_body("400 Bad", f"Content-Length: {2**40}"), PeerWrong),
}


LASTING = ("endless 100 continue", "drip of the head", "drip of the body", "silence")
"""What only the deadline of one exchange ends."""


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_hostile_answer_is_refused_and_costs_little(
    asking: Asking, server: HostileServer, behaviour: str
) -> None:
    """Whatever the DMZ answers, the poller raises its own error, stays small and works again."""
    server.script, error = BEHAVIOURS[behaviour]
    STOPPED.clear()
    lasting = behaviour in LASTING
    receiver = asking(server.port, seconds=FEW_SECONDS if lasting else SECONDS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with pytest.raises(error):
            receiver.work(0, 0)
    finally:
        STOPPED.set()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024  # KiB
    server.script = says(ok(work(), "Connection: close"))
    assert receiver.work(0, int(SECONDS) if lasting else 0).items == ()


def held(*numbers: int, following: int | None = None, length: int = 4) -> bytes:
    """Return a page of packs."""
    packs = tuple(HeldPack(n, sha256(b"pack"), length, released=False) for n in numbers)
    return ok(HeldPacks(packs, following).encode())


@pytest.mark.parametrize(
    "answer",
    [
        held(5, 4),
        held(5, 5),
        held(following=7),
        held(0, following=0),
        held(0, length=2**40),
        ok(b"{}"),
    ],
)
def test_a_list_without_end_or_order_is_refused(
    asking: Asking, server: HostileServer, answer: bytes
) -> None:
    """A list of packs must rise and end; the same page for ever is no list."""
    server.script = says(answer)
    with pytest.raises(PeerWrong):
        list(asking(server.port).held(a_transfer_id()))
    assert server.requests <= 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (ok(b"PACK"), PeerWrong),
        (ok(b"pac"), PeerWrong),
        (ok(b"packpack"), PeerWrong),
        (ok(b"pa", length=4), NotNow),
        (endless_body("200 OK", "Content-Length: 1000000000"), PeerWrong),
    ],
)
def test_another_pack_than_listed_never_enters_the_spool(
    asking: Asking,
    server: HostileServer,
    tmp_path: Path,
    answer: bytes | Script,
    error: type[PollerError],
) -> None:
    """A pack of other bytes or length, or half of it, leaves nothing in the spool."""
    server.script = says(answer) if isinstance(answer, bytes) else answer
    spool = PackStore(tmp_path)
    pack = HeldPack(0, sha256(b"pack"), 4, released=False)
    with pytest.raises(error):
        asking(server.port).pull(a_transfer_id(), pack, spool)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_endless_pack_is_cut_at_its_length(
    asking: Asking, server: HostileServer, tmp_path: Path
) -> None:
    """A pack that goes on after its length is taken as far as it was listed.

    The rest answers nothing.
    """
    server.script = endless(status("200 OK", "Content-Length: 4") + b"pack", b"x" * 65536)
    spool = PackStore(tmp_path)
    receiver = asking(server.port)
    receiver.pull(a_transfer_id(), HeldPack(0, sha256(b"pack"), 4, released=False), spool)
    assert [pack.length for pack in spool.packs(a_transfer_id())] == [4]
    server.script = says(ok(work()))
    with pytest.raises(PeerWrong):
        receiver.work(0, 0)
    assert receiver.work(0, 0).items == ()


def test_a_server_of_another_authority_hears_nothing(asking: Asking, other_pki: Pki) -> None:
    """Without a certificate of the inner CA a server gets no request byte."""
    leaf = other_pki.server()
    context = public_server_context(leaf.certificate, leaf.key)
    with HostileServer(context, says(ok(work()))) as server:
        with pytest.raises(PeerWrong):
            asking(server.port).work(0, 0)
        assert server.requests == 0


def test_a_pinned_server_with_another_key_hears_nothing(
    asking: Asking, server: HostileServer
) -> None:
    """Right CA, right name, another key: no request byte where pins are configured."""
    server.script = says(ok(work()))
    with pytest.raises(PeerWrong):
        asking(server.port, frozenset({bytes(32)})).work(0, 0)
    assert server.requests == 0


def test_a_connection_is_kept_for_the_next_exchange(asking: Asking, server: HostileServer) -> None:
    """A peer that closed a kept connection meanwhile costs a new one, not an error."""
    server.script = says(ok(work()))
    receiver = asking(server.port)
    for _ in range(3):
        assert receiver.work(0, 0).items == ()
    assert server.requests == 3


def test_cutting_ends_an_exchange_that_waits(asking: Asking, server: HostileServer) -> None:
    """A long poll ends at once when the program ends."""
    reached = threading.Event()
    STOPPED.clear()

    def wait(_connection: object) -> None:
        reached.set()
        STOPPED.wait(60)

    server.script = wait
    receiver = asking(server.port)
    ended: list[type[BaseException]] = []

    def ask() -> None:
        with pytest.raises(NotNow):
            receiver.work(0, 60)
        ended.append(NotNow)

    thread = threading.Thread(target=ask)
    thread.start()
    assert reached.wait(60)
    receiver.cut()
    thread.join(60)
    STOPPED.set()
    assert ended == [NotNow]
    with pytest.raises(NotNow):
        receiver.work(0, 0)


def sips(connection: ssl.SSLSocket) -> bool:
    """Read 16 MiB a little at a time: never silent, never done."""
    came = 0
    while came < 16 * MIB and not STOPPED.wait(0.05):
        piece = connection.recv(65536)
        if not piece:
            return False
        came += len(piece)
    return True


def test_a_receiver_that_sips_does_not_hold_us(asking: Asking, server: HostileServer) -> None:
    """The one deadline covers our sending too: whoever reads slowly is left."""
    STOPPED.clear()
    server.reads, server.script = sips, says(status("204 No Content"))
    try:
        with pytest.raises(NotNow):
            asking(server.port, seconds=FEW_SECONDS).hand_receipt(a_transfer_id(), bytes(16 * MIB))
    finally:
        STOPPED.set()
