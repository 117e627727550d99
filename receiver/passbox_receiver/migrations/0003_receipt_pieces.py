"""Receipts in pieces, none whole in memory; what an IPv6 /48 opened is found by an index."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PIECE_BYTES = 128 * 1024


def upgrade() -> None:
    pieces = op.create_table(
        "receipt_pieces",
        sa.Column(
            "transfer",
            sa.String(32),
            sa.ForeignKey("transfers.transfer", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.add_column(
        "receipts", sa.Column("length", sa.BigInteger, nullable=False, server_default="0")
    )
    op.add_column(
        "receipts", sa.Column("sha256", sa.LargeBinary, nullable=False, server_default="")
    )
    connection = op.get_bind()
    names = connection.execute(sa.text("SELECT transfer FROM receipts")).scalars().all()
    for transfer in names:
        row = connection.execute(
            sa.text("SELECT sequence, signed FROM receipts WHERE transfer = :t"), {"t": transfer}
        ).one()
        for number, at in enumerate(range(0, len(row.signed), PIECE_BYTES)):
            piece = row.signed[at : at + PIECE_BYTES]
            values = {"transfer": transfer, "sequence": row.sequence, "number": number}
            connection.execute(sa.insert(pieces).values(**values, bytes=piece))
        connection.execute(
            sa.text("UPDATE receipts SET length = :n, sha256 = :d WHERE transfer = :t"),
            {"n": len(row.signed), "d": hashlib.sha256(row.signed).digest(), "t": transfer},
        )
    op.drop_column("receipts", "signed")
    op.create_index("ix_transfers_wide_source", "transfers", ["wide_source"])


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back: it would lose what senders were told")
