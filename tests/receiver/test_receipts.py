"""Receipts that are large: kept and handed out in pieces, byte for byte."""

import random

import pytest

from passbox_receiver import receipts
from passbox_receiver.errors import Refused
from passbox_receiver.receipts import PIECE_BYTES
from passbox_receiver.receiver import Receiver
from passbox_receiver.uploads import must_find
from passbox_wire.digests import sha256
from passbox_wire.receipts import CoarseState, Receipt
from tests.builders import wire
from tests.builders.answers import good
from tests.builders.receiver import House
from tests.builders.sender_outside import Sender

pytestmark = pytest.mark.anyio


def keep(receiver: Receiver, sender: Sender, encoded: bytes, sequence: int = 1) -> None:
    """Keep ``encoded`` as a verified receipt of the sender's transfer."""
    receipt = Receipt(
        sender.transfer,
        wire.a_destination_id(),
        CoarseState.DELIVERED,
        None,
        sequence,
        receiver.now(),
        sha256(encoded),
    )
    with receiver.ledger.writing() as connection:
        receipts.put_receipt(connection, must_find(connection, sender.transfer), receipt, encoded)


@pytest.mark.parametrize("size", [1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES + 7])
async def test_a_receipt_is_handed_out_byte_for_byte(
    house: House, sender: Sender, size: int
) -> None:
    """A receipt of any size comes whole, with its length said before."""
    good(await sender.open())
    encoded = random.Random(size).randbytes(size)
    keep(house.receiver, sender, encoded)
    answer = await sender.receipt()
    assert good(answer) == encoded
    assert answer.headers["Content-Length"] == str(size)
    keep(house.receiver, sender, encoded)  # it may come twice
    with pytest.raises(Refused):
        keep(house.receiver, sender, encoded + b"!")


async def test_who_reads_a_receipt_may_finish(house: House, sender: Sender) -> None:
    """The pieces of a receipt stay while the next one comes, and go with the one after."""
    good(await sender.open())
    before = random.Random(1).randbytes(3 * PIECE_BYTES)
    keep(house.receiver, sender, before)
    with house.receiver.ledger.reading() as connection:
        kept = receipts.find_receipt(connection, sha256(sender.code.handle), 0)
    assert kept is not None
    keep(house.receiver, sender, b"second", 2)
    with house.receiver.ledger.reading() as connection:
        pieces = [receipts.read_piece(connection, kept, number) for number in kept.pieces]
    assert b"".join(pieces) == before
    assert good(await sender.receipt()) == b"second"
    keep(house.receiver, sender, b"third", 3)
    with house.receiver.ledger.reading() as connection:
        assert receipts.read_piece(connection, kept, 0) == b""
