"""The journal's tables. Migrations build them; a test holds the two equal.

Append-only: `switches`, `address_blocks`, `message_events`, `release_activations`, `drops`,
`statements`, `accesses`, `sync_approvals`, `sync_outcomes`, `identity_overrides`, `release_plans`,
`release_approvals`, `ledger_anchors`, `reviews`; `erasures` but for what is done of them:
`ledgers.py`.
Personal values stand in `payloads` and `contexts`, and in `sync_rows.handle` and
`sync_requests.rows` of syncs whose key is personal: what to take back from a tool can only be said
by it.
"""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    false,
)

metadata = MetaData()

# SQLite counts up only an INTEGER primary key.
_sequence = BigInteger().with_variant(Integer(), "sqlite")
# Read in the order of its bytes beside the warehouse's.
_key = String().with_variant(String(collation="C"), "postgresql")


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, String, nullable=null)


def _time(name: str, *, null: bool = False) -> Column[datetime]:
    return Column(name, DateTime, nullable=null)


settings = Table(
    "settings",
    metadata,
    Column("name", String, primary_key=True),
    _text("value"),
)

switches = Table(
    "switches",
    metadata,
    Column("seq", _sequence, primary_key=True),
    _text("scope"),
    _text("value", null=True),
    Column("is_stopped", Boolean, nullable=False),
    _text("reason"),
    _text("set_by"),
    _time("set_at"),
    Index("switches_by_scope", "scope", "value", "seq"),
)

address_blocks = Table(
    "address_blocks",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("block_id", String, nullable=False, unique=True),
    _text("channel"),
    _text("address_hash"),
    _text("brand", null=True),
    _text("purpose", null=True),
    _text("kind"),
    _time("stated_at"),
    _text("source"),
    _time("recorded_at"),
    _time("recorded_wall_at"),
    Index("address_blocks_by_address", "address_hash", "channel"),
)

