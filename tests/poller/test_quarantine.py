"""Refused files are kept until a person decides."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from passbox_base.audit import entries
from passbox_base.errors import StoreFailed
from passbox_poller.errors import Refusal, Remark
from passbox_poller.quarantine import Quarantine
from passbox_wire.ids import TransferId
from passbox_wire.inner.quarantine import Action
from passbox_wire.inner.viewer import EventKind
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import CoarseState, FileResult
from passbox_wire.states import DeliveryState
from tests.builders.clocks import FakeClock
from tests.builders.dicom import ct_slice
from tests.parts.smtp import MailSink
from tests.poller.fake_viewer import SUCCESS
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices

TRANSFER = TransferId("ab" * 16)
OUT_OF_RESOURCES = 0xA700


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def test_a_refused_file_is_kept_byte_for_byte(house: House) -> None:
    """A file cut in the middle is refused by name and lies in the quarantine as it came."""
    good, bad = slices(2)
    cut = type(bad)(bad.data[:-100], bad.kind, bad.path)
    sending = Sending([good, cut])
    with house.polling():
        house.send(sending)
        house.receiver.wait_for_receipts(1)
    assert [file.result for file in house.report().files] == [
        FileResult.DELIVERED,
        FileResult.REFUSED,
    ]
    kept = house.spool / "quarantine" / sending.transfer / "0000001"
    assert kept.read_bytes() == cut.data
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400


def test_keeping_again_is_harmless(tmp_path: Path) -> None:
    """A file that is refused again after a restart takes the place of itself."""
    quarantine = Quarantine(tmp_path / "quarantine", FakeClock())
    for _ in range(2):
        file = tmp_path / "work"
        file.write_bytes(b"bad")
        quarantine.keep(TRANSFER, 7, file, Refusal.TRUNCATED)
        assert not file.exists()
    (listed,) = quarantine.listed().files
    assert (listed.index, listed.reason, listed.size) == (7, Refusal.TRUNCATED, 3)
    kept = quarantine.path(TRANSFER, 7)
    assert kept is not None
    assert kept.read_bytes() == b"bad"


def test_what_cannot_be_kept_stays_where_it_is(tmp_path: Path) -> None:
    """When the quarantine cannot be written, the error is typed and nothing is lost."""
    quarantine = Quarantine(tmp_path / "quarantine", FakeClock())
    (tmp_path / "quarantine" / TRANSFER).write_bytes(b"in the way")
    file = tmp_path / "work"
    file.write_bytes(b"bad")
    with pytest.raises(StoreFailed):
        quarantine.keep(TRANSFER, 7, file, Refusal.TRUNCATED)
    assert file.read_bytes() == b"bad"


POLYGLOT = b"MZ" + bytes(126) + ct_slice()[128:-100]


def listed(house: House) -> list[tuple[int, str]]:
    """Return index and reason of each file the viewer was told of."""
    return [(file.index, file.reason) for file in house.viewer.quarantined.files]


def deeds(house: House) -> list[tuple[str, str, str]]:
    """Return event, author and reason of each entry about quarantined files."""
    found = [e for e in entries(house.spool / "audit.jsonl") if "quarantined" in e["event"]]
    return [(entry["event"], entry["author"], entry["reason"]) for entry in found]


def test_people_release_and_delete(house: House) -> None:
    """The viewer lists what is kept and why; one goes out as attachment, one is gone for good.

    Who decided and why is in the audit; receipt and page are told anew.
    """
    good, cut, lost = slices(3)
    cut, lost = (SentFile(file.data[:-100], file.kind, file.path) for file in (cut, lost))
    sending = Sending([good, cut, lost])
    with house.polling():
        house.send(sending)
        house.receiver.wait_for_receipts(1)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 2)
        assert listed(house) == [(1, Refusal.TRUNCATED), (2, Refusal.TRUNCATED)]
        house.viewer.decide(sending.transfer, 1, Action.RELEASE)
        house.viewer.decide(sending.transfer, 2, Action.DELETE)
        house.viewer.decide(sending.transfer, 2, Action.RELEASE)  # too late: passed over
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 0)
        house.receiver.wait_for_receipts(2)
    assert house.viewer.attachments == {(sending.transfer, 1): cut.data}
    assert [(file.result, file.reason) for file in house.report().files] == [
        (FileResult.DELIVERED, ""),
        (FileResult.KEPT, Remark.RELEASED),
        (FileResult.REFUSED, Refusal.TRUNCATED),
    ]
    delivery = house.viewer.deliveries[-1][1]
    assert (delivery.state, delivery.missing) == (DeliveryState.PARTIAL, 1)
    assert [f.result for f in delivery.findings] == [FileResult.KEPT, FileResult.REFUSED]
    assert sorted(deeds(house)) == [
        ("quarantined file deleted", "ada", "asked the sender"),
        ("quarantined file released", "ada", "asked the sender"),
    ]
    assert not (house.spool / "quarantine" / sending.transfer).exists()


def test_a_refused_instance_is_released_as_an_image(house: House) -> None:
    """What only the policy kept out goes to the store, and a refused transfer is then shown."""
    house.checks |= {"sop_classes": ["1.2.840.10008.5.1.4.1.1.4"]}
    sending = Sending(slices(1))
    with house.polling():
        house.send(sending)
        house.receiver.wait_for_receipts(1)
        assert house.report().files[0].reason == Refusal.CLASS_NOT_ALLOWED
        assert house.viewer.stored == []
        house.viewer.decide(sending.transfer, 0, Action.RELEASE)
        ((_, _), (receipt, _)) = house.receiver.wait_for_receipts(2)
        house.sink.next_mail()
    assert house.viewer.stored_uids() == ["1.2.3.4.1"]
    assert receipt.state is CoarseState.DELIVERED
    assert house.viewer.deliveries[-1][1].visible


def test_a_program_is_never_released(house: House) -> None:
    """A polyglot leaves without what makes it a program; a mere program does not leave at all."""
    sending = Sending([SentFile(POLYGLOT), SentFile(b"MZ a program", FileKind.PDF, "a.pdf")])
    with house.polling():
        house.send(sending)
        house.receiver.wait_for_receipts(1)
        house.viewer.decide(sending.transfer, 0, Action.RELEASE)
        house.viewer.decide(sending.transfer, 1, Action.RELEASE)
        house.viewer.wait_for(lambda: listed(house) == [(1, Refusal.PROGRAM)])
    assert house.viewer.attachments == {(sending.transfer, 0): bytes(128) + POLYGLOT[128:]}


def test_decisions_wait_for_what_is_away(house: House) -> None:
    """A decision is carried out after a restart, and one that was carried out is not again."""
    good, bad = slices(2)
    sending = Sending([good, SentFile(bad.data[:-100], bad.kind, bad.path)])
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
    house.viewer.decide(sending.transfer, 1, Action.RELEASE)
    for _ in range(2):
        with house.polling():
            house.receiver.wait_for_receipts(2)
            house.viewer.wait_for(lambda: house.viewer.quarantined.total == 0)
    assert len(deeds(house)) == 1
    assert {receipt.sequence for receipt, _ in house.receiver.receipts} == {1, 2}


def test_a_later_decision_waits_for_the_earlier_one(house: House) -> None:
    """A release that waits for the store is not overtaken by a deletion of the same file."""
    house.checks |= {"sop_classes": ["1.2.840.10008.5.1.4.1.1.4"]}
    sending = Sending(slices(1))
    full = iter([OUT_OF_RESOURCES] * 3)
    house.viewer.answer = lambda _uid: next(full, SUCCESS)
    with house.polling():
        house.send(sending)
        house.receiver.wait_for_receipts(1)
        house.viewer.decide(sending.transfer, 0, Action.RELEASE)
        house.viewer.decide(sending.transfer, 0, Action.DELETE)
        house.viewer.wait_for(lambda: house.viewer.stored)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 0)
    assert house.viewer.stored_uids() == ["1.2.3.4.1"]
    assert [event for event, _, _ in deeds(house)][-1] == "quarantined file released"


def test_many_refused_files_are_few_lines(house: House) -> None:
    """The log tells the first file of each reason and then how many; names are in quarantine."""
    cut = [SentFile(one.data[:-100], one.kind, one.path) for one in slices(30)]
    text = SentFile(b"no image at all" * 20)
    with structlog.testing.capture_logs() as lines, house.polling():
        house.send(Sending([*cut, text]))
        house.receiver.wait_for_receipts(1)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 31)
    told = [line for line in lines if "refused" in line["event"]]
    assert sorted((line["event"], line["reason"]) for line in told) == [
        ("file refused", Refusal.NOT_DICOM), ("file refused", Refusal.TRUNCATED),
        ("files refused", Refusal.NOT_DICOM), ("files refused", Refusal.TRUNCATED),
    ]  # fmt: skip
    assert sorted(line["count"] for line in told if "count" in line) == [1, 30]


def test_refused_files_go_with_their_transfer(house: House) -> None:
    """When the viewer's clocks delete a transfer, nothing of it stays in the quarantine."""
    good, bad = slices(2)
    sending = Sending([good, SentFile(bad.data[:-100], bad.kind, bad.path)])
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 1)
        house.viewer.say(sending.transfer, EventKind.DELETED)
        house.viewer.wait_for(lambda: house.viewer.quarantined.total == 0)
    assert deeds(house) == [("quarantined file deleted", "viewer", "the transfer was deleted")]
