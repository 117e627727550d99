"""The inside's requests: who may ask, what is told, and what lets a pack go."""

import asyncio
from datetime import timedelta

import pytest

from passbox_receiver import operations
from passbox_receiver.receiver import LastHeard
from passbox_wire import routes
from passbox_wire.inner.receiver import MAX_WORK, StopReason, WorkRequest
from passbox_wire.inner.requests import signed_headers
from passbox_wire.receipts import CoarseState
from passbox_wire.states import UploadState
from tests.builders import wire
from tests.builders.answers import good, problem_in
from tests.builders.clocks import FakeClock
from tests.builders.poller_inside import Poller
from tests.builders.receiver import DEADLINE, House
from tests.builders.sender_outside import Sender, a_pack

pytestmark = pytest.mark.anyio


async def holding(sender: Sender, packs: int = 1) -> Sender:
    """Open a transfer and send some packs."""
    good(await sender.open())
    for number in range(packs):
        good(await sender.put(number))
    return sender


async def listens(house: House, task: "asyncio.Task[object]") -> None:
    """Return once the long poll ``task`` waits."""
    async with asyncio.timeout(DEADLINE):
        while not house.receiver.work_bell.is_heard("work"):
            assert not task.done()
            await asyncio.sleep(0)


async def test_only_the_destination_may_ask(house: House, sender: Sender) -> None:
    """A request that no destination signed, or that names another one, is refused."""
    await holding(sender)
    stranger = Poller(house.inner(), house, key=wire.a_signing_key("stranger"))
    request = WorkRequest(stranger.destination, "poller", 0, 0).encode()
    assert problem_in(await stranger.ask("POST", routes.WORK, request)) == "signature_wrong"
    for answer in (
        await stranger.pack(sender.transfer, 0),
        await stranger.acknowledge(sender.transfer, sender.sent),
        await stranger.stop(sender.transfer),
        (await stranger.put_receipt(sender))[1],
    ):
        assert problem_in(answer) == "signature_wrong"
    posing = Poller(house.inner(), house, destination=wire.a_destination_id("other"))
    request = WorkRequest(posing.destination, "poller", 0, 0).encode()
    assert problem_in(await posing.ask("POST", routes.WORK, request)) == "unknown_destination"


async def test_a_signature_is_for_one_request(house: House, poller: Poller) -> None:
    """A signed request that is sent to another target, with another body or late is refused."""
    body = WorkRequest(poller.destination, "poller", 0, 0).encode()
    key, now = wire.a_signing_key("destination"), house.now()
    for headers in (
        signed_headers(key, "POST", routes.ALARMS, body, now),
        signed_headers(key, "POST", routes.WORK + "?x=1", body, now),
        signed_headers(key, "PUT", routes.WORK, body, now),
        signed_headers(key, "POST", routes.WORK, body + b" ", now),
        signed_headers(key, "POST", routes.WORK, body, now - 301),
        signed_headers(key, "POST", routes.WORK, body, now + 301),
    ):
        answer = await poller.client.post(routes.WORK, content=body, headers=headers)
        assert problem_in(answer) == "signature_wrong"
    answer = await poller.client.post(routes.WORK, content=body)
    assert problem_in(answer) == "malformed"


async def test_a_poll_is_answered_when_a_pack_comes(
    house: House, sender: Sender, poller: Poller
) -> None:
    """A waiting poll is answered by the first pack, not at the end of its wait."""
    cursor = (await poller.work()).cursor
    waiting = asyncio.create_task(poller.work(cursor, wait=60))
    await listens(house, waiting)
    await holding(sender)
    async with asyncio.timeout(DEADLINE):
        work = await waiting
    assert [(item.state, item.waiting) for item in work.items] == [(UploadState.RECEIVING, 1)]
    assert work.cursor > cursor


async def test_a_poll_hears_of_what_another_process_wrote(house: House, poller: Poller) -> None:
    """A test alarm made on the host is told to a poll that waits already."""
    cursor = (await poller.work()).cursor
    waiting = asyncio.create_task(poller.work(cursor, wait=60))
    await listens(house, waiting)
    operations.send_test_alarm(house.settings_path, author="anna", reason="test")
    async with asyncio.timeout(DEADLINE):
        assert [alarm.kind.value for alarm in (await waiting).alarms] == ["test"]


async def test_a_first_poll_is_answered_at_once(poller: Poller) -> None:
    """Who asks from 0 is answered at once, also when there is nothing to do."""
    async with asyncio.timeout(DEADLINE):
        assert (await poller.work(0, wait=60)).items == ()


