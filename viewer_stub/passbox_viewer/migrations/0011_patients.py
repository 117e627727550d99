"""What was decided of each of a transfer's patients."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("patients", sa.Text, nullable=False, server_default="")
    op.add_column("transfers", column)


def downgrade() -> None:
    op.drop_column("transfers", "patients")
