"""The ledger's tables. migrations/ says the same as revisions; a test holds them together.

Times are Unix seconds, sizes bytes, states the contract's words. Nothing here knows a patient, a
sender's name or a file: addresses, sizes, times and digests are all the DMZ ever learns.
"""

from typing import Final

import sqlalchemy as sa

metadata = sa.MetaData()

EVERYBODY: Final = "*"
"""The source under which usage of the whole house is counted."""

transfers = sa.Table(
    "transfers",
    metadata,
    sa.Column("transfer", sa.String(32), primary_key=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("destination", sa.String(32), nullable=False),
    sa.Column("total_bytes", sa.BigInteger, nullable=False),
    sa.Column("handle_sha256", sa.LargeBinary, nullable=False, index=True),
    sa.Column("client", sa.String(40), nullable=False),
    sa.Column("source", sa.String(64), nullable=False, index=True),
    sa.Column("wide_source", sa.String(64), nullable=True, index=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("opened", sa.BigInteger, nullable=False),
    sa.Column("last_pack", sa.BigInteger, nullable=True),
    sa.Column("ended", sa.BigInteger, nullable=True),
    sa.Column("stop_reason", sa.String(64), nullable=True),
    sa.Column("packs", sa.BigInteger, nullable=False),
    sa.Column("bytes_held", sa.BigInteger, nullable=False),
    sa.Column("waiting", sa.BigInteger, nullable=False),
    sa.Column("bytes_on_wire", sa.BigInteger, nullable=False),
    sa.Column("packs_sha256", sa.LargeBinary, nullable=True),
    # The sender's over the close or cancel that ended it: the inside believes only him.
    sa.Column("signature", sa.LargeBinary, nullable=True),
    # The work counter's value at the last change that the inside should hear of.
    sa.Column("change", sa.BigInteger, nullable=False, index=True),
    # Whether the pack store holds nothing of it any more.
    sa.Column("cleared", sa.Boolean, nullable=False),
)

packs = sa.Table(
    "packs",
    metadata,
    sa.Column(
        "transfer",
        sa.String(32),
        sa.ForeignKey("transfers.transfer", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("released", sa.Boolean, nullable=False),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column(
        "transfer",
        sa.String(32),
        sa.ForeignKey("transfers.transfer", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
)

receipt_pieces = sa.Table(
    "receipt_pieces",
    metadata,
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
"""A receipt's bytes, the same number in each piece but the last: none is whole in memory."""

usage = sa.Table(
    "usage",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("bytes", sa.BigInteger, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

overrides = sa.Table(
    "overrides",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

list_entries = sa.Table(
    "list_entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("network", sa.String(64), nullable=False),
    sa.Column("comment", sa.String(500), nullable=False),
    sa.Column("author", sa.String(100), nullable=False),
    sa.Column("added", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=True),
)

acceptance = sa.Table(
    "acceptance",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("stopped", sa.Boolean, nullable=False),
    sa.Column("text", sa.String(1000), nullable=True),
    sa.Column("reopened_day", sa.Integer, nullable=True),
)

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    # What makes it one and the same alarm: kind and day, or kind and transfer.
    sa.Column("occasion", sa.String(64), nullable=False, unique=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("limit", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.Boolean, nullable=False),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("author", sa.String(100), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("what", sa.String(500), nullable=False),
    # The command from inside that asked for it.
    sa.Column("command", sa.String(32), nullable=True),
    # Whether the running receiver has put it into the audit chain, which only it may write.
    sa.Column("audited", sa.Boolean, nullable=False),
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
)
"""Changes that were asked for from inside, kept so that each is done once."""
