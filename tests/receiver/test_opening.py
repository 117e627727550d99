"""Opening, closing, cancelling: what a sender may say about a whole transfer."""

import dataclasses
from pathlib import Path

import pytest

from passbox_wire import canonical, routes, signing
from passbox_wire.digests import sha256
from passbox_wire.messages import parse_service_status, parse_transfer_status
from passbox_wire.problems import parse_problem
from passbox_wire.states import UploadState
from tests.builders import wire
from tests.builders.answers import good, problem_in, status_in
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio


async def test_a_transfer_is_opened_once(sender: Sender) -> None:
    """The first request opens (201), the same again finds it open (200) with the same answer."""
    first, second = await sender.open(), await sender.open()
    assert (first.status_code, second.status_code) == (201, 200)
    assert status_in(first) == status_in(second)
    assert status_in(first).state is UploadState.OPENED


async def test_limits_are_told_before_the_first_byte(sender: Sender) -> None:
    """Anybody may ask for the limits; the answer to an opening repeats them."""
    status = parse_service_status(good(await sender.client.get(routes.STATUS)))
    assert status.accepting
    assert status.limits == status_in(await sender.open()).limits


async def test_an_id_belongs_to_its_key(sender: Sender) -> None:
    """Nobody opens a transfer under an id that is not that of his key."""
    other = wire.a_signing_key("other")
    message = dataclasses.replace(sender.message(), public_key=wire.public(other))
    assert problem_in(await sender.open(message)) == "malformed"


async def test_an_opening_is_signed(sender: Sender) -> None:
    """An opening that was altered after it was signed is refused."""
    body = sender.message().encode()
    headers = sender.headers(signing.open_statement(sender.transfer, body + b" "))
    path = routes.TRANSFER.format(transfer=sender.transfer)
    answer = await sender.client.put(path, content=body, headers=headers)
    assert problem_in(answer) == "signature_wrong"


async def test_a_destination_that_is_not_served_is_refused(sender: Sender) -> None:
    """A transfer is opened only for a hospital of the configuration."""
    message = dataclasses.replace(sender.message(), destination=wire.a_destination_id("other"))
    assert problem_in(await sender.open(message)) == "unknown_destination"


async def test_an_opening_does_not_change(sender: Sender) -> None:
    """A second opening with another receipt handle is refused, the first one stays."""
    good(await sender.open())
    message = dataclasses.replace(sender.message(), handle_sha256=sha256(b"another"))
    assert problem_in(await sender.open(message)) == "malformed"
    assert (await sender.open()).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"public_key":1}',
        b"[" * 60_000,
        canonical.encode({"more": "than the contract knows"}),
    ],
)
async def test_what_is_no_message_is_malformed(sender: Sender, body: bytes) -> None:
    """A body that is not of the contract gets `malformed`, never an error of ours."""
    headers = sender.headers(signing.open_statement(sender.transfer, body))
    path = routes.TRANSFER.format(transfer=sender.transfer)
    assert problem_in(await sender.client.put(path, content=body, headers=headers)) == "malformed"


async def test_an_unknown_field_is_malformed(sender: Sender) -> None:
    """A message with a field nobody knows is refused: it may mean something to somebody."""
    document = canonical.decode(sender.message().encode(), max_bytes=10_000)
    body = canonical.encode({**document, "x": 1})
    headers = sender.headers(signing.open_statement(sender.transfer, body))
    path = routes.TRANSFER.format(transfer=sender.transfer)
    assert problem_in(await sender.client.put(path, content=body, headers=headers)) == "malformed"


async def test_a_message_has_a_bound(sender: Sender) -> None:
    """A body over 64 KiB is refused unread."""
    path = routes.TRANSFER.format(transfer=sender.transfer)
    answer = await sender.client.put(path, content=b"x" * 65_537, headers=sender.headers(b""))
    assert problem_in(answer) == "too_large"


async def test_a_request_names_its_version(sender: Sender) -> None:
    """No version is malformed; another version is told that the client is too old."""
    path = routes.TRANSFER.format(transfer=sender.transfer)
    assert problem_in(await sender.client.put(path, content=b"")) == "malformed"
    answer = await sender.open(headers={routes.VERSION_HEADER: "7"})
    assert problem_in(answer) == "client_too_old"


