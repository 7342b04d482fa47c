"""Every table in which a person leaves a trace, and what becomes of it. A test holds it complete.

Raw tables of sources are not listed: their declaration says which columns are `identifiers`, and
records about the person are removed, also of a source or model that was switched off since.
"""

from dataclasses import dataclass
from typing import Literal

Ids = Literal["node", "node_seq", "person", "contact_point"]


@dataclass(frozen=True)
class Place:
    """A table, and the columns (with the kind of id in them) by which rows are a person's.

    Such rows are removed; in a `ledger` they stay, the columns of `replaced` name the erasure
    instead of the person, and those of `cleared` are null. Rows for which `kept` holds are left.
    """

    table: str
    found_by: tuple[tuple[str, Ids], ...]
    is_ledger: bool = False
    replaced: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    kept: str = "false"


_NODE: tuple[tuple[str, Ids], ...] = (("node_id", "node"),)
_PAIR: tuple[tuple[str, Ids], ...] = (("low_seq", "node_seq"), ("high_seq", "node_seq"))
_NUMBER: tuple[tuple[str, Ids], ...] = (("node_seq", "node_seq"),)
_ENDS: tuple[tuple[str, Ids], ...] = (("node_a_id", "node"), ("node_b_id", "node"))
_ENTRY: tuple[tuple[str, Ids], ...] = (("entry_node_id", "node"),)
_PERSON: tuple[tuple[str, Ids], ...] = (("person_id", "person"),)

MODELS = (
    Place("observations", (("node_id", "node"), ("hub_node_id", "node"))),
    Place("int_identity__edges", _PAIR),
    Place("int_identity__proposals", _PAIR),
    Place("int_identity__merges", _ENDS),
    Place("int_identity__blocked_nodes", _NUMBER),
    Place("int_identity__crowded_nodes", _NUMBER),
    Place("raw.loosened_nodes", _NUMBER),
    Place("raw.identity_proposals", _ENDS),
    Place("nodes", _NODE),
    Place("identity_map", _NODE),
    Place("contact_points", _NODE),
    Place("int_profiles__field_values", _NODE),
    Place("int_profiles__customer_fields", (*_PERSON, *_NODE)),
    Place("int_profiles__customers", _PERSON),
    Place("consent_statements", (*_NODE, ("contact_point_id", "contact_point"))),
    Place("consent_permissions", (*_PERSON, ("contact_point_id", "contact_point"))),
    Place(
        "suppressions",
        (*_NODE, ("contact_point_id", "contact_point")),
        kept="reason = 'erased'",
    ),
    Place("int_consent__signs", (*_NODE, ("contact_point_id", "contact_point"))),
    Place("signals", _NODE),
    Place("guards", _NODE),
    Place("int_journeys__steps", (*_ENTRY, *_PERSON)),
    Place("int_journeys__touched_signals", _NODE),
    Place("candidates", _ENTRY),
    Place(
        "decisions",
        _ENTRY,
        is_ledger=True,
        replaced=("entry_node_id",),
        cleared=("contact_point_id", "correlation_key"),
    ),
    Place(
        "outbox",
        _ENTRY,
        is_ledger=True,
        replaced=("entry_node_id",),
        cleared=("contact_point_id", "correlation_key"),
    ),
    Place(
        "instance_changes",
        _ENTRY,
        is_ledger=True,
        replaced=("entry_node_id",),
        cleared=("correlation_key",),
    ),
    Place("holdout_assignments", _NODE, is_ledger=True, replaced=("node_id",)),
    Place(
        "int_decisions__exposures",
        _NODE,
        is_ledger=True,
        replaced=("node_id",),
        cleared=("node_short",),
    ),
)
"""Tables with rows of persons; rows by number go before `nodes`, which has the numbers. That of
merges is there once a source pack has told of any."""

