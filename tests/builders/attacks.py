"""What strangers do to the public side, each as one function that returns what came of it.

Few of each run with every `make test` (tests/receiver/test_attacks.py), all of them with
`make faults` (tests/faults/test_attacks.py).
"""

import contextlib
import random
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from passbox_receiver.inner_app import create_inner_app
from passbox_receiver.public_app import create_public_app
from passbox_wire import canonical, routes, signing
from passbox_wire.codes import HANDLE_BYTES
from passbox_wire.digests import sha256
from passbox_wire.ids import TransferId
from passbox_wire.inner.requests import signed_headers
from tests.builders import wire
from tests.builders.applications import Message, Receive, Send
from tests.builders.receiver import DEADLINE, House
from tests.builders.sender_outside import Sender, a_pack

Application = Callable[[Message, Receive, Send], Any]

PATIENT = "[limits]\nrequests_per_second_per_source = 1000000\nburst = 1000000"
"""Settings under which the rate of requests is not what refuses an attack."""

HALF_HEAD = b"PUT /v1/transfers/0 HTTP/1.1\r\nHost: a\r\nX: "
HALF_BODY = b"PUT /v1/transfers/0 HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n{"


@contextlib.contextmanager
def slow_lines(
    port: int, count: int, *, source: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[list[socket.socket]]:
    """Open ``count`` lines that never get anywhere: no TLS, nothing, half a head, half a body."""
    with contextlib.ExitStack() as stack:
        lines = []
        for number in range(count):
            line = socket.create_connection(("127.0.0.1", port), DEADLINE, (source, 0))
            with contextlib.suppress(OSError):  # cut off already
                if number % 4 and tls is not None:
                    line = tls.wrap_socket(line, server_hostname="127.0.0.1")
                line.sendall((b"", b"", HALF_HEAD, HALF_BODY)[number % 4] or b"\x16")
            stack.enter_context(line)
            lines.append(line)
        yield lines


def alive(lines: Sequence[socket.socket]) -> list[socket.socket]:
    """Return the lines that the other side has not ended."""
    return [line for line in lines if not _is_over(line)]


def _is_over(line: socket.socket) -> bool:
    if line.fileno() < 0:
        return True
    line.setblocking(False)
    try:
        while line.recv(65536):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        pass
    return True


def all_over(lines: Sequence[socket.socket], within: float, now: Callable[[], float]) -> bool:
    """Return whether the other side ends all lines within so many seconds."""
    deadline = now() + within
    while (left := alive(lines)) and (seconds := deadline - now()) > 0:
        select.select(left, [], [], min(seconds, 0.2))
    return not left


def fuzz_public(house: House, examples: int) -> set[int]:
    """Send what schemathesis makes of the OpenAPI document; return all statuses that came.

    A third goes as it is, a third at a transfer that is open, a third signed by its key.
    """
    sender = Sender(house.public(), house)
    application = create_public_app(house.receiver)
    schema = schemathesis.openapi.from_dict(application.openapi())
    asked = _from_somewhere(application)
    statuses: set[int] = set()
    for found in schema.get_all_operations():
        operation: Any = found

        @_examples(examples)
        @given(operation.ok().as_strategy(), st.sampled_from(["as it is", "aimed", "signed"]))
        def ask(case: schemathesis.Case[Any], how: str) -> None:
            if how != "as it is":
                _aim(case, sender, signed=how == "signed")
            if case.query:
                case.query.pop("wait", None)
            statuses.add(case.call(app=asked, base_url="http://receiver").status_code)

        ask()
    return statuses


def fuzz_inner(house: House, examples: int) -> set[int]:
    """Send signed nonsense to every inner route; return all statuses that came."""
    application = create_inner_app(house.receiver)
    schema = schemathesis.openapi.from_dict(application.openapi())
    asked, key = _from_somewhere(application), wire.a_signing_key("destination")
    transfer = wire.a_transfer_id(wire.a_signing_key("transfer"))
    statuses: set[int] = set()
    for found in schema.get_all_operations():
        operation: Any = found

        @_examples(examples)
        @given(st.just(operation.ok()), _bodies(), st.sampled_from([transfer, "0" * 32, "%00"]))
        def ask(asking: Any, body: bytes, place: str) -> None:
            target = asking.path.format(transfer=place, number=0)
            headers = signed_headers(key, asking.method.upper(), target, body, house.now())
            case = asking.Case(path_parameters={"transfer": place, "number": "0"})
            answer = case.call(app=asked, base_url="http://x", headers=headers, data=body)
            statuses.add(answer.status_code)

        ask()
    return statuses


def _bodies() -> st.SearchStrategy[bytes]:
    words = st.sampled_from(["cursor", "destination", "poller", "packs", "reason", "sequence"])
    values = st.none() | st.integers(-1, 2**63) | st.text(max_size=20) | st.just("staff")
    return st.binary(max_size=300) | st.dictionaries(words, values).map(canonical.encode)


def _examples(count: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _aim(case: schemathesis.Case[Any], sender: Sender, *, signed: bool) -> None:
    case.headers[routes.VERSION_HEADER] = "1"
    if "transfer" not in (case.path_parameters or {}):
        return
    case.path_parameters["transfer"] = sender.transfer
    if signed:
        path = case.operation.path
        statement = {
            routes.CANCEL: signing.cancel_statement,
            routes.PACKS: signing.held_statement,
        }.get(path)
        if statement is not None:
            signature = signing.sign(sender.key, statement(sender.transfer))
            case.headers[routes.SIGNATURE_HEADER] = signature.hex()


def _from_somewhere(application: Application) -> Application:
    async def asked(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["client"] = ("192.0.2.7", 40000)
        await application(scope, receive, send)

    return asked


def forged_sources(count: int) -> Iterator[dict[str, str]]:
    """Yield headers that claim to come from elsewhere, in every spelling we know."""
    rng = random.Random(6)
    names = [
        "X-Forwarded-For", "x-forwarded-for", "Forwarded", "X-Real-IP", "X-Client-IP", "Via",
        "True-Client-IP", "CF-Connecting-IP", "X-Originating-IP", "X-Cluster-Client-IP",
        "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-URL", "X-Rewrite-URL",
    ]  # fmt: skip
    values = [
        "6.6.6.6", "127.0.0.1", "::1", "::ffff:6.6.6.6", "[2001:db8::1]:80", "6.6.6.6:443",
        "6.6.6.6, 192.0.2.7", "for=6.6.6.6", 'for="[2001:db8::1]:80";proto=https', "unknown",
        "localhost", "6.6.6.6, 6.6.6.6, 6.6.6.6", "0x7f000001", "/inner/v1/work", "", "*",
    ]  # fmt: skip
    for _ in range(count):
        yield {rng.choice(names): rng.choice(values) for _ in range(rng.randint(1, 3))}


async def guess_ids(house: House, known: Sender, count: int) -> set[tuple[int, bytes, str]]:
    """Ask for held packs of known and unknown transfers with wrong signatures; return answers."""
    rng = random.Random(7)
    answers = set()
    for number in range(count):
        transfer = known.transfer if number % 2 else TransferId(rng.randbytes(16).hex())
        headers = known.headers(b"") | {routes.SIGNATURE_HEADER: rng.randbytes(64).hex()}
        answer = await known.client.get(routes.PACKS.format(transfer=transfer), headers=headers)
        others = {k: v for k, v in answer.headers.items() if k != "date"}
        answers.add((answer.status_code, answer.content, str(sorted(others.items()))))
    return answers


async def guess_handles(house: House, known: Sender, count: int) -> set[tuple[int, bytes]]:
    """Ask for receipts of made-up handles; return the answers."""
    rng = random.Random(8)
    answers = set()
    for _ in range(count):
        headers = known.headers(b"") | {routes.HANDLE_HEADER: rng.randbytes(HANDLE_BYTES).hex()}
        answer = await known.client.get(routes.RECEIPT, headers=headers)
        answers.add((answer.status_code, answer.content))
    return answers


async def replay(known: Sender, count: int) -> set[int]:
    """Send a stored pack again and again, as it was and with other bytes; return the statuses."""
    statuses, other = set(), a_pack(known.transfer, 0, content="other")
    for number in range(count):
        answer = await (known.put(0) if number % 2 else known.put(0, other))
        statuses.add(answer.status_code)
    return statuses


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the SHA-256 of every file below a folder."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
