"""Syncs: what each tool has accepted, the requests that told it, and who approved what."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "sync_runs",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("plan_hash", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("started_wall_at", sa.DateTime(), nullable=False),
        sa.Column("ended_wall_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("sync_runs_by_sync", "sync_runs", ["sync", "started_wall_at"], unique=False)
    op.create_table(
        "sync_approvals",
        sa.Column("seq", _SEQUENCE, nullable=False),
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("plan_hash", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("sync_approvals_by_plan", "sync_approvals", ["sync", "plan_hash"])
    op.create_table(
        "sync_rows",
        sa.Column("sync", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("row_key", _KEY, nullable=False),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("refused", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sync", "destination", "row_key"),
    )
    op.create_table(
        "destination_identities",
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("learned_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "row_key"),
    )
    op.create_table(
        "sync_requests",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("rows", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("request_hash", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("opened_wall_at", sa.DateTime(), nullable=False),
        sa.Column("sent_wall_at", sa.DateTime(), nullable=True),
        sa.Column("answered_wall_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["sync_runs.run_id"]),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("sync_requests_by_run", "sync_requests", ["run_id"], unique=False)
    op.create_index("sync_requests_by_status", "sync_requests", ["status"], unique=False)
    op.create_table(
        "sync_outcomes",
        sa.Column("seq", _SEQUENCE, nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("outcomes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["sync_requests.request_id"]),
        sa.PrimaryKeyConstraint("seq"),
    )
