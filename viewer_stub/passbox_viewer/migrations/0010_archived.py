"""What the house's archive has in place of files here."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("instances", sa.Column("archived_sha256", sa.LargeBinary(32)))
    op.add_column("instances", sa.Column("archived_bytes", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("instances", "archived_bytes")
    op.drop_column("instances", "archived_sha256")
