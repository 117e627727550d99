"""Files get what their study's instances must agree in; notices wait here for their mail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("identity", sa.LargeBinary(40)))
    op.create_table(
        "notices",
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("time", sa.Integer, nullable=False),
        sa.Column("mail", sa.String(255)),
        sa.Column("mailed", sa.Integer),
    )


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_column("files", "identity")
