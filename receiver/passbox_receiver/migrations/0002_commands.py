"""Commands from inside: each is done once, and its change says which it was."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commands",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
    )
    op.add_column("changes", sa.Column("command", sa.String(32), nullable=True))


def downgrade() -> None:
    op.drop_column("changes", "command")
    op.drop_table("commands")
