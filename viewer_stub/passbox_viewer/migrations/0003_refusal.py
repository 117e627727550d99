"""Why staff said that a transfer is not ours."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("refusal", 32), ("refusal_note", 300)):
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("transfers", column)


def downgrade() -> None:
    for name in ("refusal", "refusal_note"):
        op.drop_column("transfers", name)
