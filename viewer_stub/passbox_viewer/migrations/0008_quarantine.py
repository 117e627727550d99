"""The poller's quarantine, and what people decide about it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantined",
        sa.Column("transfer", sa.String(32), primary_key=True),
        sa.Column("file_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
    )
    op.create_table("quarantined_total", sa.Column("total", sa.Integer, primary_key=True))
    op.create_table(
        "decisions",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("transfer", sa.String(32), nullable=False),
        sa.Column("file_index", sa.Integer, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("time", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for name in ("decisions", "quarantined_total", "quarantined"):
        op.drop_table(name)
