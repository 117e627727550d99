"""The example's first table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "transfers",
        sa.Column("id", sa.Text, primary_key=True),
    )
    op.create_table(
        "packs",
        sa.Column("transfer_id", sa.Text, sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
    )
