"""Packs on their way in: what is stored, what is refused, and that nothing acknowledged is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import pytest
from starlette.requests import ClientDisconnect

from passbox_base.errors import StoreFailed, StoreFull
from passbox_base.pack_store import HeldPack, Incoming, IncomingPack, PackKey, PackStore, Stored
from passbox_receiver import operations
from passbox_wire import routes, signing
from passbox_wire.digests import sha256
from passbox_wire.ids import TransferId
from passbox_wire.messages import MAX_HELD_PER_PAGE
from passbox_wire.pack import MAX_SEALED_BYTES
from tests.builders import wire
from tests.builders.answers import good, problem_in
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio


def stored_bytes(house: House, transfer: TransferId, number: int) -> bytes:
    """Return a pack as the store has it."""
    with house.receiver.store.get(PackKey(transfer, number)) as file:
        return file.read()


async def in_pieces(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """Send a body as a network does."""
    for at in range(0, len(data), size):
        yield data[at : at + size]


def leftovers(house: House) -> list[Path]:
    """Return temporary files of packs."""
    return list((house.receiver.settings.store.folder / "packs" / "incoming").iterdir())


def on_wire(house: House) -> int:
    """Return what the operator sees of the only transfer."""
    (row,) = operations.transfers(house.settings_path)
    return int(row["bytes_on_wire"])


async def test_a_pack_is_stored_as_it_came(house: House, sender: Sender) -> None:
    """A pack that comes in many pieces is stored byte for byte."""
    good(await sender.open())
    pack = a_pack(sender.transfer, 7, size=700_000)
    assert (await sender.put(7, pack, body=in_pieces(pack))).status_code == 201
    assert stored_bytes(house, sender.transfer, 7) == pack


async def test_the_same_pack_again_is_held(house: House, sender: Sender) -> None:
    """A repeated pack is answered 200, stored once, and its bytes are counted each time."""
    good(await sender.open())
    pack = a_pack(sender.transfer, 0)
    assert [(await sender.put(0, pack)).status_code for _ in range(3)] == [201, 200, 200]
    assert [p.number for p in house.receiver.store.packs(sender.transfer)] == [0]
    assert on_wire(house) == 3 * len(pack)


async def test_another_pack_under_a_number_is_a_conflict(house: House, sender: Sender) -> None:
    """A second pack under a number that is held is refused and the first stays as it is."""
    good(await sender.open())
    first = a_pack(sender.transfer, 0)
    good(await sender.put(0, first))
    answer = await sender.put(0, a_pack(sender.transfer, 0, content="other"))
    assert problem_in(answer) == "pack_conflict"
    assert stored_bytes(house, sender.transfer, 0) == first


@pytest.mark.parametrize("same", [True, False])
async def test_a_race_for_a_number_has_one_winner(house: House, sender: Sender, same: bool) -> None:
    """Packs sent at once under one number: equal ones are one pack, of others one is stored."""
    good(await sender.open())
    packs = [a_pack(sender.transfer, 0, content="" if same else str(n)) for n in range(4)]
    answers = await asyncio.gather(
        *[sender.put(0, pack, body=in_pieces(pack, 500)) for pack in packs]
    )
    stored = stored_bytes(house, sender.transfer, 0)
    for pack, answer in zip(packs, answers, strict=True):
        assert answer.is_success == (pack == stored)
    assert (await sender.held()).packs[0].sha256 == sha256(stored)
    assert leftovers(house) == []


@pytest.mark.parametrize(
    ("off", "code"), [(-1, "length_wrong"), (1, "length_wrong"), (0, "digest_wrong")]
)
async def test_a_pack_is_what_it_says(house: House, sender: Sender, off: int, code: str) -> None:
    """A body that is shorter, longer or other than declared is not stored, and may come again."""
    good(await sender.open())
    pack = a_pack(sender.transfer, 0)
    wrong = {-1: pack[:-1], 1: pack + b"x", 0: pack[:-1] + b"?"}[off]
    assert problem_in(await sender.put(0, pack, body=in_pieces(wrong))) == code
    assert house.receiver.store.packs(sender.transfer) == []
    assert leftovers(house) == []
    assert on_wire(house) == len(wrong)
    assert (await sender.put(0, pack)).status_code == 201


async def test_a_pack_says_how_long_it_is(sender: Sender) -> None:
    """A chunked pack, one without a length and one with a strange length are refused."""
    good(await sender.open())
    for headers in (
        {"Content-Length": ""},
        {"Content-Length": "+5"},
        {"Content-Length": "-1"},
        {"Content-Length": "9" * 30},
        {"Transfer-Encoding": "chunked"},
    ):
        assert problem_in(await sender.put(0, headers=headers)) == "malformed"


async def test_a_pack_has_bounds(sender: Sender) -> None:
    """A pack over the largest sealed one is refused unread; one that cannot hold a seal too."""
    good(await sender.open())
    headers = {"Content-Length": str(MAX_SEALED_BYTES + 1)}
    assert problem_in(await sender.put(0, headers=headers)) == "too_large"
    assert problem_in(await sender.put(0, b"short")) == "malformed"


async def test_a_pack_names_its_own_place(house: House, sender: Sender) -> None:
    """A pack whose clear header names another transfer, number or destination is refused."""
    good(await sender.open())
    other = wire.a_transfer_id(wire.a_signing_key("other"))
    elsewhere = wire.a_destination_id("elsewhere")
    for pack in (
        a_pack(other, 0),
        a_pack(sender.transfer, 1),
        a_pack(sender.transfer, 0, destination=elsewhere),
        b"MZ" + a_pack(sender.transfer, 0)[2:],
    ):
        assert problem_in(await sender.put(0, pack)) == "malformed"
    assert leftovers(house) == []


async def test_a_pack_is_signed(house: House, sender: Sender) -> None:
    """A signature over another number, length or digest moves no pack."""
    good(await sender.open())
    pack = a_pack(sender.transfer, 0)
    for number, length, digest in (
        (1, len(pack), sha256(pack)),
        (0, len(pack) + 1, sha256(pack)),
        (0, len(pack), bytes(32)),
    ):
        statement = signing.pack_statement(sender.transfer, number, length, digest)
        headers = {routes.SIGNATURE_HEADER: signing.sign(sender.key, statement).hex()}
        assert problem_in(await sender.put(0, pack, headers=headers)) == "unknown_transfer"
    assert house.receiver.store.packs(sender.transfer) == []
    assert on_wire(house) == 0


@pytest.mark.parametrize("number", ["-1", "4294967296", "01", "1e3", "½", "x"])
async def test_a_strange_number_is_malformed(sender: Sender, number: str) -> None:
    """What is no pack number gets `malformed`."""
    good(await sender.open())
    path = routes.PACK.format(transfer=sender.transfer, number=number)
    answer = await sender.client.put(path, content=b"", headers=sender.headers(b""))
    assert problem_in(answer) == "malformed"


async def test_held_packs_come_in_pages(house: House, sender: Sender) -> None:
    """All held packs are listed in order of number, each page naming the start of the next."""
    good(await sender.open())
    numbers = [3, 0, 4_294_967_295, 8]
    for number in numbers:
        good(await sender.put(number))
    page = await sender.held()
    assert ([p.number for p in page.packs], page.following) == (sorted(numbers), None)
    assert [p.number for p in (await sender.held(after=4)).packs] == [8, 4_294_967_295]
    del house


async def test_a_page_is_bounded(house: House, sender: Sender) -> None:
    """A page holds 500 packs; following the pages lists every pack once."""
    good(await sender.open())
    with house.receiver.ledger.writing() as connection:
        from passbox_receiver import uploads

        for number in range(MAX_HELD_PER_PAGE + 3):
            upload = uploads.must_find(connection, sender.transfer)
            uploads.add_pack(connection, upload, number, bytes(32), 10, house.now())
    first = await sender.held()
    assert first.following == MAX_HELD_PER_PAGE
    second = await sender.held(after=first.following)
    listed = [p.number for p in (*first.packs, *second.packs)]
    assert (listed, second.following) == (list(range(MAX_HELD_PER_PAGE + 3)), None)


async def test_a_released_pack_is_remembered(house: House, sender: Sender, poller: Poller) -> None:
    """A pack the inside has is held and released; sent again it is held, and stored no more."""
    good(await sender.open())
    good(await sender.put(0))
    good(await poller.acknowledge(sender.transfer, sender.sent))
    assert house.receiver.store.packs(sender.transfer) == []
    (pack,) = (await sender.held()).packs
    assert pack.released
    assert (await sender.put(0)).status_code == 200
    assert house.receiver.store.packs(sender.transfer) == []
    assert problem_in(await sender.put(0, a_pack(sender.transfer, 0, content="x"))) == (
        "pack_conflict"
    )


class FailingStore:
    """A pack store whose disk fails where it is told to; all else is the real one's."""

    def __init__(self, root: Path) -> None:
        self._store = PackStore(root)
        self.fail_write: StoreFailed | None = None
        self.fail_commit: StoreFailed | None = None

    def incoming(self, key: PackKey, length: int) -> Incoming:
        return _FailingPack(self, self._store.incoming(key, length))

    def put(self, key: PackKey, sha256: bytes, data: bytes) -> Stored:
        return self._store.put(key, sha256, data)

    def get(self, key: PackKey) -> BinaryIO:
        return self._store.get(key)

    def release(self, key: PackKey) -> None:
        self._store.release(key)

    def release_transfer(self, transfer_id: TransferId) -> None:
        self._store.release_transfer(transfer_id)

    def packs(self, transfer_id: TransferId) -> list[HeldPack]:
        return self._store.packs(transfer_id)

    def transfers(self) -> list[TransferId]:
        return self._store.transfers()

    def reconcile(self) -> int:
        return self._store.reconcile()


