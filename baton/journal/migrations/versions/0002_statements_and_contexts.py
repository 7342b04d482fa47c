"""What people say themselves, whom they may reach by which address, and contexts of hand-offs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; contact points that messages went to are filled in from them."""
    op.add_column("messages", sa.Column("address_node_id", sa.String(), nullable=True))
    op.create_index("messages_by_contact_point", "messages", ["contact_point_id"], unique=False)
    op.create_table(
        "contact_points",
        sa.Column("contact_point_id", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("handed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("contact_point_id"),
    )
    op.create_index("contact_points_by_person", "contact_points", ["person_id"], unique=False)
    op.execute(
        "insert into contact_points "
        "(contact_point_id, channel, address_hash, person_id, handed_at) "
        "select contact_point_id, min(channel), min(address_hash), min(person_id), max(handed_at) "
        "from messages where contact_point_id is not null and address_hash is not null "
        "group by contact_point_id"
    )
    op.create_table(
        "statements",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("act_id", sa.String(), nullable=False),
        sa.Column("contact_point_id", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("stated_at", sa.DateTime(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("recorded_wall_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index(
        "statements_by_contact_point", "statements", ["contact_point_id", "brand"], unique=False
    )
    op.create_index("statements_by_act", "statements", ["act_id"], unique=False)
    op.create_table(
        "contexts",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("node_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("context", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("blanked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "context_keys",
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash"),
    )
    op.create_index("context_keys_by_person", "context_keys", ["person_id"], unique=False)
    op.create_table(
        "accesses",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("accessor", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("is_masked", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("accessed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("accesses_by_person", "accesses", ["person_id", "seq"], unique=False)
