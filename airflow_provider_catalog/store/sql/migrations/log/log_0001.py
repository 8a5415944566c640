"""The first tables of the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "catalog_envelope",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("producer", TEXT, nullable=False),
        sa.Column("sender", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("catalog_envelope_id", "catalog_envelope", ["id"], unique=True)
    op.create_index("catalog_envelope_recorded_at", "catalog_envelope", ["recorded_at"], unique=False)


def downgrade() -> None:
    for table in ("catalog_envelope",):
        op.drop_table(table)
