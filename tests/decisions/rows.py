"""What passes are told, as rows of the tables that the decision models read."""

from collections.abc import Iterator, Sequence
from typing import Any

from reference.decisions.facts import Facts
from reference.decisions.records import Step

from baton.ids import short_id

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def given_rows(told: Sequence[Facts], computed: dict[str, int]) -> Rows:
    """Return all rows of the given tables; `computed` are the windows that last told a step."""
    return {
        "identity_map": [row for one in told for row in _people(one)],
        "int_journeys__steps": [row for one in told for row in _steps(one, computed)],
        "int_journeys__touched": [row for one in told for row in _touched(one)],
        "int_profiles__customers": [row for one in told for row in _customers(one)],
        "contact_points": [row for one in told for row in _points(one)],
        "consent_permissions": [row for one in told for row in _permissions(one)],
        "suppressions": [row for one in told for row in _suppressions(one)],
        "guards": [row for one in told for row in _guards(one)],
    }


def _people(one: Facts) -> Iterator[Row]:
    for node, person in one.person_of.items():
        yield {
            "node_id": node,
            "node_short": short_id(node),
            "node_type": "crm_contact",
            "node_seq": one.node_seq[node],
            "person_id": person,
            "person_short": short_id(person),
        }


def _steps(one: Facts, computed: dict[str, int]) -> Iterator[Row]:
    ended = {step.instance_id for step in one.steps.values() if step.kind != "step"}
    for step in one.steps.values():
        person = one.person_of[step.node_id]
        if person in one.touched or step.step_id not in computed:
            computed[step.step_id] = one.window
        is_last = step.kind != "step" or step.instance_id not in ended
        yield _step(step, person) | {
            "is_last": is_last,
            "computed_window_id": computed[step.step_id],
        }


def _step(step: Step, person: str) -> Row:
    return {
        "step_id": step.step_id,
        "instance_id": step.instance_id,
        "person_id": person,
        "journey": step.journey,
        "card_hash": f"card of {step.card_hash}",
        "release_id": "release 0",
        "acts_from": step.acts_from,
        "correlation_key": step.key,
        "entry_node_id": step.node_id,
        "entry_node_short": short_id(step.node_id),
        "entered_at": step.entered_at,
        "kind": step.kind,
        "reached_at": step.reached_at,
        "action": step.action,
        "is_current": step.is_current,
    }


def _touched(one: Facts) -> Iterator[Row]:
    persons = sorted(one.touched & set(one.person_of.values()))
    for person in persons:
        zone = one.zone_of(person)
        for node in one.nodes_of(person):
            yield {
                "person_id": person,
                "person_no": short_id(person) % 10**9,
                "person_short": short_id(person),
                "node_id": node,
                "node_short": short_id(node),
                "node_seq": one.node_seq[node],
                "timezone": zone[0] if zone else None,
                "scope": "all" if one.window == 1 else "window",
            }


def _customers(one: Facts) -> Iterator[Row]:
    for person in sorted(set(one.person_of.values())):
        zone, source = (one.zones or {}).get(person, (None, None))
        yield {
            "person_id": person,
            "person_short": short_id(person),
            "timezone": zone,
            "timezone_source": source,
            "is_current": True,
        }


def _points(one: Facts) -> Iterator[Row]:
    for point in one.points:
        yield {
            "contact_point_id": point.point_id,
            "person_id": one.person_of[point.node_id],
            "channel": point.channel,
            "node_id": point.node_id,
            "is_verified": point.is_verified,
            "last_observed_at": point.last_observed_at,
        }


def _permissions(one: Facts) -> Iterator[Row]:
    points = {point.point_id: point for point in one.points}
    for said in one.permissions:
        point = points[said.point_id]
        yield {
            "permission_id": f"{said.point_id} {said.class_} {said.brand}",
            "contact_point_id": said.point_id,
            "person_id": one.person_of[point.node_id],
            "channel": point.channel,
            "purpose": said.class_,
            "brand": said.brand,
            "is_granted": said.is_granted,
            "statement_id": f"statement {said.point_id} {said.class_} {said.brand}",
            "stated_at": said.stated_at,
        }


def _suppressions(one: Facts) -> Iterator[Row]:
    for number, stop in enumerate(one.suppressions):
        yield {
            "suppression_id": f"{stop.point_id} {stop.node_id} {number}",
            "scope": "contact_point" if stop.point_id else "person",
            "contact_point_id": stop.point_id,
            "node_id": stop.node_id,
            "reason": "legal",
            "since": stop.since,
            "until": stop.until,
        }


def _guards(one: Facts) -> Iterator[Row]:
    for held in one.guards:
        yield {
            "guard_interval_id": held.interval_id,
            "guard": held.guard,
            "subject_key": held.subject,
            "node_id": held.node_id,
            "node_short": short_id(held.node_id),
            "since": held.since,
            "until": held.until,
            "loaded_seq": 0,
        }