class _FailingPack(IncomingPack):
    def __init__(self, store: FailingStore, pack: IncomingPack) -> None:
        self._store = store
        self._pack = pack

    def write(self, data: bytes | memoryview) -> None:
        if self._store.fail_write is not None:
            raise self._store.fail_write
        self._pack.write(data)

    def commit(self, sha256: bytes) -> Stored:
        if self._store.fail_commit is not None:
            raise self._store.fail_commit
        return self._pack.commit(sha256)

    def abandon(self) -> None:
        self._pack.abandon()


@pytest.mark.parametrize("where", ["fail_write", "fail_commit"])
@pytest.mark.parametrize(
    ("fault", "code"), [(StoreFull("no space"), "store_full"), (StoreFailed("EIO"), "internal")]
)
async def test_a_failing_disk_loses_nothing(
    tmp_path: Path, where: str, fault: StoreFailed, code: str
) -> None:
    """A full or broken disk answers 507 or 500; what was acknowledged stays, and it goes on."""
    store = FailingStore(tmp_path / "packs")
    with an_open_receiver(tmp_path, store=store) as house:
        sender = Sender(house.public(), house)
        good(await sender.open())
        pack = a_pack(sender.transfer, 0)
        good(await sender.put(0, pack))
        setattr(store, where, fault)
        assert problem_in(await sender.put(1)) == code
        assert [p.number for p in (await sender.held()).packs] == [0]
        assert stored_bytes(house, sender.transfer, 0) == pack
        assert list((tmp_path / "packs" / "incoming").iterdir()) == []
        setattr(store, where, None)
        assert (await sender.put(1)).status_code == 201
        good(await sender.close())


