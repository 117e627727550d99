"""The house's patient that a person gave when asking to forward."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("identity", sa.Text, nullable=False, server_default="")
    op.add_column("transfers", column)
    op.add_column("transfers", sa.Column("identity_time", sa.Integer))


def downgrade() -> None:
    for name in ("identity", "identity_time"):
        op.drop_column("transfers", name)
