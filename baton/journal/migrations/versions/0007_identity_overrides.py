"""Identity overrides: which identifiers stewards joined or kept apart, and took back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "identity_overrides",
        sa.Column("seq", _SEQUENCE, nullable=False),
        sa.Column("override_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("node_a_id", sa.String(), nullable=False),
        sa.Column("node_b_id", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_wall_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("override_id"),
    )
    op.create_index(
        "identity_overrides_by_pair", "identity_overrides", ["node_a_id", "node_b_id", "seq"]
    )
    op.create_index("identity_overrides_by_decision", "identity_overrides", ["decision_id"])
    op.create_index("identity_overrides_by_other", "identity_overrides", ["node_b_id"])
