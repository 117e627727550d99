"""The poller's own audit, and what it keeps of the receiver's."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from passbox.cli import app
from passbox_base.audit import entries
from passbox_poller.heads import DAYS_KEPT, HEADS_KEPT
from passbox_poller.ledger import Ledger
from passbox_wire.digests import sha256
from tests.builders.clocks import FakeClock
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def test_what_the_keys_did_is_written_down(house: House) -> None:
    """Start, unsealing, verdict, receipt: each with its transfer, in a chain that verifies."""
    good = Sending([*slices(1), SentFile(b"no DICOM" * 50)])
    forged = Sending(slices(1), name="forged")
    packs = forged.packs()
    with house.polling():
        house.send(good)
        house.wait_until_finished(good.transfer)
        house.send(forged, packs | {1: packs[1][:-1] + bytes([packs[1][-1] ^ 1])})
        house.wait_until_finished(forged.transfer)
    path = house.spool / "audit.jsonl"
    written = [(entry["event"], entry["transfer_id"]) for entry in entries(path)]
    assert written == [
        ("keys loaded", None),
        ("unsealing begins", good.transfer),
        ("verdict", good.transfer),
        ("receipt signed", good.transfer),
        ("unsealing begins", forged.transfer),
        ("transfer stopped", forged.transfer),
        ("receipt signed", forged.transfer),
    ]
    (verdict,) = [entry["facts"] for entry in entries(path) if entry["event"] == "verdict"]
    assert verdict == {"delivered": 1, "missing": 1, "refused": 1}
    verify = ["audit", "verify", str(path)]
    assert CliRunner().invoke(app, verify).exit_code == 0
    path.write_text(path.read_text().replace('"refused":1', '"refused":0'))
    assert CliRunner().invoke(app, verify).exit_code == 1


def test_heads_of_the_receiver_are_bounded(tmp_path: Path) -> None:
    """The newest stay, of older hours the first, of very old ones none: it never grows for ever."""
    clock = FakeClock()
    ledger = Ledger.open(tmp_path, clock)
    heads = [sha256(bytes([number // 256, number % 256])) for number in range(HEADS_KEPT + 100)]
    for number, head in enumerate(heads):
        if number in {0, 30, 60, 90}:
            clock.advance(timedelta(hours=1))
        ledger.keep_audit_head(head)
        ledger.keep_audit_head(head)
    kept = ledger.audit_heads()
    assert kept[-HEADS_KEPT:] == heads[-HEADS_KEPT:]
    assert kept[:-HEADS_KEPT] == [heads[number] for number in (0, 30, 60, 90)]
    clock.advance(timedelta(days=DAYS_KEPT + 1))
    ledger.keep_audit_head(bytes(32))
    assert ledger.audit_heads() == [*heads[1 - HEADS_KEPT :], bytes(32)]
    ledger.close()
