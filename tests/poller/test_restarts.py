"""Whatever is started first or restarts in the middle: nothing is lost, nothing comes twice."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox.demo.programs import free_ports
from passbox_wire.inner.viewer import EventKind
from passbox_wire.receipts import CoarseState
from passbox_wire.states import UploadState
from tests.builders.listening import listening
from tests.parts.smtp import MailSink
from tests.poller.fake_receiver import DEADLINE
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices

OUT_OF_RESOURCES = 0xA700


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def test_the_poller_may_be_started_last(house: House) -> None:
    """A transfer that waits in the DMZ is pulled by a poller that starts later."""
    sending = Sending(slices(2))
    house.send(sending)
    with house.polling():
        house.wait_until_finished(sending.transfer)
    assert len(house.viewer.stored) == 2


def test_the_poller_may_be_started_first(tmp_path: Path, mail_sink: MailSink) -> None:
    """A poller whose peers come up later works as soon as they do."""
    house = House(tmp_path, mail_sink)
    sending = Sending(slices(2))
    house.send(sending)
    house.receiver_port, house.viewer_port, house.scp_port = free_ports(3)
    with house.polling():
        with listening(house.listener(house.receiver.app, house.receiver_port)):
            house.receiver.wait_for(
                lambda: house.receiver.uploads[sending.transfer].released == {0, 1, 2, 3}
            )
            with listening(house.listener(house.viewer.app, house.viewer_port)):
                house.viewer.wait_for(lambda: sending.transfer in house.viewer.facts)
                house.viewer.start_scp(house.scp_port)
                house.wait_until_finished(sending.transfer)
        house.viewer.stop_scp()
    assert sorted(house.viewer.stored_uids()) == ["1.2.3.4.1", "1.2.3.4.2"]


def test_a_poller_that_restarts_in_the_middle_goes_on(house: House) -> None:
    """After a stop between two files the next poller delivers the rest, and only the rest."""
    sending = Sending(slices(4))
    second_waits = threading.Event()

    def busy_after_first(uid: str) -> int:
        if house.viewer.stored and uid not in house.viewer.stored_uids():
            second_waits.set()
            return OUT_OF_RESOURCES
        return 0

    house.viewer.answer = busy_after_first
    with house.polling():
        house.send(sending)
        assert second_waits.wait(DEADLINE)
    house.viewer.answer = lambda _uid: 0
    with house.polling():
        house.wait_until_finished(sending.transfer)
    assert len(house.viewer.stored) == 4
    assert len(house.receiver.pulled) == len(set(house.receiver.pulled)) == 6
    assert [receipt.state for receipt, _ in house.receiver.receipts] == [CoarseState.DELIVERED]


def test_a_poller_that_restarts_before_the_mail_sends_it(house: House) -> None:
    """A transfer that was made visible but not yet announced is announced by the next poller."""
    house.viewer.announces = False
    sending = Sending(slices(1))
    with house.polling():
        house.send(sending)
        house.viewer.wait_for(lambda: house.viewer.deliveries)
    house.viewer.say(sending.transfer, EventKind.VISIBLE, "https://viewer.hospital.example/s/x")
    with house.polling():
        house.wait_until_finished(sending.transfer)
        house.sink.next_mail()
    assert house.sink.waiting() == 0
    assert len(house.receiver.receipts) == 1


def test_a_receipt_the_receiver_did_not_get_is_handed_over_later(house: House) -> None:
    """A receipt signed while the receiver is away reaches it by the next poller, the same bytes."""
    sending = Sending(slices(1))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
    house.viewer.say(sending.transfer, EventKind.FORWARDED)
    port, house.receiver_port = house.receiver_port, 1  # nobody listens there
    with house.polling():
        house.viewer.wait_for(lambda: house.viewer.events)
    house.receiver_port = port
    with house.polling():
        house.receiver.wait_for_receipts(2)
    assert [receipt.sequence for receipt, _ in house.receiver.receipts] == [1, 2]


def test_a_store_that_forgot_an_instance_gets_it_again(house: House) -> None:
    """What the store's own index does not confirm is delivered again before there is a verdict."""
    house.viewer.forget = {"1.2.3.4.1"}
    sending = Sending(slices(2))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
    assert [receipt.state for receipt, _ in house.receiver.receipts] == [CoarseState.DELIVERED]
    assert sorted(house.viewer.stored_uids()) == ["1.2.3.4.1", "1.2.3.4.2"]


def test_packs_may_come_in_any_order(house: House) -> None:
    """Data packs before the inventory wait for it; the manifest may come first of all."""
    sending = Sending(slices(3))
    packs = sending.packs()
    with house.polling():
        house.receiver.open(sending.transfer, sending.key)
        for number in (4, 2, 3, 1):
            house.receiver.put(sending.transfer, number, packs[number])
        upload = house.receiver.uploads[sending.transfer]
        house.receiver.wait_for(lambda: upload.released == {1, 2, 3, 4})
        assert house.viewer.stored == []
        house.receiver.put(sending.transfer, 0, packs[0])
        house.receiver.close(sending.transfer)
        house.wait_until_finished(sending.transfer)
    assert len(house.viewer.stored) == 3


def test_files_are_delivered_while_others_still_come(house: House) -> None:
    """A file is in the store before the transfer is closed: no stage waits for the whole."""
    sending = Sending(slices(2))
    packs = sending.packs()
    with house.polling():
        house.receiver.open(sending.transfer, sending.key)
        house.receiver.put(sending.transfer, 0, packs[0])
        house.receiver.put(sending.transfer, 1, packs[1])
        house.viewer.wait_for(lambda: house.viewer.stored_uids() == ["1.2.3.4.1"])
        assert house.viewer.deliveries == []
        house.receiver.put(sending.transfer, 2, packs[2])
        house.receiver.put(sending.transfer, 3, packs[3])
        house.receiver.close(sending.transfer)
        house.wait_until_finished(sending.transfer)


def test_a_cancelled_transfer_is_withdrawn(house: House) -> None:
    """A sender who cancels gets a receipt that says so, and nothing becomes visible."""
    sending = Sending(slices(2))
    packs = sending.packs()
    with house.polling():
        house.receiver.open(sending.transfer, sending.key)
        house.receiver.put(sending.transfer, 0, packs[0])
        house.viewer.wait_for(lambda: sending.transfer in house.viewer.facts)
        house.receiver.close(sending.transfer, UploadState.CANCELLED)
        house.wait_until_finished(sending.transfer)
    assert [receipt.state for receipt, _ in house.receiver.receipts] == [CoarseState.WITHDRAWN]
    assert not any(delivery.visible for _, delivery in house.viewer.deliveries)


def test_a_full_disk_pulls_nothing(house: House) -> None:
    """With less free than the reserve no pack is pulled; it stays where it is safe."""
    house.reserve_bytes = 2**60
    sending = Sending(slices(1))
    house.send(sending)
    with house.polling():
        house.receiver.wait_for(lambda: house.receiver.asked >= 4)
    assert house.receiver.pulled == []
