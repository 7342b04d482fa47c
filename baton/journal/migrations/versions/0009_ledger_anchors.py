"""Anchors of the ledgers' digests, and messages that are kept back when a stop is lifted."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "ledger_anchors",
        sa.Column("seq", _SEQUENCE, nullable=False),
        sa.Column("link", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.add_column(
        "messages",
        sa.Column("is_kept", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