messages = Table(
    "messages",
    metadata,
    Column("message_id", String, primary_key=True),
    _text("candidate_id"),
    _text("instance_id"),
    _text("journey"),
    _text("action"),
    _text("release_id"),
    _text("card_hash"),
    _text("node_id"),
    _text("person_id"),
    _text("contact_point_id", null=True),
    _text("address_node_id", null=True),
    _text("channel"),
    _text("destination"),
    _text("message_class"),
    _text("brand"),
    _text("template", null=True),
    Column("lane", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    _time("expires_at"),
    _time("consent_at", null=True),
    _text("blocked_by", null=True),
    _time("checked_at"),
    _text("address_hash", null=True),
    _text("state"),
    _text("reason", null=True),
    Column("is_claimable", Boolean, nullable=False),
    Column("may_be_sent", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
    _time("next_try_at", null=True),
    _text("attempt_id", null=True),
    _time("handed_at"),
    _time("changed_at"),
    Column("is_kept", Boolean, nullable=False, server_default=false()),
    Index("messages_by_node", "node_id"),
    Index("messages_by_contact_point", "contact_point_id"),
    Index("messages_by_state", "destination", "state", "expires_at"),
)
Index(
    "messages_by_turn",
    messages.c.destination,
    messages.c.is_claimable,
    messages.c.lane,
    messages.c.priority.desc(),
    messages.c.message_id,
)

payloads = Table(
    "payloads",
    metadata,
    Column("message_id", String, ForeignKey("messages.message_id"), primary_key=True),
    _text("address", null=True),
    Column("variables", JSON(none_as_null=True), nullable=True),
    _time("blanked_at", null=True),
)

attempts = Table(
    "attempts",
    metadata,
    Column("attempt_id", String, primary_key=True),
    _text("destination"),
    _text("retry_class"),
    _text("worker"),
    Column("items", Integer, nullable=False),
    _text("status"),
    _text("request_hash", null=True),
    _time("claimed_at"),
    _time("claimed_wall_at"),
    _time("sent_wall_at", null=True),
    _time("answered_wall_at", null=True),
    Column("has_lookup", Boolean, nullable=False, server_default=false()),
    _text("job_id", null=True),
    _time("job_due_wall_at", null=True),
    Index("attempts_by_job", "destination", "job_due_wall_at"),
)

attempt_items = Table(
    "attempt_items",
    metadata,
    Column("attempt_id", String, ForeignKey("attempts.attempt_id"), primary_key=True),
    Column("message_id", String, ForeignKey("messages.message_id"), primary_key=True),
    _text("verdict", null=True),
    _text("reason", null=True),
    _text("provider_id", null=True),
    Index("attempt_items_by_message", "message_id"),
    Index("attempt_items_by_provider", "provider_id"),
)

message_events = Table(
    "message_events",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("message_id", String, ForeignKey("messages.message_id"), nullable=False),
    _text("state"),
    _text("reason", null=True),
    _text("attempt_id", null=True),
    _time("occurred_at"),
    _text("set_by", null=True),
    _text("note", null=True),
    Index("message_events_by_message", "message_id"),
)

release_activations = Table(
    "release_activations",
    metadata,
    Column("seq", _sequence, primary_key=True),
    _text("release_id"),
    _text("kind"),
    _time("active_from"),
    _text("set_by"),
    _text("approved_by", null=True),
    _text("reason"),
    _time("recorded_at"),
)

drops = Table(
    "drops",
    metadata,
    Column("seq", _sequence, primary_key=True),
    _text("name"),
    _text("content_hash"),
    Column("row_count", Integer, nullable=False),
    _time("dropped_at"),
    Index("drops_by_name", "name", "seq"),
)

contact_points = Table(
    "contact_points",
    metadata,
    Column("contact_point_id", String, primary_key=True),
    _text("node_id", null=True),
    _text("channel"),
    _text("address_hash"),
    _text("person_id"),
    _time("handed_at"),
    Index("contact_points_by_person", "person_id"),
)

statements = Table(
    "statements",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("statement_id", String, nullable=False, unique=True),
    _text("act_id"),
    _text("contact_point_id"),
    _text("node_id"),
    _text("channel"),
    _text("purpose", null=True),
    _text("brand"),
    Column("granted", Boolean, nullable=False),
    _time("stated_at"),
    _text("origin"),
    _text("proof"),
    _text("message_id", null=True),
    _time("recorded_wall_at"),
    Index("statements_by_contact_point", "contact_point_id", "brand"),
    Index("statements_by_act", "act_id"),
)

contexts = Table(
    "contexts",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("node_ids", JSON(none_as_null=True), nullable=True),
    Column("context", JSON(none_as_null=True), nullable=True),
    _time("as_of"),
    _time("updated_at"),
    _time("blanked_at", null=True),
)

context_keys = Table(
    "context_keys",
    metadata,
    Column("key_hash", String, primary_key=True),
    _text("person_id"),
    Index("context_keys_by_person", "person_id"),
)

accesses = Table(
    "accesses",
    metadata,
    Column("seq", _sequence, primary_key=True),
    _text("accessor"),
    _text("person_id", null=True),
    _text("route"),
    Column("is_masked", Boolean, nullable=False),
    _text("outcome"),
    _time("accessed_at"),
    Index("accesses_by_person", "person_id", "seq"),
)

permits = Table(
    "permits",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("holder", String, primary_key=True),
    Column("amount", Integer, nullable=False),
    Column("wants", Boolean, nullable=False),
    _time("lease_until"),
    _time("counts_until"),
)

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("run_id", String, primary_key=True),
    _text("sync"),
    _text("destination"),
    _text("state"),
    _text("reason", null=True),
    _text("plan_hash"),
    Column("counts", JSON(none_as_null=True), nullable=True),
    _time("started_at"),
    _time("started_wall_at"),
    _time("ended_wall_at", null=True),
    Index("sync_runs_by_sync", "sync", "started_wall_at"),
)

sync_approvals = Table(
    "sync_approvals",
    metadata,
    Column("seq", _sequence, primary_key=True),
    _text("sync"),
    _text("plan_hash"),
    _text("reason"),
    _text("approved_by"),
    _time("approved_at"),
    Index("sync_approvals_by_plan", "sync", "plan_hash"),
)

sync_rows = Table(
    "sync_rows",
    metadata,
    Column("sync", String, primary_key=True),
    Column("destination", String, primary_key=True),
    Column("row_key", _key, primary_key=True),
    _text("handle", null=True),
    _text("fingerprint", null=True),
    Column("is_held", Boolean, nullable=False),
    _time("since", null=True),
    _text("refused", null=True),
    _text("reason", null=True),
    _time("changed_at"),
)

destination_identities = Table(
    "destination_identities",
    metadata,
    Column("destination", String, primary_key=True),
    Column("row_key", String, primary_key=True),
    _text("external_id"),
    _time("learned_at"),
)

sync_requests = Table(
    "sync_requests",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("run_id", String, ForeignKey("sync_runs.run_id"), nullable=False),
    _text("op"),
    Column("items", Integer, nullable=False),
    _text("status"),
    Column("rows", JSON(none_as_null=True), nullable=True),
    _text("request_hash", null=True),
    _time("opened_at"),
    _time("opened_wall_at"),
    _time("sent_wall_at", null=True),
    _time("answered_wall_at", null=True),
    Index("sync_requests_by_run", "run_id"),
    Index("sync_requests_by_status", "status"),
)

sync_outcomes = Table(
    "sync_outcomes",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("request_id", String, ForeignKey("sync_requests.request_id"), nullable=False),
    Column("outcomes", JSON(none_as_null=True), nullable=True),
    _time("occurred_at"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("erasure_id", String, nullable=False, unique=True),
    Column("person_ids", JSON(none_as_null=True), nullable=False),
    Column("node_ids", JSON(none_as_null=True), nullable=False),
    _text("reason"),
    _text("set_by"),
    _time("erased_at"),
    _time("recorded_wall_at"),
    Column("sync_keys", JSON(none_as_null=True), nullable=False),
    Column("kept_syncs", JSON(none_as_null=True), nullable=False),
    _time("cleaned_wall_at", null=True),
    _time("done_at", null=True),
    _time("returned_at", null=True),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("value_hash", String, primary_key=True),
    Column("erasure_id", String, ForeignKey("erasures.erasure_id"), primary_key=True),
)

erasure_tools = Table(
    "erasure_tools",
    metadata,
    Column("erasure_id", String, ForeignKey("erasures.erasure_id"), primary_key=True),
    Column("tool", String, primary_key=True),
    _text("way"),
    _time("settled_at", null=True),
    _text("settled_by", null=True),
)

identity_overrides = Table(
    "identity_overrides",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("override_id", String, nullable=False, unique=True),
    _text("decision_id"),
    _text("kind"),
    _text("node_a_id"),
    _text("node_b_id"),
    _text("decided_by"),
    _text("reason"),
    _time("decided_at"),
    _time("recorded_wall_at"),
    Index("identity_overrides_by_pair", "node_a_id", "node_b_id", "seq"),
    Index("identity_overrides_by_decision", "decision_id"),
    Index("identity_overrides_by_other", "node_b_id"),
)

release_plans = Table(
    "release_plans",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("plan_hash", String, nullable=False, unique=True),
    _text("content_hash"),
    _text("base_release_id"),
    _text("release_id"),
    _text("verdict"),
    Column("report", JSON(none_as_null=True), nullable=False),
    _text("planned_by"),
    _time("planned_at"),
)

release_approvals = Table(
    "release_approvals",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("plan_hash", String, ForeignKey("release_plans.plan_hash"), nullable=False),
    _text("owner_group"),
    _text("approved_by"),
    _text("reason"),
    _time("approved_at"),
    _text("account", null=True),
    Index("release_approvals_by_plan", "plan_hash"),
)

ledger_anchors = Table(
    "ledger_anchors",
    metadata,
    Column("seq", _sequence, primary_key=True),
    Column("link", BigInteger, nullable=False),
    _text("digest"),
    _text("release_id", null=True),
    _time("recorded_at"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("seq", _sequence, primary_key=True),
    _text("kind"),
    _text("name"),
    _text("reviewed_by"),
    _text("note", null=True),
    _time("reviewed_at"),
)
