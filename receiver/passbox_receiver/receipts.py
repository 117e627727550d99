"""The inside's signed word, kept for whoever has the receipt code.

The rule: a receipt is stored only when a receipt key of the transfer's destination signed it, names
this transfer and is newer than the one held; it is handed out byte for byte. Whoever asks names a
handle, of which only the SHA-256 is stored: the ledger alone finds nobody's receipt.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from passbox_receiver.errors import Refused
from passbox_receiver.tables import receipts, transfers
from passbox_receiver.uploads import Upload
from passbox_wire.errors import Malformed
from passbox_wire.problems import Code
from passbox_wire.receipts import Receipt


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
        if held.signed == encoded:
            return
        raise Refused.because(Code.HELD_DIFFERS)
    values = {"sequence": receipt.sequence, "state": receipt.state, "signed": encoded}
    adding = insert(receipts).values(transfer=upload.transfer, **values)
    connection.execute(
        adding.on_conflict_do_update(index_elements=[receipts.c.transfer], set_=values)
    )


def find_receipt(connection: sa.Connection, handle_sha256: bytes, after: int) -> bytes | None:
    """Return the signed receipt of a handle if its sequence is above ``after``."""
    query = (
        sa.select(receipts.c.signed)
        .join(transfers, transfers.c.transfer == receipts.c.transfer)
        .where(transfers.c.handle_sha256 == handle_sha256, receipts.c.sequence > after)
        .order_by(transfers.c.opened.desc())
        .limit(1)
    )
    return connection.scalar(query)
