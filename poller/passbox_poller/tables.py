"""The poller's ledger: an index of what the spool proves, and what must outlive the spool.

It holds ids, digests, counts, stable words, and the hospital's own mailbox a notice goes to. No
patient, no sender, no file name: those are read from the sealed inventory each time and die with
the spool.
"""

from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()

TRANSFERS: Final = sa.Table(
    "transfers",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("delivery", sa.String(16), nullable=False),
    sa.Column("forward", sa.String(16), nullable=False),
    # As the receiver said last: its state, and the set the sender closed with.
    sa.Column("upload", sa.String(16), nullable=False),
    sa.Column("packs_said", sa.Integer, nullable=False),
    sa.Column("packs_sha256", sa.LargeBinary(32)),
    sa.Column("opened", sa.Integer, nullable=False),
    sa.Column("stop_reason", sa.String(32), nullable=False),
    sa.Column("ae_title", sa.String(16), nullable=False),
    sa.Column("mail_to", sa.String(254), nullable=False),
    sa.Column("report_key", sa.LargeBinary(1216)),
    sa.Column("manifest_sha256", sa.LargeBinary(32)),
    # What is done; each is set after the deed, so that a crash repeats a deed that may be repeated.
    sa.Column("stop_told", sa.Boolean, nullable=False),
    sa.Column("shown", sa.Boolean, nullable=False),
    sa.Column("announced", sa.Boolean, nullable=False),
    sa.Column("finished", sa.Boolean, nullable=False),
    # The viewer has let go of all of it.
    sa.Column("deleted", sa.Boolean, nullable=False),
)

PACKS: Final = sa.Table(
    "packs",
    METADATA,
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("acknowledged", sa.Boolean, nullable=False),
)

FILES: Final = sa.Table(
    "files",
    METADATA,
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("result", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("sop_instance_uid", sa.String(64), nullable=False),
    sa.Column("file_sha256", sa.LargeBinary(32)),
    sa.Column("data_set_sha256", sa.LargeBinary(32)),
    # Keyed hashes of what the instances of a study must agree in (identity.py).
    sa.Column("identity", sa.LargeBinary(40)),
    # Known from the verdict on: whose count the file is in.
    sa.Column("judged", sa.Boolean, nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("study", sa.Integer),
)

RECEIPTS: Final = sa.Table(
    "receipts",
    METADATA,
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("signed", sa.LargeBinary, nullable=False),
    sa.Column("handed_over", sa.Boolean, nullable=False),
)

NOTICES: Final = sa.Table(
    "notices",
    METADATA,
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
    sa.Column("recipient", sa.String(254), nullable=False),
    sa.Column("link", sa.String(500), nullable=False),
    sa.Column("time", sa.Integer, nullable=False),
    # The Message-ID it went into the outbox under, and when; several notices may share a mail.
    sa.Column("mail", sa.String(255)),
    sa.Column("mailed", sa.Integer),
)
"""Who is to hear of which delivery; the link goes once it is mailed."""

STANDSTILLS: Final = sa.Table(
    "standstills",
    METADATA,
    sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
    sa.Column("last_pack", sa.Integer, nullable=False),
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Column("released", sa.Boolean, nullable=False),
)

MARKS: Final = sa.Table(
    "marks",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
"""How far we have read: viewer events, receiver alarms."""

AUDIT_HEADS: Final = sa.Table(
    "audit_heads",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("time", sa.Integer, nullable=False),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    sqlite_autoincrement=True,
)
"""Heads of the receiver's audit chain as it showed them: it cannot rewrite what we have seen."""
