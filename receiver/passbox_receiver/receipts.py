"""The inside's signed word, kept for whoever has the receipt code.

The rule: a receipt is stored only when a receipt key of the transfer's destination signed it, names
this transfer and is newer than the one held; it is handed out byte for byte. Whoever asks names a
handle, of which only the SHA-256 is stored: the ledger alone finds nobody's receipt. A receipt
may have 96 MiB, and anybody may ask for his own on many lines: it is kept and read in pieces. The
pieces of the one before stay until the next comes, for whoever is reading them.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from passbox_receiver.errors import Refused
from passbox_receiver.tables import receipt_pieces, receipts, transfers
from passbox_receiver.uploads import Upload
from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId
from passbox_wire.problems import Code
from passbox_wire.receipts import Receipt

PIECE_BYTES: Final = 128 * 1024


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """Where a receipt is; ``length`` in bytes."""

    transfer: TransferId
    sequence: int
    length: int

    @property
    def pieces(self) -> range:
        """Return the numbers of its pieces."""
        return range(-(-self.length // PIECE_BYTES))


def put_receipt(
    connection: sa.Connection, upload: Upload, receipt: Receipt, encoded: bytes
) -> None:
    """Keep a verified receipt and its bytes; the same bytes again are fine.

    Raises Malformed when it is of another transfer, Refused when the sequence does not rise.
    """
    if (receipt.transfer, receipt.destination) != (upload.transfer, upload.destination):
        raise Malformed("receipt", "of another transfer")
    held = connection.execute(
        sa.select(receipts).where(receipts.c.transfer == upload.transfer)
    ).one_or_none()
    if held is not None and receipt.sequence <= held.sequence:
        if held.sha256 == sha256(encoded):
            return
        raise Refused.because(Code.HELD_DIFFERS)
    _put_pieces(connection, upload.transfer, receipt.sequence, encoded)
    older = receipt_pieces.c.sequence < (held.sequence if held is not None else 0)
    mine = receipt_pieces.c.transfer == upload.transfer
    connection.execute(sa.delete(receipt_pieces).where(mine, older))
    values = {
        "sequence": receipt.sequence,
        "state": receipt.state,
        "length": len(encoded),
        "sha256": sha256(encoded),
    }
    adding = insert(receipts).values(transfer=upload.transfer, **values)
    connection.execute(
        adding.on_conflict_do_update(index_elements=[receipts.c.transfer], set_=values)
    )


def _put_pieces(
    connection: sa.Connection, transfer: TransferId, sequence: int, encoded: bytes
) -> None:
    for number, at in enumerate(range(0, len(encoded), PIECE_BYTES)):
        piece = encoded[at : at + PIECE_BYTES]
        connection.execute(
            sa.insert(receipt_pieces).values(
                transfer=transfer, sequence=sequence, number=number, bytes=piece
            )
        )


def find_receipt(connection: sa.Connection, handle_sha256: bytes, after: int) -> KeptReceipt | None:
    """Return the receipt of a handle if its sequence is above ``after``."""
    query = (
        sa.select(receipts.c.transfer, receipts.c.sequence, receipts.c.length)
        .join(transfers, transfers.c.transfer == receipts.c.transfer)
        .where(transfers.c.handle_sha256 == handle_sha256, receipts.c.sequence > after)
        .order_by(transfers.c.opened.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else KeptReceipt(*row)


def read_piece(connection: sa.Connection, kept: KeptReceipt, number: int) -> bytes:
    """Return one piece; none of it when two newer receipts have come meanwhile."""
    query = sa.select(receipt_pieces.c.bytes).where(
        receipt_pieces.c.transfer == kept.transfer,
        receipt_pieces.c.sequence == kept.sequence,
        receipt_pieces.c.number == number,
    )
    return connection.scalar(query) or b""