async def test_what_waits_is_told_again(sender: Sender, poller: Poller) -> None:
    """A transfer with packs to pull is in every answer, one that only was opened in none."""
    good(await sender.open())
    assert (await poller.work()).items == ()
    good(await sender.put(0))
    cursor = (await poller.work()).cursor
    again = await poller.work(cursor)
    assert [item.transfer for item in again.items] == [sender.transfer]
    good(await poller.acknowledge(sender.transfer, sender.sent))
    assert (await poller.work(cursor)).items == ()
    good(await sender.close())
    (item,) = (await poller.work(cursor)).items
    assert (item.state, item.waiting, item.packs) == (UploadState.CLOSED, 0, 1)


async def test_a_finished_transfer_is_told_no_more(sender: Sender, poller: Poller) -> None:
    """Closed, pulled and with the inside's last word, a transfer is in no answer any more."""
    await holding(sender)
    good(await sender.close())
    good(await poller.acknowledge(sender.transfer, sender.sent))
    _, answer = await poller.put_receipt(sender, state=CoarseState.CHECKING)
    good(answer)
    assert len((await poller.work()).items) == 1
    _, answer = await poller.put_receipt(sender, sequence=2)
    good(answer)
    assert (await poller.work()).items == ()


async def test_the_inside_hears_of_an_end(sender: Sender, poller: Poller) -> None:
    """A cancelled transfer is told with its state and nothing to pull."""
    await holding(sender)
    cursor = (await poller.work()).cursor
    good(await sender.cancel())
    (item,) = (await poller.work(cursor)).items
    assert (item.state, item.waiting) == (UploadState.CANCELLED, 0)


async def test_a_backlog_hides_nothing_new(house: House, poller: Poller) -> None:
    """With more transfers than an answer holds, following the cursor tells all of them."""
    senders = [Sender(house.public(), house, name=f"s{n}") for n in range(3)]
    for sender in senders:
        await holding(sender)
    with house.receiver.ledger.writing() as connection:
        from passbox_receiver import uploads
        from passbox_receiver.sources import parse_source

        for n in range(MAX_WORK):
            name = Sender(house.public(), house, name=f"crowd {n}")
            source = parse_source("192.0.2.7")
            message = name.message()
            upload = uploads.create(connection, name.transfer, message, source, house.now())
            uploads.add_pack(connection, upload, 0, bytes(32), 10, house.now())
    told, cursor = set(), 0
    for _ in range(5):
        work = await poller.work(cursor)
        told |= {item.transfer for item in work.items}
        cursor = work.cursor
        assert len(work.items) <= MAX_WORK
    assert len(told) == MAX_WORK + 3


async def test_sources_are_hidden(house: House, poller: Poller) -> None:
    """The inside can tell sources apart, the same one being the same, and learns no address."""
    for name, address in (("a", "192.0.2.7"), ("b", "192.0.2.7"), ("c", "192.0.2.8")):
        await holding(Sender(house.public(address), house, name=name))
    sources = [item.source for item in (await poller.work()).items]
    assert len(set(sources)) == 2
    assert all(len(source) == 16 for source in sources)


async def test_the_audit_head_travels(house: House, sender: Sender, poller: Poller) -> None:
    """Every answer carries the head of the audit chain, which grows with each deed."""
    before = (await poller.work()).audit_head
    await holding(sender)
    assert (await poller.work()).audit_head == house.receiver.audit.head.sha256 != before


async def test_a_pack_is_let_go_only_on_a_signed_word(sender: Sender, poller: Poller) -> None:
    """An acknowledgement by another key, of another digest or of no pack frees nothing."""
    await holding(sender, packs=2)
    other = wire.a_signing_key("receipt")
    answer = await poller.acknowledge(sender.transfer, sender.sent, key=other)
    assert problem_in(answer) == "signature_wrong"
    for packs in ({0: bytes(32)}, {0: sender.sent[0], 5: bytes(32)}):
        answer = await poller.acknowledge(sender.transfer, packs)
        assert problem_in(answer) == "held_differs"
    assert [p.released for p in (await poller.packs(sender.transfer)).packs] == [False, False]
    assert good(await poller.pack(sender.transfer, 0)) == a_pack(sender.transfer, 0)


async def test_an_acknowledgement_may_come_twice(sender: Sender, poller: Poller) -> None:
    """A pack acknowledged twice is released once and counted once."""
    await holding(sender, packs=3)
    first = {0: sender.sent[0]}
    good(await poller.acknowledge(sender.transfer, first))
    good(await poller.acknowledge(sender.transfer, first))
    (item,) = (await poller.work()).items
    assert (item.packs, item.waiting) == (3, 2)
    assert problem_in(await poller.pack(sender.transfer, 0)) == "not_found"


