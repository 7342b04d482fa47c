"""What the warehouse says, in the reference's words, and where the two differ."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import duckdb

from reference import Model
from reference.consent import ContactPoint

from .shop import Shop

_K = TypeVar("_K", bound=Hashable)
_SHOWN = 5


def persons(con: duckdb.DuckDBPyConnection, shop: Shop) -> dict[str, str]:
    """The person of each identifier."""
    rows = con.execute(f"select node_id, person_id from {shop.relation('identity_map')}")
    return dict(rows.fetchall())


def permissions(con: duckdb.DuckDBPyConnection, shop: Shop) -> dict[Hashable, tuple[Any, ...]]:
    """What is allowed, per contact point, purpose and brand."""
    rows = con.execute(
        f"""select p.channel, c.node_id, p.purpose, p.brand, p.is_granted, p.stated_at, p.level
        from {shop.relation("consent_permissions")} as p
        join {shop.relation("contact_points")} as c using (contact_point_id)"""
    ).fetchall()
    return {(ContactPoint(row[0], row[1]), row[2], row[3]): row[4:] for row in rows}


def steps(con: duckdb.DuckDBPyConnection, shop: Shop) -> dict[str, dict[str, Any]]:
    """The steps of all instances, by step id."""
    result = con.execute(
        f"""select step_id, instance_id, journey, correlation_key, entry_event_id, entry_node_id,
        step_no, transition_id, from_step, step, kind, cause, reached_at, action
        from {shop.relation("transitions")}"""
    )
    names = [column[0] for column in result.description or []]
    return {row[0]: dict(zip(names, row, strict=True)) for row in result.fetchall()}


def states(con: duckdb.DuckDBPyConnection, shop: Shop) -> dict[str, dict[str, Any]]:
    """Where each instance stands."""
    result = con.execute(
        f"""select instance_id, person_id, step, since, status, step_no, entered_at, horizon_at
        from {shop.relation("journey_states")}"""
    )
    names = [column[0] for column in result.description or []]
    return {row[0]: dict(zip(names, row, strict=True)) for row in result.fetchall()}


def expected_permissions(model: Model) -> dict[Hashable, tuple[Any, ...]]:
    """What the reference allows, in the warehouse's shape."""
    return {
        key: (one.is_granted, one.stated_at, one.level) for key, one in model.permissions.items()
    }


def expected_steps(model: Model) -> dict[str, dict[str, Any]]:
    """The reference's steps, in the warehouse's shape."""
    return {
        step.step_id: {
            **vars(step),
            "journey": instance.card.journey,
            "correlation_key": instance.key,
            "entry_event_id": instance.entry.event_id,
            "entry_node_id": instance.entry.node_id,
        }
        for instance in model.instances
        for step in instance.steps
    }


def expected_states(model: Model) -> dict[str, dict[str, Any]]:
    """The reference's instances, in the warehouse's shape."""
    return {
        instance.instance_id: {
            "instance_id": instance.instance_id,
            "person_id": model.people.person_of[instance.entry.node_id],
            "step": instance.last.step,
            "since": instance.last.reached_at,
            "status": "open" if instance.is_open else instance.last.kind,
            "step_no": instance.last.step_no,
            "entered_at": instance.entry.occurred_at,
            "horizon_at": instance.horizon_at,
        }
        for instance in model.instances
    }


def differences(said: Mapping[_K, Any], expected: Mapping[_K, Any]) -> list[str]:
    """Return a line for each row that is missing, too many or not the same."""
    lines = [f"missing {key}: {expected[key]}" for key in expected.keys() - said.keys()]
    lines += [f"too many {key}: {said[key]}" for key in said.keys() - expected.keys()]
    lines += [
        f"differs {key}:\n  said     {said[key]}\n  expected {expected[key]}"
        for key in said.keys() & expected.keys()
        if said[key] != expected[key]
    ]
    return sorted(lines)
