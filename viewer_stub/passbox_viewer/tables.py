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
    # Who asked for it last.
    sa.Column("forward_author", sa.String(400), nullable=False, default=""),
    sa.Column("identity", sa.Text, nullable=False, default=""),
    sa.Column("identity_time", sa.Integer),
    # Who of the transfer's patients is the house's, and who is left out; blank: nothing decided.
    sa.Column("patients", sa.Text, nullable=False, default=""),
    sa.Column("new_uids", sa.String(36), nullable=False, default=""),
    sa.Column("refusal", sa.String(32), nullable=False, default=""),
    sa.Column("refusal_note", sa.String(300), nullable=False, default=""),
    # By this machine's clock: what the facts call "received" came through the DMZ.
    sa.Column("registered", sa.Integer, nullable=False, default=0),
    # Said by the facts and the delivery too; here so that they can be looked for.
    sa.Column("department", sa.String(400), nullable=False, default=""),
    sa.Column("phone_code", sa.String(16), nullable=False, default=""),
    # Why a person keeps it beyond its time; blank: nobody does.
    sa.Column("hold", sa.String(500), nullable=False, default=""),
    sa.Column("warned", sa.Integer),
    sa.Column("deleted", sa.Integer),
    sa.Index("transfers_by_registered", "registered"),
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
    # Of the data set bytes as the house's archive gives them back; then no file lies here.
    sa.Column("archived_sha256", sa.LargeBinary(32)),
    sa.Column("archived_bytes", sa.BigInteger),
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
    # Earlier than all links of its age: one that an inbox opened. None: the house's link_days.
    sa.Column("expires", sa.Integer),
)

INBOX_LINKS: Final = sa.Table(
    "inbox_links",
    METADATA,
    sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
    sa.Column("department", sa.String(400), nullable=False),
    sa.Column("minted", sa.Integer, nullable=False),
    sa.Column("revoked", sa.Integer),
)

# What a person ordered; the running viewer alone writes its audit, and carries orders out.
ORDERS: Final = sa.Table(
    "orders",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("time", sa.Integer, nullable=False),
    sa.Column("author", sa.String(100), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(400), nullable=False),
    # Blank again once carried out: it may be the hash of a password or of a link.
    sa.Column("value", sa.String(500), nullable=False),
    sa.Column("done", sa.Integer),
    sa.Column("outcome", sa.String(64), nullable=False, default=""),
    sqlite_autoincrement=True,
)

ADMIN: Final = sa.Table(
    "admin",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("password_hash", sa.String(500), nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
)

# What was deleted, in numbers: no patient, no sender.
DELETIONS: Final = sa.Table(
    "deletions",
    METADATA,
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
    sa.Column("time", sa.Integer, nullable=False),
    sa.Column("author", sa.String(100), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("instances", sa.Integer, nullable=False),
    sa.Column("attachments", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    # Whether the files are gone too; what a cut left is finished at the next start.
    sa.Column("finished", sa.Boolean, nullable=False),
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

# The poller's list as it last said it; files of transfers that may be unknown here.
QUARANTINED: Final = sa.Table(
    "quarantined",
    METADATA,
    sa.Column("transfer", sa.String(32), primary_key=True),
    sa.Column("file_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("since", sa.Integer, nullable=False),
)

QUARANTINED_TOTAL: Final = sa.Table(
    "quarantined_total", METADATA, sa.Column("total", sa.Integer, primary_key=True)
)

DECISIONS: Final = sa.Table(
    "decisions",
    METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("transfer", sa.String(32), nullable=False),
    sa.Column("file_index", sa.Integer, nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("author", sa.String(100), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("time", sa.Integer, nullable=False),
    sa.Column("tried", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)
