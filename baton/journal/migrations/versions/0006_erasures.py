"""Erasures: who was erased and why, tombstones of their values, and which tools were told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "erasures",
        sa.Column("seq", _SEQUENCE, nullable=False),
        sa.Column("erasure_id", sa.String(), nullable=False),
        sa.Column("person_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("node_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("erased_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_wall_at", sa.DateTime(), nullable=False),
        sa.Column("sync_keys", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("kept_syncs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("cleaned_wall_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("returned_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("erasure_id"),
    )
    op.create_table(
        "tombstones",
        sa.Column("value_hash", sa.String(), nullable=False),
        sa.Column("erasure_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.erasure_id"]),
        sa.PrimaryKeyConstraint("value_hash", "erasure_id"),
    )
    op.create_table(
        "erasure_tools",
        sa.Column("erasure_id", sa.String(), nullable=False),
        sa.Column("tool", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.erasure_id"]),
        sa.PrimaryKeyConstraint("erasure_id", "tool"),
    )
