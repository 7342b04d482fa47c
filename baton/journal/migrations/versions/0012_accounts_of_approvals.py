"""Under which account of the operating system a plan was approved."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; null for what was approved before."""
    op.add_column("release_approvals", sa.Column("account", sa.String(), nullable=True))
