"""What the warehouse says and what the reference expects, in one shape: rows by key.

Identifiers stand as text, so that a difference shows the plot it is from.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import duckdb
from reference import Model
from reference.standing import read_bases

from .shop import BASES, Shop

Rows = Mapping[Hashable, Any]
_STEP = (
    "instance_id, journey, correlation_key, entry_event_id, step_no, transition_id, from_step, "
    "step, kind, cause, reached_at, action"
)
_STATE = "step, since, status, step_no, entered_at, horizon_at"
_TABLES = (
    "nodes",
    "identity_map",
    "contact_points",
    "consent_permissions",
    "int_consent__standing_permissions",
    "suppressions",
    "transitions",
    "journey_states",
)
_SHOWN = 6


def by_warehouse(con: duckdb.DuckDBPyConnection, shop: Shop) -> dict[str, Rows]:
    """Return persons, permissions, suppressions, steps and states as the warehouse has them."""
    table = {name: shop.relation(name) for name in _TABLES}
    nodes = f"(select node_id, node_type || ' ' || node_value as node from {table['nodes']})"
    with_point = f"join {table['contact_points']} as c using (contact_point_id)"
    return {
        "persons": _rows(
            con,
            f"select node, person_id from {table['identity_map']} join {nodes} using (node_id)",
        ),
        "permissions": _rows(
            con,
            "select (p.channel, n.node, p.purpose, p.brand), p.is_granted, p.stated_at, p.level, "
            "p.valid_until, coalesce(p.is_confirmed, false), p.was_refused "
            f"from {table['consent_permissions']} as p {with_point} join {nodes} as n "
            "on c.node_id = n.node_id where p.is_granted is not null",
        ),
        "standings": _rows(
            con,
            "select (p.channel, n.node, p.purpose, p.brand), p.is_granted, p.basis, p.reason, "
            f"p.stated_at from {table['int_consent__standing_permissions']} as p {with_point} "
            f"join {nodes} as n on c.node_id = n.node_id where c.contact_point_id in "
            f"(select contact_point_id from {table['consent_permissions']} "
            "where is_granted is not null)",
        ),
        "suppressions": _rows(
            con,
            "select (coalesce(contact_point_id, node_id), reason), since, until "
            f"from {table['suppressions']}",
        ),
        "steps": _rows(
            con,
            f"select step_id, node, {_STEP} from {table['transitions']} join {nodes} as n "
            "on entry_node_id = n.node_id",
        ),
        "states": _rows(
            con,
            f"select instance_id, node, person_id, {_STATE} from {table['journey_states']} "
            f"join {nodes} as n on entry_node_id = n.node_id",
        ),
    }


def by_reference(model: Model) -> dict[str, Rows]:
    """Return the same as the reference expects it."""
    text = {node_id: f"{node.type} {node.value}" for node_id, node in model.people.nodes.items()}
    return {
        "persons": {text[node_id]: (person,) for node_id, person in model.people.person_of.items()},
        "permissions": {
            (point.channel, text[point.node_id], purpose, brand): (
                one.is_granted,
                one.stated_at,
                one.level,
                one.valid_until,
                bool(one.is_confirmed),
                one.was_refused,
            )
            for (point, purpose, brand), one in model.permissions.items()
        },
        "standings": {
            (point.channel, text[point.node_id], purpose, brand): (
                one.is_granted,
                one.basis,
                one.reason,
                one.said.stated_at if one.said else None,
            )
            for (point, purpose, brand), one in model.standings(read_bases(BASES)).items()
        },
        "suppressions": {key: (one.since, one.until) for key, one in model.suppressions.items()},
        "steps": {
            step.step_id: (
                text[one.entry.node_id],
                one.instance_id,
                one.card.journey,
                one.key,
                one.entry.event_id,
                step.step_no,
                step.transition_id,
                step.from_step,
                step.step,
                step.kind,
                step.cause,
                step.reached_at,
                step.action,
            )
            for one in model.instances
            for step in one.steps
        },
        "states": {
            one.instance_id: (
                text[one.entry.node_id],
                model.people.person_of[one.entry.node_id],
                one.last.step,
                one.last.reached_at,
                "open" if one.is_open else one.last.kind,
                one.last.step_no,
                one.entry.occurred_at,
                one.horizon_at,
            )
            for one in model.instances
        },
    }


def differences(said: Mapping[str, Rows], expected: Mapping[str, Rows]) -> str:
    """Return what is missing, too many or not the same, in words; empty when nothing is."""
    parts: list[str] = []
    for kind, rows in expected.items():
        keys = rows.keys() | said[kind].keys()
        wrong = [key for key in keys if said[kind].get(key) != rows.get(key)]
        parts += [f"{len(wrong)} of {len(keys)} {kind} differ"] if wrong else []
        parts += [
            f"  {key}\n    said     {said[kind].get(key)}\n    expected {rows.get(key)}"
            for key in sorted(wrong, key=str)[:_SHOWN]
        ]
    return "\n".join(parts)


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    return {_hashable(row[0]): row[1:] for row in con.execute(sql).fetchall()}


def _hashable(key: Any) -> Hashable:
    return tuple(key.values()) if isinstance(key, dict) else key