async def test_the_reserve_of_the_disk_is_kept(tmp_path: Path) -> None:
    """A pack that would eat into the reserve is refused with 507 and alarms the administrators."""
    free = [20_000_000]
    with an_open_receiver(tmp_path, free_bytes=lambda: free[0]) as house:
        sender, poller = Sender(house.public(), house), Poller(house.inner(), house)
        good(await sender.open())
        good(await sender.put(0))
        free[0] = 4 * 2**20 + 100
        assert problem_in(await sender.put(1)) == "store_full"
        newcomer = Sender(house.public(), house, name="newcomer")
        assert problem_in(await newcomer.open()) == "store_full"
        assert [alarm.kind.value for alarm in (await poller.work()).alarms] == ["store nearly full"]
        free[0] = 20_000_000
        good(await sender.put(1))
        good(await sender.close())


async def test_a_sender_who_hangs_up_leaves_nothing(house: House, sender: Sender) -> None:
    """A body that breaks off is not stored; its bytes are counted and its room is free again."""
    good(await sender.open())
    pack = a_pack(sender.transfer, 0)

    async def breaks_off() -> AsyncIterator[bytes]:
        yield pack[:3000]
        raise ClientDisconnect

    assert problem_in(await sender.put(0, pack, body=breaks_off())) == "length_wrong"
    assert leftovers(house) == []
    assert on_wire(house) == 3000
    assert house.receiver.flying.of_transfer(sender.transfer) == (0, 0)