async def test_a_receipt_is_found_by_its_code_only(
    house: House, sender: Sender, poller: Poller
) -> None:
    """The receipt goes to who has the code; any other handle gets 204, like one not yet there."""
    await holding(sender)
    assert (await sender.receipt()).status_code == 204
    signed, answer = await poller.put_receipt(sender)
    assert answer.status_code == 204
    assert good(await sender.receipt()) == signed.encode()
    assert (await sender.receipt(after=1)).status_code == 204
    stranger = Sender(house.public(), house, name="stranger")
    assert (await stranger.receipt()).status_code == 204


async def test_a_sender_who_waits_gets_his_receipt_at_once(
    house: House, sender: Sender, poller: Poller
) -> None:
    """A waiting request is answered as soon as the inside hands the receipt over."""
    await holding(sender)
    waiting = asyncio.create_task(sender.receipt(wait=60))
    handle = sender.message().handle_sha256
    async with asyncio.timeout(DEADLINE):
        while not house.receiver.receipt_bell.is_heard(handle):  # noqa: ASYNC110  # no event to await
            await asyncio.sleep(0)
        signed, _ = await poller.put_receipt(sender)
        assert good(await waiting) == signed.encode()


async def test_a_receipt_rises(sender: Sender, poller: Poller) -> None:
    """A later receipt replaces an earlier one; the same again is fine; an older one is not."""
    await holding(sender)
    first, _ = await poller.put_receipt(sender)
    good(await poller.hand_over(sender.transfer, first))
    second, answer = await poller.put_receipt(sender, sequence=2)
    good(answer)
    assert problem_in(await poller.hand_over(sender.transfer, first)) == "held_differs"
    _, answer = await poller.put_receipt(sender, sequence=2)  # sealed anew: other bytes
    assert problem_in(answer) == "held_differs"
    assert good(await sender.receipt(after=1)) == second.encode()


async def test_a_receipt_is_the_hospitals(house: House, sender: Sender, poller: Poller) -> None:
    """A receipt that is signed by another key, or of another transfer, is not kept."""
    await holding(sender)
    _, answer = await poller.put_receipt(sender, key=wire.a_signing_key("destination"))
    assert problem_in(answer) == "signature_wrong"
    other = await holding(Sender(house.public(), house, name="other"))
    signed, _ = await poller.put_receipt(other)
    assert problem_in(await poller.hand_over(sender.transfer, signed)) == "malformed"
    assert (await sender.receipt()).status_code == 204


async def test_a_stop_names_its_reason(house: House, sender: Sender, poller: Poller) -> None:
    """The reason of a stop is in the audit and in the operators' list."""
    await holding(sender)
    good(await poller.stop(sender.transfer, StopReason.WRONG_SEALING_KEY))
    (row,) = operations.transfers(house.settings_path)
    assert (row["state"], row["stop_reason"]) == ("stopped", "wrong sealing key")
    audit = (house.receiver.settings.store.folder / "audit.jsonl").read_text()
    assert '"transfer stopped"' in audit
    assert '"packs deleted"' in audit


async def test_another_hospitals_transfer_is_unknown(house: House, poller: Poller) -> None:
    """What is not the destination's own looks as if it were not there."""
    stranger = Sender(house.public(), house, name="nobody")
    for answer in (
        await poller.pack(stranger.transfer, 0),
        await poller.stop(stranger.transfer),
        await poller.acknowledge(stranger.transfer, {0: bytes(32)}),
    ):
        assert problem_in(answer) == "unknown_transfer"


async def test_a_clock_may_be_a_little_off(house: House, poller: Poller) -> None:
    """Clocks up to five minutes apart understand each other."""
    body = WorkRequest(poller.destination, "poller", 0, 0).encode()
    for off in (-299, 299):
        assert (await poller.ask("POST", routes.WORK, body, clock_off=off)).is_success
    assert isinstance(house.receiver.clock, FakeClock)
    house.receiver.clock.advance(timedelta(days=1))
    assert (await poller.ask("POST", routes.WORK, body)).is_success


def test_two_pollers_are_noticed() -> None:
    """A poller that was started again has a new name; two names that take turns are two pollers."""
    here, there = wire.a_destination_id(), wire.a_destination_id("other")
    heard = LastHeard(0)
    assert [heard.hear(here, name, 10) for name in "aabbcc"] == [False] * 6
    assert [heard.hear(there, name, 10) for name in "xxyy"] == [False] * 4
    assert [heard.hear(here, name, 20) for name in "bbcbc"] == [True] + [False] * 4
    assert heard.time == 20
    assert [heard.hear(here, name, 90_000) for name in "bc"] == [True, False]
