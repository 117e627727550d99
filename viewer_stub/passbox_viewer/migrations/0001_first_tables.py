"""The first tables: transfers, instances, attachments, links, events."""

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
        sa.Column("ae_title", sa.String(16), nullable=False, unique=True),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.Column("delivery", sa.LargeBinary),
        sa.Column("forward_state", sa.String(16), nullable=False),
        sa.Column("forward_pacs", sa.String(100), nullable=False),
        sa.Column("forward_problem", sa.String(64), nullable=False),
        sa.Column("forward_time", sa.Integer),
    )
    op.create_table(
        "instances",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), nullable=False),
        sa.Column("file_name", sa.String(128), nullable=False),
        sa.Column("sop_class_uid", sa.String(64), nullable=False),
        sa.Column("sop_instance_uid", sa.String(64), nullable=False),
        sa.Column("transfer_syntax_uid", sa.String(64), nullable=False),
        sa.Column("data_set_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("data_set_bytes", sa.BigInteger, nullable=False),
        sa.Column("beside", sa.Boolean, nullable=False),
        sa.Column("reading", sa.String(16), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("forwarding", sa.String(16), nullable=False),
        sa.Column("forward_status", sa.Integer),
        sa.UniqueConstraint("transfer", "file_name"),
    )
    op.create_index("instances_by_uid", "instances", ["transfer", "sop_instance_uid"])
    op.create_table(
        "attachments",
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
    )
    op.create_table(
        "links",
        sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), nullable=False),
        sa.Column("minted", sa.Integer, nullable=False),
        sa.Column("revoked", sa.Integer),
    )
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("time", sa.Integer, nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("in_pacs", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("events", "links", "attachments", "instances", "transfers"):
        op.drop_table(table)
