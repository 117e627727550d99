"""The viewer's ledger: an index of what the store's files prove, and the record of what people did.

Facts and deliveries are kept as the canonical bytes they came in and parsed by the contract again.
It holds no pixels, and no link: only the hash of one.
"""

from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()

TRANSFERS: Final = sa.Table(
    "transfers",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("ae_title", sa.String(16), nullable=False, unique=True),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("delivery", sa.LargeBinary),
    sa.Column("forward_state", sa.String(16), nullable=False),
    sa.Column("forward_pacs", sa.String(100), nullable=False, default=""),
    sa.Column("forward_problem", sa.String(64), nullable=False, default=""),
    sa.Column("forward_time", sa.Integer),
    sa.Column("identity", sa.Text, nullable=False, default=""),
    sa.Column("identity_time", sa.Integer),
    sa.Column("refusal", sa.String(32), nullable=False, default=""),
    sa.Column("refusal_note", sa.String(300), nullable=False, default=""),
)

INSTANCES: Final = sa.Table(
    "instances",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), nullable=False),
    sa.Column("file_name", sa.String(128), nullable=False),
    sa.Column("sop_class_uid", sa.String(64), nullable=False),
    sa.Column("sop_instance_uid", sa.String(64), nullable=False),
    sa.Column("transfer_syntax_uid", sa.String(64), nullable=False),
    sa.Column("data_set_sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("data_set_bytes", sa.BigInteger, nullable=False),
    # Same SOP Instance UID, other bytes, later than the first: kept beside, never forwarded.
    sa.Column("beside", sa.Boolean, nullable=False),
    sa.Column("reading", sa.String(16), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("forwarding", sa.String(16), nullable=False),
    sa.Column("forward_status", sa.Integer),
    sa.Column("proof", sa.String(16), nullable=False, default=""),
    sa.Column("sent_as", sa.String(64), nullable=False, default=""),
    sa.UniqueConstraint("transfer", "file_name"),
    sa.Index("instances_by_uid", "transfer", "sop_instance_uid"),
)

ATTACHMENTS: Final = sa.Table(
    "attachments",
    METADATA,
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
)

LINKS: Final = sa.Table(
    "links",
    METADATA,
    sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), nullable=False),
    sa.Column("minted", sa.Integer, nullable=False),
    sa.Column("revoked", sa.Integer),
)

EVENTS: Final = sa.Table(
    "events",
    METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("time", sa.Integer, nullable=False),
    # Blank again once the poller has it: then only the link's hash is left here.
    sa.Column("link", sa.String(500), nullable=False),
    sa.Column("in_pacs", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)
