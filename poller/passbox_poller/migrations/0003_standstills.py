"""When the last pack of a transfer came, who was told that it stands still, who let it out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standstills",
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("last_pack", sa.Integer, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.Column("released", sa.Boolean, nullable=False),
    )
    op.execute(
        "INSERT INTO standstills SELECT id, opened, false, false FROM transfers WHERE NOT finished"
    )


def downgrade() -> None:
    op.drop_table("standstills")
