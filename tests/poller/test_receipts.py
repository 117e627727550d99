"""Handing receipts over to a receiver that does not take them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from passbox_base.audit import AuditChain
from passbox_poller.errors import NotNow, Problem
from passbox_poller.ledger import Ledger
from passbox_poller.receipts import Receipts
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.problems import Code
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_destination_id, a_signing_key
from tests.poller.test_pull import an_item

if TYPE_CHECKING:
    from passbox_poller.receiver_link import ReceiverLink

ITEM = an_item("receipts")


class Dmz:
    """Answers a receipt with a problem, or takes it."""

    def __init__(self) -> None:
        self.problem: Code | None = None
        self.taken: list[bytes] = []

    def hand_receipt(self, _transfer: TransferId, signed: bytes) -> None:
        if self.problem is not None:
            raise Problem(self.problem)
        self.taken.append(signed)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with one receipt that the receiver does not have."""
    ledger = Ledger.open(tmp_path, FakeClock())
    ledger.begin(ITEM)
    ledger.add_receipt(ITEM.transfer, 1, b"signed")
    yield ledger
    ledger.close()


def receipts(folder: Path, ledger: Ledger, dmz: Dmz) -> Receipts:
    """Return what hands over."""
    audit = AuditChain(folder / "audit.jsonl", FakeClock())
    destination = DestinationId(a_destination_id())
    link = cast("ReceiverLink", dmz)
    return Receipts(ledger, link, a_signing_key("receipt"), destination, FakeClock(), audit)


def test_a_full_receiver_gets_the_receipt_later(tmp_path: Path, ledger: Ledger) -> None:
    """A disk that is full today is no reason for a sender never to hear."""
    dmz = Dmz()
    handing = receipts(tmp_path, ledger, dmz)
    dmz.problem = Code.STORE_FULL
    with pytest.raises(NotNow):
        handing.hand_over(ITEM.transfer)
    dmz.problem = None
    handing.hand_over(ITEM.transfer)
    assert dmz.taken == [b"signed"]
    assert ledger.pending_receipts(ITEM.transfer) == []


def test_a_transfer_that_is_gone_there_is_not_asked_about_for_ever(
    tmp_path: Path, ledger: Ledger
) -> None:
    """The inside keeps its own record, and goes on."""
    dmz = Dmz()
    dmz.problem = Code.UNKNOWN_TRANSFER
    receipts(tmp_path, ledger, dmz).hand_over(ITEM.transfer)
    assert ledger.pending_receipts(ITEM.transfer) == []
