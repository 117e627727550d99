"""The salt of the new UIDs under which a transfer goes to the PACS, empty for its own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("new_uids", sa.String(36), nullable=False, server_default="")
    op.add_column("transfers", column)


def downgrade() -> None:
    op.drop_column("transfers", "new_uids")
