"""Refused files are kept."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_base.errors import StoreFailed
from passbox_poller.quarantine import Quarantine
from passbox_wire.ids import TransferId
from passbox_wire.receipts import FileResult
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices

TRANSFER = TransferId("ab" * 16)


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
    (kept,) = (house.spool / "quarantine" / sending.transfer).iterdir()
    assert kept.name == "0000001"
    assert kept.read_bytes() == cut.data
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400


def test_keeping_again_is_harmless(tmp_path: Path) -> None:
    """A file that is refused again after a restart takes the place of itself."""
    quarantine = Quarantine(tmp_path / "quarantine")
    for _ in range(2):
        file = tmp_path / "work"
        file.write_bytes(b"bad")
        quarantine.keep(TRANSFER, 7, file)
        assert not file.exists()
    (kept,) = (tmp_path / "quarantine" / TRANSFER).iterdir()
    assert kept.read_bytes() == b"bad"


def test_what_cannot_be_kept_stays_where_it_is(tmp_path: Path) -> None:
    """When the quarantine cannot be written, the error is typed and nothing is lost."""
    quarantine = Quarantine(tmp_path / "quarantine")
    (tmp_path / "quarantine" / TRANSFER).write_bytes(b"in the way")
    file = tmp_path / "work"
    file.write_bytes(b"bad")
    with pytest.raises(StoreFailed):
        quarantine.keep(TRANSFER, 7, file)
    assert file.read_bytes() == b"bad"
