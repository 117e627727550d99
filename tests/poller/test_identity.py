"""Whether the instances of one study agree on whose and when it is."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_dicom.header import read_header
from passbox_poller.errors import Remark
from passbox_poller.identity import (
    IDENTITY_BYTES,
    TAG_BYTES,
    comparing_key,
    disagreements,
    identity,
)
from passbox_wire.receipts import FileResult
from tests.builders.dicom import data_set, facts, part10, text
from tests.builders.wire import a_signing_key
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices

KEY = comparing_key(a_signing_key("destination"))
NAME, ID, BIRTH, STUDY_DATE, STUDY = 0x00100010, 0x00100020, 0x00100030, 0x00080020, 0x0020000D


def a_file(number: int, **other: str) -> bytes:
    """Return an instance of the one study; ``other`` by keyword of what differs."""
    values = facts(instance=f"1.2.3.4.{number}")
    tags = {"name": NAME, "id": ID, "birth": BIRTH, "date": STUDY_DATE, "study": STUDY}
    for word, value in other.items():
        vr, _ = values[tags[word]]
        values[tags[word]] = (vr, text(value, "utf-8"))
    return part10(data_set(values))


def told(*files: bytes) -> list[tuple[int, Remark]]:
    """Return the disagreements of these files, numbered from 0."""
    headers = (read_header(io.BytesIO(file), len(file)) for file in files)
    return disagreements((n, identity(KEY, header)) for n, header in enumerate(headers))


@pytest.mark.parametrize(
    ("other", "remark"),
    [
        ({"name": "Roe^Richard"}, Remark.NAME_DIFFERS),
        ({"id": "ID-2"}, Remark.ID_DIFFERS),
        ({"birth": "19500103"}, Remark.BIRTH_DATE_DIFFERS),
        ({"date": "20260103"}, Remark.STUDY_DATE_DIFFERS),
    ],
)
def test_another_value_in_the_same_study_is_told_once(
    other: dict[str, str], remark: Remark
) -> None:
    """The first file that differs is named, however many follow it."""
    assert told(a_file(1), a_file(2), a_file(3, **other), a_file(4, **other)) == [(2, remark)]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "DOE^JANE"},
        {"name": "Doe^Jane^^"},
        {"id": ""},
        {"birth": ""},
        {"name": "Roe^Richard", "study": "1.2.9"},
    ],
)
def test_what_is_no_disagreement(other: dict[str, str]) -> None:
    """Case, empty components, what is empty, and another study say nothing."""
    assert told(a_file(1), a_file(2, **other)) == []


def test_nobody_can_try_out_names() -> None:
    """The hashes hang on the poller's own key."""
    header = read_header(io.BytesIO(a_file(1)), len(a_file(1)))
    other = comparing_key(a_signing_key("other"))
    ours, theirs = identity(KEY, header), identity(other, header)
    assert len(ours) == len(theirs) == IDENTITY_BYTES
    tags = {ours[at : at + TAG_BYTES] for at in range(0, IDENTITY_BYTES, TAG_BYTES)}
    assert not any(theirs[at : at + TAG_BYTES] in tags for at in range(0, 40, TAG_BYTES))


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def test_people_are_told_of_a_study_of_two_patients(house: House) -> None:
    """Each image is delivered, and the first line of the findings is the warning.

    Also when the poller restarts between the two files.
    """
    stranger = SentFile(a_file(9, name="Roe^Richard"))
    sending = Sending([*slices(2), stranger])
    packs = sending.packs()
    house.receiver.open(sending.transfer, sending.key)
    with house.polling():
        for number in sorted(packs)[:3]:
            house.receiver.put(sending.transfer, number, packs[number])
        house.viewer.wait_for(lambda: len(house.viewer.stored) == 2)
    with house.polling():
        for number in sorted(packs)[3:]:
            house.receiver.put(sending.transfer, number, packs[number])
        house.receiver.close(sending.transfer)
        house.wait_until_finished(sending.transfer)
    delivery = house.viewer.deliveries[-1][1]
    assert delivery.delivered == 3
    assert [(f.index, f.result, f.reason) for f in delivery.findings] == [
        (2, FileResult.DELIVERED, Remark.NAME_DIFFERS)
    ]
    assert b"Roe" not in (house.spool / "ledger.sqlite3").read_bytes()
