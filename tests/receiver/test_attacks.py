"""A share of what `make faults` does to the public side (tests/faults/test_attacks.py)."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from passbox_base.clocks import SystemClock
from passbox_base.http_guard import HttpLimits
from passbox_base.serving import Listener
from passbox_receiver.public_app import create_public_app
from passbox_wire import routes
from passbox_wire.problems import CONTENT_TYPE
from tests.builders import attacks
from tests.builders.answers import good, problem_in
from tests.builders.applications import EchoLength
from tests.builders.listening import listening
from tests.builders.receiver import DEADLINE, House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Open a receiver that does not tire of many requests."""
    with an_open_receiver(tmp_path, toml=attacks.PATIENT, clock=SystemClock()) as opened:
        yield opened


@pytest.fixture
async def known(house: House) -> Sender:
    """Stand for an honest sender with one pack here."""
    sender = Sender(house.public(), house)
    good(await sender.open())
    good(await sender.put(0))
    return sender


def test_slow_lines_shut_nobody_out() -> None:
    """Of 60 slow lines of a source at most 20 live, and its honest requests are all served."""
    listener = Listener(
        EchoLength(), "127.0.0.1", 0, limits=HttpLimits(head_seconds=1.0, body_seconds=1.0)
    )
    with (
        listening(listener) as port,
        attacks.slow_lines(port, 60) as lines,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE) as honest,
    ):
        assert [honest.get("/").status_code for _ in range(20)] == [200] * 20
        assert len(attacks.alive(lines)) <= 20
        assert attacks.all_over(lines, DEADLINE, time.monotonic)


def test_nonsense_gets_an_answer(house: House) -> None:
    """Whatever is made of the document about the interface is answered, never with 5xx."""
    assert max(attacks.fuzz_public(house, 10)) < 500


def test_nonsense_of_the_inside_gets_an_answer(house: House) -> None:
    """Signed nonsense on the inner routes is answered, never with 5xx."""
    assert max(attacks.fuzz_inner(house, 10)) < 500


_ROUTES = {
    "/": "GET", routes.STATUS: "GET", routes.TRANSFER: "PUT", routes.PACK: "PUT",
    routes.PACKS: "GET", routes.CLOSE: "POST", routes.CANCEL: "POST", routes.RECEIPT: "GET",
}  # fmt: skip
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@pytest.mark.parametrize("path", _ROUTES)
async def test_wrong_methods_are_refused(house: House, path: str) -> None:
    """Every method but the one a route has is `wrong_method`, on every route."""
    target = path.format(transfer="0" * 32, number=0)
    for method in _METHODS:
        if method != _ROUTES[path]:
            answer = await house.public().request(method, target)
            assert (answer.status_code, answer.headers["Content-Type"]) == (405, CONTENT_TYPE)


def test_forged_sources_change_nothing(house: House) -> None:
    """With 200 ways to claim another source a blocked one stays blocked."""
    from passbox_receiver import operations

    operations.add_to_list(house.settings_path, "block", "127.0.0.1", author="a", reason="test")
    listener = Listener(create_public_app(house.receiver), "127.0.0.1", 0)
    with (
        listening(listener) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE) as client,
    ):
        answers = [client.get("/v1/status", headers=h) for h in attacks.forged_sources(200)]
    assert {problem_in(answer) for answer in answers} == {"blocked"}


@pytest.mark.parametrize(
    "host", ["evil.example", "a/b?c", "a@b", "127.0.0.1:1", "[::1]", "a:b:c", "..", "%2e", "a#b"]
)
async def test_the_host_decides_nothing(house: House, host: str) -> None:
    """Whatever Host says, the path is what is asked, and no answer repeats the host."""
    client = house.public()
    assert (await client.get(routes.STATUS, headers={"Host": host})).status_code == 200
    answer = await client.get("/inner/v1/work", headers={"Host": host})
    assert problem_in(answer) == "not_found"
    assert host not in answer.text + str(answer.headers)


async def test_ids_cannot_be_tried_out(house: House, known: Sender) -> None:
    """A transfer that exists and one that does not give the same answer to a wrong signature."""
    ((status, _, _),) = await attacks.guess_ids(house, known, 100)
    assert status == 404
    assert await attacks.guess_handles(house, known, 50) == {(204, b"")}


async def test_replays_change_nothing(house: House, known: Sender, tmp_path: Path) -> None:
    """A pack sent again is held or a conflict; not a byte of the store changes."""
    before = attacks.files_below(tmp_path / "store" / "packs")
    assert await attacks.replay(known, 30) == {200, 409}
    assert attacks.files_below(tmp_path / "store" / "packs") == before


async def test_replays_of_an_ended_transfer_bring_nothing_back(house: House, known: Sender) -> None:
    """What was recorded of a cancelled transfer opens and fills nothing any more."""
    good(await known.cancel())
    answers = (await known.open(), await known.put(0), await known.put(1), await known.close())
    assert [problem_in(answer) for answer in answers] == ["cancelled"] * 4


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"1" * 65_000,
        b'"' + b"\\u0041" * 10_000 + b'"',
        b'{"total_bytes":' + b"9" * 60_000 + b"}",
        b"{" + b'"a":1,' * 10_000 + b'"a":1}',
        b"\xff" * 60_000,
        b'{"client":"\xed\xa0\x80"}',
        b"1e999999999",
        b"",
    ],
    ids=range(11),
)
async def test_bombs_of_json_are_malformed(house: House, known: Sender, body: bytes) -> None:
    """JSON that nests, repeats or counts without end is `malformed`, as any other nonsense."""
    for answer in (
        await known.client.put(
            routes.TRANSFER.format(transfer=known.transfer),
            content=body,
            headers=known.headers(b""),
        ),
        await known.client.post(
            routes.CLOSE.format(transfer=known.transfer), content=body, headers=known.headers(b"")
        ),
    ):
        assert problem_in(answer) == "malformed"


async def test_long_messages_are_not_read(house: House, known: Sender) -> None:
    """A message beyond 64 KiB is `too_large`, with and without a declared length."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield bytes(4096)

    path = routes.TRANSFER.format(transfer=known.transfer)
    for content in (bytes(70_000), endless()):
        answer = await known.client.put(path, content=content, headers=known.headers(b""))
        assert problem_in(answer) == "too_large"
    pack = a_pack(known.transfer, 5)
    answer = await known.put(5, pack, headers={"Content-Length": "999999999999999"})
    assert problem_in(answer) == "too_large"
