"""The first tables: transfers, packs, files, receipts, marks, audit heads."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("delivery", sa.String(16), nullable=False),
        sa.Column("forward", sa.String(16), nullable=False),
        sa.Column("upload", sa.String(16), nullable=False),
        sa.Column("packs_said", sa.Integer, nullable=False),
        sa.Column("packs_sha256", sa.LargeBinary(32)),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("stop_reason", sa.String(32), nullable=False),
        sa.Column("ae_title", sa.String(16), nullable=False),
        sa.Column("mail_to", sa.String(254), nullable=False),
        sa.Column("report_key", sa.LargeBinary(1216)),
        sa.Column("manifest_sha256", sa.LargeBinary(32)),
        sa.Column("stop_told", sa.Boolean, nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("announced", sa.Boolean, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
    )
    op.create_table(
        "packs",
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("acknowledged", sa.Boolean, nullable=False),
    )
    op.create_table(
        "files",
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("sop_instance_uid", sa.String(64), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(32)),
        sa.Column("data_set_sha256", sa.LargeBinary(32)),
        sa.Column("judged", sa.Boolean, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("study", sa.Integer),
    )
    op.create_table(
        "receipts",
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("signed", sa.LargeBinary, nullable=False),
        sa.Column("handed_over", sa.Boolean, nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit_heads",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("time", sa.Integer, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("audit_heads", "marks", "receipts", "files", "packs", "transfers"):
        op.drop_table(table)
