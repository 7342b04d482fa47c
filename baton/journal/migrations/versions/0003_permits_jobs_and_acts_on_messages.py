"""Limits shared by senders, jobs of tools, ids that tools give, and who dropped what and why."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns."""
    op.create_table(
        "permits",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("wants", sa.Boolean(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=False),
        sa.Column("counts_until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", "holder"),
    )
    op.add_column(
        "attempts",
        sa.Column("has_lookup", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("attempts", sa.Column("job_id", sa.String(), nullable=True))
    op.add_column("attempts", sa.Column("job_due_wall_at", sa.DateTime(), nullable=True))
    op.create_index("attempts_by_job", "attempts", ["destination", "job_due_wall_at"])
    op.add_column("attempt_items", sa.Column("provider_id", sa.String(), nullable=True))
    op.create_index("attempt_items_by_provider", "attempt_items", ["provider_id"])
    op.add_column("message_events", sa.Column("set_by", sa.String(), nullable=True))
    op.add_column("message_events", sa.Column("note", sa.String(), nullable=True))
