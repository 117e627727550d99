"""Silence alone changes nothing: one mail, and what is there goes out when a person says so."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_base.audit import entries
from passbox_poller.errors import Refusal
from passbox_poller.ledger import FILE_NAME
from passbox_poller.standstill import release
from passbox_wire.errors import Malformed
from passbox_wire.inner.quarantine import Action
from passbox_wire.receipts import CoarseState, FileResult
from passbox_wire.states import DeliveryState, UploadState
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices

LONG = timedelta(hours=2, minutes=1)


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def age(house: House, by: timedelta) -> None:
    """Have the last packs be older, between two pollers: requests are signed with the true time."""
    with closing(sqlite3.connect(house.spool / FILE_NAME)) as ledger, ledger:
        ledger.execute("UPDATE standstills SET last_pack = last_pack - ?", [by.total_seconds()])


def begun(house: House) -> tuple[Sending, dict[int, bytes]]:
    """Have the receiver hold the first of two images; return the transfer and what is left."""
    sending = Sending(slices(2))
    packs = sending.packs()
    house.receiver.open(sending.transfer, sending.key)
    with house.polling():
        for number in (0, 1):
            house.receiver.put(sending.transfer, number, packs.pop(number))
        house.viewer.wait_for(lambda: house.viewer.stored_uids() == ["1.2.3.4.1"])
        upload = house.receiver.uploads[sending.transfer]
        house.receiver.wait_for(lambda: upload.released == {0, 1})
    return sending, packs


def finish(house: House, sending: Sending, packs: dict[int, bytes]) -> None:
    """Send what is left, and close."""
    for number, sealed in packs.items():
        house.receiver.put(sending.transfer, number, sealed)
    house.receiver.close(sending.transfer)


def test_a_silence_is_told_once_and_changes_nothing(house: House) -> None:
    """Two hours without a pack: one mail over restarts, nothing shown; the rest completes it."""
    sending, packs = begun(house)
    age(house, LONG)
    with house.polling():
        mail = house.sink.next_mail()
        house.viewer.wait_for(lambda: house.viewer.deliveries)
    assert mail.recipients == ("mri@hospital.example",)
    assert sending.transfer in mail.message.get_content()
    ((_, told),) = house.viewer.deliveries
    assert (told.state, told.visible) == (DeliveryState.ARRIVING, False)
    assert (told.delivered, told.missing) == (1, 1)
    for _ in range(2):
        age(house, 10 * LONG)
        with house.polling():
            asked = house.receiver.asked
            house.receiver.wait_for(lambda asked=asked: house.receiver.asked > asked + 2)
    assert house.sink.waiting() == 0
    assert house.receiver.receipts == []
    with house.polling():
        finish(house, sending, packs)
        known = house.wait_until_finished(sending.transfer)
    assert known.delivery is DeliveryState.COMPLETE
    assert [receipt.state for receipt, _ in house.receiver.receipts] == [CoarseState.DELIVERED]


def test_less_than_two_hours_are_no_silence(house: House) -> None:
    """After an hour and 58 minutes nobody has heard anything."""
    begun(house)
    age(house, timedelta(minutes=118))
    with house.polling():
        asked = house.receiver.asked
        house.receiver.wait_for(lambda: house.receiver.asked > asked + 2)
    assert house.sink.waiting() == 0
    assert house.viewer.deliveries == []


@pytest.mark.parametrize("state", [UploadState.RECEIVING, UploadState.ABANDONED])
def test_a_person_releases_what_is_there(house: House, state: UploadState) -> None:
    """What came is shown with what is missing, by name; a later manifest still completes it."""
    sending, packs = begun(house)
    upload = house.receiver.uploads[sending.transfer]
    if state is not UploadState.RECEIVING:
        house.receiver.close(sending.transfer, state)
    release(house.spool, sending.transfer, author="it", reason="the ward waits")
    with house.polling():
        house.viewer.wait_for(lambda: any(d.visible for _, d in house.viewer.deliveries))
        _, shown = house.viewer.deliveries[-1]
        notice = house.sink.next_mail()
    assert shown.phone_code == ""
    assert (shown.delivered, shown.missing) == (1, 1)
    (missing,) = shown.findings
    assert (missing.path, missing.result) == ("DISC/IM2", FileResult.MISSING)
    assert missing.reason == Refusal.NOT_YET
    body = notice.message.get_body(("plain",))
    assert body is not None
    assert "https://" in body.get_content()
    assert released_lines(house) == [("it", "the ward waits")]
    upload.state = UploadState.RECEIVING
    with house.polling():
        finish(house, sending, packs)
        known = house.wait_until_finished(sending.transfer)
    assert known.delivery is DeliveryState.COMPLETE
    assert house.viewer.deliveries[-1][1].visible
    assert house.sink.waiting() == 0


def released_lines(house: House) -> list[tuple[object, object]]:
    """Return author and reason of every release in the audit."""
    return [
        (entry["author"], entry["reason"])
        for entry in entries(house.spool / "audit.jsonl")
        if entry["event"] == "released as far as it came"
    ]


def test_a_person_releases_it_from_the_viewers_page(house: House) -> None:
    """A decision is a release like the command line's; again, or too late, it changes nothing."""
    sending, packs = begun(house)
    for _ in range(2):
        house.viewer.decide(sending.transfer, 0, Action.RELEASE_TRANSFER)
    with house.polling():
        house.viewer.wait_for(lambda: any(d.visible for _, d in house.viewer.deliveries))
    assert released_lines(house) == [("ada", "asked the sender")]
    with house.polling():
        finish(house, sending, packs)
        known = house.wait_until_finished(sending.transfer)
        house.viewer.decide(sending.transfer, 0, Action.RELEASE_TRANSFER)
        told = len(house.viewer.decisions)
        house.viewer.wait_for(lambda: house.viewer.decisions_asked_after == told)
    assert known.delivery is DeliveryState.COMPLETE
    assert released_lines(house) == [("ada", "asked the sender")]


def test_a_release_is_for_one_transfer_by_somebody_for_a_reason(tmp_path: Path) -> None:
    """Neither a path nor an empty reason becomes a note."""
    with pytest.raises(Malformed):
        release(tmp_path, "../../etc", author="it", reason="r")
    with pytest.raises(Malformed):
        release(tmp_path, "ab" * 16, author="it", reason=" ")
    assert list(tmp_path.iterdir()) == []
