"""By which word of the PACS an instance is in it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("proof", sa.String(16), nullable=False, server_default="")
    op.add_column("instances", column)


def downgrade() -> None:
    op.drop_column("instances", "proof")
