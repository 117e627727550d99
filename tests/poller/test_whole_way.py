"""The whole way inside, against peers that speak the contract over loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_wire.digests import sha256
from passbox_wire.inner.viewer import EventKind
from passbox_wire.inventory import FileKind
from passbox_wire.manifest import Outcome
from passbox_wire.receipts import CoarseState, FileReport, FileResult
from passbox_wire.states import DeliveryState, ForwardState
from tests.builders.dicom import data_set
from tests.parts.smtp import MailSink
from tests.poller.fake_viewer import LINK, ae_title
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def test_a_transfer_is_delivered_announced_and_receipted(house: House) -> None:
    """Every file is in the store byte for byte, the mail is out, the receipt says complete."""
    sending = Sending([*slices(3), SentFile(b"%PDF-1.7 hello", FileKind.PDF, "report.pdf")])
    with house.polling():
        house.send(sending)
        ((receipt, _),) = house.receiver.wait_for_receipts(1)
        mail = house.sink.next_mail()

    assert receipt.state is CoarseState.DELIVERED
    assert receipt.manifest_sha256 == sha256(sending.manifest.encode())
    stored = {uid: data for title, uid, data in house.viewer.stored}
    assert set(stored) == {"1.2.3.4.1", "1.2.3.4.2", "1.2.3.4.3"}
    assert {title for title, _, _ in house.viewer.stored} == {ae_title(sending.transfer)}
    assert house.viewer.callers == {"PASSBOX_POLLER"}
    assert all(sending.files[i].data.endswith(stored[f"1.2.3.4.{i + 1}"]) for i in range(3))
    assert house.viewer.attachments == {(sending.transfer, 3): b"%PDF-1.7 hello"}
    assert LINK in mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    report = house.report()
    assert report.delivery is DeliveryState.COMPLETE
    assert report.forward is ForwardState.VISIBLE
    assert report.files[:3] == tuple(FileReport(i, FileResult.DELIVERED) for i in range(3))
    assert report.files[3] == FileReport(3, FileResult.KEPT)
    (study,) = report.studies
    assert (study.claimed, study.delivered, study.in_pacs) == (3, 3, 0)


def test_nothing_clear_is_left_and_the_spool_lets_go(house: House) -> None:
    """After the receipt neither work files nor packs of the transfer are left in the spool."""
    sending = Sending(slices(2))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        assert [path.name for path in (house.spool / "work").iterdir()] == ["harmless"]
    assert list((house.spool / "packs" / "transfers").glob("*/*")) == []
    assert house.receiver.uploads[sending.transfer].released == {0, 1, 2, 3}


def test_a_forwarded_study_gets_the_next_receipt(house: House) -> None:
    """When the viewer has proved a forward, the next receipt counts what is in the PACS."""
    sending = Sending(slices(2))
    with house.polling():
        house.send(sending)
        house.receiver.wait_for_receipts(1)
        house.viewer.in_pacs = {"1.2.3.4.1"}
        house.viewer.say(sending.transfer, EventKind.FORWARDED)
        (first, _), (second, _) = house.receiver.wait_for_receipts(2)
    assert (first.sequence, second.sequence) == (1, 2)
    report = house.report()
    assert report.forward is ForwardState.IN_PACS
    (study,) = report.studies
    assert (study.claimed, study.delivered, study.in_pacs) == (2, 2, 1)


def test_counts_come_from_the_inventory(house: House) -> None:
    """A listed file that never came is missing by name, an unreadable one is not sent."""
    sending = Sending([*slices(3), SentFile(b"", outcome=Outcome.UNREADABLE)])
    packs = sending.packs()
    del packs[2]  # the second slice; numbers need not be without gaps
    with house.polling():
        house.send(sending, packs)
        ((receipt, _),) = house.receiver.wait_for_receipts(1)
    assert receipt.state is CoarseState.PARTLY_DELIVERED
    report = house.report()
    assert [file.result for file in report.files] == [
        FileResult.DELIVERED,
        FileResult.MISSING,
        FileResult.DELIVERED,
        FileResult.NOT_SENT,
    ]
    (_, delivery) = house.viewer.deliveries[-1]
    assert (delivery.delivered, delivery.missing) == (2, 2)
    assert {finding.index for finding in delivery.findings} == {1, 3}


def test_a_headerless_file_is_delivered(house: House) -> None:
    """A bare data set without preamble goes to the store as it is."""
    bare = data_set()
    with house.polling():
        house.send(Sending([SentFile(bare)]))
        house.receiver.wait_for_receipts(1)
    assert [data for _, _, data in house.viewer.stored] == [bare]