STREAMS = (
    Place(
        "raw.journal_message_events",
        _NODE,
        is_ledger=True,
        cleared=("node_id", "contact_point_id"),
    ),
    Place("raw.journal_statements", _NODE, is_ledger=True, cleared=("node_id", "contact_point_id")),
    Place(
        "raw.journal_identity_overrides",
        _ENDS,
        is_ledger=True,
        cleared=("node_a_id", "node_b_id"),
    ),
)
"""Streams of the journal, whose rows must stay: they are counted by the last one."""

IDS_ALONE = frozenset(
    {
        "identity_changes",  # person ids, as the ledger of erasures has them
        "int_identity__loosened_nodes",  # numbers, written anew by every batch, as the next eight
        "int_identity__overrides",
        "int_identity__touched_nodes",
        "int_identity__standing_edges",
        "int_identity__touched_edges",
        "int_identity__judged_edges",
        "int_identity__touched_components",
        "int_identity__contested_edges",
        "int_identity__clusters",
        "touched_persons",  # written anew by every batch, as the next four
        "int_journeys__touched",
        "int_journeys__touched_nodes",
        "int_journeys__holds",
        "int_journeys__step_outcomes",
        "raw.journal_erasures",  # person and node ids: which suppressions there are
        "raw.journal_sync_outcomes",  # keys of rows: ids, or keyed hashes of what is personal
    }
)
"""Tables with ids, or for one batch, and without values."""

NOBODY = frozenset(
    {
        "raw.builds",
        "raw.built_files",  # the project's own text
        "raw.built_parts",
        "raw.cursor_rows",  # unreadable: 64 bits of a hash of each of the last rows of a table
        "raw.cursors",
        "raw.deliveries",
        "raw.identifiers_left_out",
        "raw.journal_activations",
        "raw.journal_reviews",
        "raw.journal_switches",
        "raw.ledger_digests",
        "raw.ledger_heads",
        "raw.ledger_shapes",
        "raw.ledger_tombstones",  # keyed hashes alone
        "raw.latest_deliveries",
        "raw.recorded_statements",  # what dbt says of tables, in the project's own text
        "raw.release_cards",
        "raw.release_conditions",
        "raw.release_policies",
        "raw.release_rules",
        "raw.release_sql",
        "raw.release_texts",
        "raw.releases",
        "raw.schema_versions",
        "raw.this_window",
        "raw.tidyings",
        "raw.windows",
    }
)
"""Tables about no person."""

QUARANTINE = "raw.quarantine"
"""Records as they stood: those that say a value of the person are removed."""

JOURNAL = {
    "payloads": "blanked at once; what is on its way, with its verdict",
    "contexts": "removed at once",
    "context_keys": "removed at once",
    "sync_rows": "removed at once; where a sync takes the row back, when the tool has accepted it",
    "sync_requests": "keys of open requests, blanked with the answer or by the next run",
    "destination_identities": "removed at once",
    "messages": "unsent ones cancelled at once; ids of person and contact point removed",
    "statements": "ids of person and contact point removed, what was said stays",
    "contact_points": "keyed hashes: a no must go on counting for the address",
    "address_blocks": "keyed hashes: a no must go on counting for the address",
    "tombstones": "keyed hashes",
    "release_plans": "ids of persons in samples, as ledgers keep them",
    "erasures": "ids, by whom and why; keyed hashes of keys of rows in tools",
    "identity_overrides": "node ids, by whom and why: what stood is lifted, nothing blanked",
}
"""Tables of the journal that know persons, and what becomes of them there."""

JOURNAL_OF_NOBODY = frozenset(
    {
        "accesses",  # who asked about which person id
        "alembic_version",
        "attempt_items",
        "attempts",
        "drops",
        "erasure_tools",
        "ledger_anchors",
        "message_events",
        "permits",
        "release_activations",
        "release_approvals",
        "reviews",
        "settings",
        "switches",
        "sync_approvals",
        "sync_outcomes",
        "sync_runs",
    }
)
"""Tables of the journal with ids at most."""

COPIES = (".baton.gate/*/stores", ".baton.gate/*/effects")
"""Folders below the project with copies of rows about persons: a plan removes its own when it ends;
of one that was killed, the next batch, tidying, erasure or purge does."""
