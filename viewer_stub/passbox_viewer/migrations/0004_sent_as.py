"""In which transfer syntax an instance was sent to the PACS."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("sent_as", sa.String(64), nullable=False, server_default="")
    op.add_column("instances", column)


def downgrade() -> None:
    op.drop_column("instances", "sent_as")
