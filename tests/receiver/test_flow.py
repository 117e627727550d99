"""The main job at the door: open, send, close, pull, acknowledge, receipt."""

import pytest

from passbox_wire.digests import packs_digest
from passbox_wire.inner.receiver import verify_end
from passbox_wire.states import UploadState
from tests.builders.answers import good, status_in
from tests.builders.poller_inside import Poller
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio


async def test_a_transfer_goes_its_whole_way(sender: Sender, poller: Poller) -> None:
    """What was sent is pulled byte for byte, let go of when acknowledged, and its receipt found."""
    assert (await sender.open()).status_code == 201
    packs = {number: a_pack(sender.transfer, number) for number in range(3)}
    assert [(await sender.put(n, pack)).status_code for n, pack in packs.items()] == [201] * 3
    assert status_in(await sender.close()).state is UploadState.CLOSED

    (item,) = (await poller.work()).items
    assert (item.transfer, item.state, item.packs, item.waiting) == (
        sender.transfer, UploadState.CLOSED, 3, 3,
    )  # fmt: skip
    assert item.packs_sha256 == packs_digest(sender.sent)
    verify_end(item)
    listed = (await poller.packs(sender.transfer)).packs
    pulled = {p.number: good(await poller.pack(sender.transfer, p.number)) for p in listed}
    assert pulled == packs

    good(await poller.acknowledge(sender.transfer, sender.sent))
    assert (await poller.packs(sender.transfer)).packs == ()
    assert all(pack.released for pack in (await sender.held()).packs)
    signed, _ = await poller.put_receipt(sender)
    assert good(await sender.receipt()) == signed.encode()


async def test_the_inside_is_shown_who_cancelled(sender: Sender, poller: Poller) -> None:
    """A cancelled transfer is told with its sender's signature, also when he cancels twice."""
    await sender.open()
    await sender.put(0)
    good(await sender.cancel())
    good(await sender.cancel())
    (item,) = (await poller.work()).items
    assert item.state is UploadState.CANCELLED
    verify_end(item)
