"""What the viewer has let go of comes to an end here too, and holds up nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_base.audit import entries
from passbox_poller.errors import Refusal
from passbox_wire.inner.quarantine import Action
from passbox_wire.inner.receiver import StopReason
from passbox_wire.inner.viewer import EventKind
from passbox_wire.receipts import CoarseState
from passbox_wire.states import DeliveryState
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices

REFUSED = 1  # index of the file that is cut


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def one_refused(name: str = "one") -> Sending:
    """Return a transfer of a good image and a cut one."""
    good, bad = slices(2)
    return Sending([good, SentFile(bad.data[:-100], bad.kind, bad.path)], name=name)


def carried_out(house: House) -> list[tuple[str, str]]:
    """Return event and author of what was done with quarantined files."""
    found = entries(house.spool / "audit.jsonl")
    return [(one["event"], one["author"]) for one in found if "quarantined" in one["event"]]


def test_a_release_after_deletion_ends_with_its_reason(house: House) -> None:
    """A release of a file whose transfer the viewer no longer knows is tried once, not for ever.

    The list says why it stays; nothing is handed over; deleting it still works.
    """
    sending = one_refused()
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 1)
        house.viewer.delete(sending.transfer, told=False)
        house.viewer.decide(sending.transfer, REFUSED, Action.RELEASE)
        house.viewer.wait_for(
            lambda: [f.reason for f in house.viewer.quarantined.files] == [Refusal.TRANSFER_DELETED]
        )
        house.viewer.decide(sending.transfer, REFUSED, Action.DELETE)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 0)
    assert house.viewer.attachments == {}
    assert carried_out(house) == [("quarantined file deleted", "ada")]


def test_a_decision_that_meets_the_deletion_is_done_once(house: House) -> None:
    """Of a release and the deletion of its transfer at once the deletion wins, and both end."""
    sending = one_refused()
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
    house.viewer.decide(sending.transfer, REFUSED, Action.RELEASE)
    house.viewer.delete(sending.transfer)
    with house.polling():
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 0)
        house.viewer.wait_for(lambda: house.viewer.decisions_asked_after == 1)
    assert house.viewer.attachments == {}
    assert not any((house.spool / "quarantine" / "decisions").iterdir())


def test_a_transfer_deleted_while_it_arrives_ends(house: House) -> None:
    """Files of it stop waiting for a store that knows it no more, and another transfer arrives.

    Its spool is let go of, the receiver is told to stop, and the sender's receipt says refused.
    """
    sending, other = Sending(slices(40), name="one"), Sending(slices(2), name="two")
    packs = sending.packs()
    house.receiver.open(sending.transfer, sending.key)
    for number in sorted(packs)[:-1]:  # all but the manifest
        house.receiver.put(sending.transfer, number, packs[number])
    house.viewer.answer = lambda _uid: 0xA700  # the store takes nothing for now
    with house.polling():
        house.viewer.wait_for(lambda: sending.transfer in house.viewer.facts)
        house.viewer.wait_for(lambda: house.viewer.callers)
        house.viewer.delete(sending.transfer)
        house.viewer.answer = lambda _uid: 0x0000
        house.send(other)
        known = house.wait_until_finished(sending.transfer)
        house.wait_until_finished(other.transfer)
        house.receiver.wait_for_receipts(2)
    assert (known.delivery, known.stop_reason) == (DeliveryState.REFUSED, StopReason.STAFF)
    assert house.receiver.stops == [(sending.transfer, StopReason.STAFF)]
    states = {receipt.transfer: receipt.state for receipt, _ in house.receiver.receipts}
    assert states[sending.transfer] is CoarseState.REFUSED
    assert states[other.transfer] is CoarseState.DELIVERED


def test_deleted_behind_an_event_holds_up_no_other(house: House) -> None:
    """What was shown, forwarded and deleted before the poller heard of it keeps no mail waiting.

    The viewer wipes the links of what it deletes.
    """
    sending, other = Sending(slices(1), name="one"), Sending(slices(1), name="two")
    house.viewer.announces = False
    with house.polling():
        house.send(sending)
        house.viewer.wait_for(lambda: house.viewer.deliveries)
    for kind in (EventKind.VISIBLE, EventKind.FORWARDED, EventKind.EXPIRING):
        house.viewer.say(sending.transfer, kind, link="")
    house.viewer.delete(sending.transfer)
    house.viewer.announces = True
    with house.polling():
        house.send(other)
        house.wait_until_finished(sending.transfer)
        house.wait_until_finished(other.transfer)
        house.sink.next_mail()
    assert house.sink.waiting() == 0


def test_a_verdict_that_nobody_can_see_any_more_ends(house: House) -> None:
    """A judged transfer that is deleted before anybody heard of it is finished, not repeated."""
    sending = one_refused()
    house.viewer.announces = False
    with house.polling():
        house.send(sending)
        house.viewer.wait_for(lambda: house.viewer.deliveries)
        house.viewer.delete(sending.transfer)
        known = house.wait_until_finished(sending.transfer)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 0)
    assert known.delivery is DeliveryState.PARTIAL
    ((receipt, _),) = house.receiver.receipts
    assert receipt.state is CoarseState.PARTLY_DELIVERED
