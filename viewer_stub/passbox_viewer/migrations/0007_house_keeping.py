"""Links that end early, inboxes, orders, the administrator, holds and deletions."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXTS = (("department", 400), ("phone_code", 16), ("hold", 500))


def upgrade() -> None:
    op.add_column("links", sa.Column("expires", sa.Integer))
    op.add_column(
        "transfers", sa.Column("registered", sa.Integer, nullable=False, server_default="0")
    )
    for name, length in _TEXTS:
        op.add_column(
            "transfers", sa.Column(name, sa.String(length), nullable=False, server_default="")
        )
    for name in ("warned", "deleted"):
        op.add_column("transfers", sa.Column(name, sa.Integer))
    op.create_index("transfers_by_registered", "transfers", ["registered"])
    _fill_what_is_looked_for()
    op.create_table(
        "inbox_links",
        sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("department", sa.String(400), nullable=False),
        sa.Column("minted", sa.Integer, nullable=False),
        sa.Column("revoked", sa.Integer),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("time", sa.Integer, nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("value", sa.String(500), nullable=False),
        sa.Column("done", sa.Integer),
        sa.Column("outcome", sa.String(64), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "admin",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("password_hash", sa.String(500), nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
    )
    op.create_table(
        "deletions",
        sa.Column("transfer", sa.String(32), sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("time", sa.Integer, nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("instances", sa.Integer, nullable=False),
        sa.Column("attachments", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
    )


def _fill_what_is_looked_for() -> None:
    table = sa.table(
        "transfers",
        *(
            sa.column(name)
            for name in ("id", "facts", "delivery", "registered", "department", "phone_code")
        ),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).all():
        facts = json.loads(row.facts)
        said = json.loads(row.delivery) if row.delivery is not None else {}
        connection.execute(
            sa.update(table)
            .where(table.c.id == row.id)
            .values(
                registered=facts["received"],
                department=facts["department"],
                phone_code=said.get("phone_code", ""),
            )
        )


def downgrade() -> None:
    for name in ("deletions", "admin", "orders", "inbox_links"):
        op.drop_table(name)
    op.drop_index("transfers_by_registered", "transfers")
    for name in ("deleted", "warned", *(name for name, _ in _TEXTS), "registered"):
        op.drop_column("transfers", name)
    op.drop_column("links", "expires")