async def test_a_client_that_is_too_old_is_told_where_a_newer_one_is(tmp_path: Path) -> None:
    """An older client than the oldest served gets 426 with the download address as text."""
    toml = '[clients]\noldest = "0.3.0"\nnewest = "0.4.1"\ndownload = "https://h.example/get"'
    with an_open_receiver(tmp_path, toml=toml) as house:
        sender = Sender(house.public(), house)
        answer = await sender.open()
        assert problem_in(answer) == "client_too_old"
        assert parse_problem(answer.content).text == "https://h.example/get"
        headers = {routes.CLIENT_HEADER: "passbox/0.10.0"}
        message = sender.message(client="passbox/0.10.0")
        assert (await sender.open(message, headers=headers)).status_code == 201
        status = parse_service_status(good(await sender.client.get(routes.STATUS)))
        assert (status.oldest_client, status.newest_client) == ("0.3.0", "0.4.1")


async def test_a_close_names_what_is_held(sender: Sender) -> None:
    """A close over other packs than are held is refused and changes nothing."""
    good(await sender.open())
    await sender.put(0)
    await sender.put(1)
    for packs in ({0: sender.sent[0]}, {**sender.sent, 2: bytes(32)}, {0: bytes(32), 1: bytes(32)}):
        assert problem_in(await sender.close(packs)) == "held_differs"
    assert status_in(await sender.open()).state is UploadState.RECEIVING
    assert status_in(await sender.close()).state is UploadState.CLOSED


async def test_a_close_may_come_twice(sender: Sender) -> None:
    """Closing what is closed answers the same; closing it over something else is refused."""
    good(await sender.open())
    await sender.put(0)
    assert status_in(await sender.close()) == status_in(await sender.close())
    assert problem_in(await sender.close({0: bytes(32)})) == "held_differs"


async def test_an_empty_transfer_is_not_closed(sender: Sender) -> None:
    """A transfer without a pack cannot be closed."""
    good(await sender.open())
    assert problem_in(await sender.close({0: bytes(32)})) == "held_differs"


async def test_a_cancelled_transfer_is_gone(house: House, sender: Sender) -> None:
    """After a cancel no pack is held, nothing more is taken, and a second cancel is fine."""
    good(await sender.open())
    await sender.put(0)
    assert status_in(await sender.cancel()).state is UploadState.CANCELLED
    assert status_in(await sender.cancel()).state is UploadState.CANCELLED
    assert house.receiver.store.packs(sender.transfer) == []
    for answer in (await sender.put(1), await sender.put(0), await sender.open()):
        assert problem_in(answer) == "cancelled"
    assert problem_in(await sender.close()) == "cancelled"


async def test_a_closed_transfer_is_not_cancelled(sender: Sender) -> None:
    """Once closed a transfer is the inside's: its sender cannot withdraw it here."""
    good(await sender.open())
    await sender.put(0)
    good(await sender.close())
    assert problem_in(await sender.cancel()) == "closed"
    assert problem_in(await sender.put(1)) == "closed"
    assert (await sender.put(0)).status_code == 200


async def test_a_stopped_transfer_is_gone(house: House, sender: Sender, poller: Poller) -> None:
    """When the inside stops a transfer its sender gets 410 `stopped`, without a text."""
    good(await sender.open())
    await sender.put(0)
    good(await poller.stop(sender.transfer))
    good(await poller.stop(sender.transfer))
    answer = await sender.put(1)
    assert problem_in(answer) == "stopped"
    assert (answer.status_code, parse_problem(answer.content).text) == (410, None)
    assert problem_in(await sender.close()) == "stopped"
    assert house.receiver.store.packs(sender.transfer) == []


async def test_unknown_and_forbidden_look_the_same(house: House, sender: Sender) -> None:
    """Who does not hold a transfer's key cannot even find out that it exists."""
    good(await sender.open())
    stranger = Sender(house.public(), house, name="stranger")
    known, unknown = sender.transfer, stranger.transfer
    answers = []
    for transfer in (known, unknown):
        stranger.transfer = transfer
        answers += [
            await stranger.put(0, a_pack(transfer, 0)),
            await stranger.close({0: bytes(32)}),
            await stranger.cancel(),
        ]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    assert status_in(await sender.open()).state is UploadState.OPENED


async def test_a_status_counts_what_came(sender: Sender) -> None:
    """The answer to an opening says how many packs and bytes are held, at the receiver's time."""
    good(await sender.open())
    pack = a_pack(sender.transfer, 0)
    await sender.put(0, pack)
    await sender.put(0, pack)
    status = parse_transfer_status((await sender.open()).content)
    assert (status.packs, status.bytes_held, status.time) == (1, len(pack), wire.NOW)
