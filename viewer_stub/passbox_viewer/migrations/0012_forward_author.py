"""Who asked last for a transfer to go to the PACS."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("forward_author", sa.String(400), nullable=False, server_default="")
    op.add_column("transfers", column)


def downgrade() -> None:
    op.drop_column("transfers", "forward_author")
