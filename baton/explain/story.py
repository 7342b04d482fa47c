"""A customer's story, gathered from public tables and the journal."""

from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.explain.subject import find
from baton.journal import Journal

CHECKS = {
    "is_before_activation": "before activation",
    "is_superseded": "superseded",
    "is_already_done": "already done",
    "is_expired": "expired",
    "is_switched_off": "1 switched off",
    "is_suppressed": "2 suppressed",
    "has_no_consent": "3 no consent",
    "has_no_address": "4 no address",
    "has_open_case": "5 open case",
    "is_input_stale_or_behind": "6 stale or late input",
    "is_quiet_hours": "7 quiet hours",
    "is_held_out": "8 holdout",
    "is_outranked": "9 outranked",
    "is_capped": "10 capped",
}


def story(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject, asked: str
) -> dict[str, Any]:
    """Return who it is and why, what is allowed, where they stand, what was decided and sent.

    Times are naive UTC. Raises `BatonError` when the subject is unknown.
    """
    subject = find(con, dbt, asked)
    query = _Query(con, dbt, subject.person_id)
    instances = query.rows(_INSTANCES)
    decisions = [_with_checks(row) for row in query.rows(_DECISIONS)]
    return {
        "asked": asked,
        "message_id": subject.message_id,
        "person_id": subject.person_id,
        "fields": query.rows(_FIELDS),
        "identifiers": query.rows(_IDENTIFIERS),
        "evidence": query.rows(_EVIDENCE),
        "identity_changes": query.rows(_CHANGES),
        "permissions": query.rows(_PERMISSIONS),
        "suppressions": query.rows(_SUPPRESSIONS),
        "instances": [one | {"steps": query.rows(_STEPS, one["instance_id"])} for one in instances],
        "decisions": decisions,
        "messages": [
            one
            | {"message": journal.message(one["message_id"])}
            | {"attempts": journal.attempts(one["message_id"])}
            for one in query.rows(_MESSAGES)
        ],
    }


def _with_checks(row: dict[str, Any]) -> dict[str, Any]:
    checks = {label: row.pop(column) for column, label in CHECKS.items()}
    return row | {"checks": checks}


class _Query:
    """Runs a query about one person; `{name}` in it is the relation of that model."""

    def __init__(self, con: duckdb.DuckDBPyConnection, dbt: DbtProject, person_id: str) -> None:
        self._con, self._dbt, self._person_id = con, dbt, person_id

    def rows(self, template: str, parameter: str | None = None) -> list[dict[str, Any]]:
        sql = template.format_map(_Relations(self._dbt))
        result = self._con.execute(sql, [parameter or self._person_id])
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


class _Relations(dict[str, str]):
    def __init__(self, dbt: DbtProject) -> None:
        super().__init__()
        self._dbt = dbt

    def __missing__(self, name: str) -> str:
        return self._dbt.relation(name)


_FIELDS = """
select field, value, source, rule, observed_at from {customer_fields}
where person_id = ? order by field
"""
_IDENTIFIERS = """
select n.node_type, n.node_value, n.first_observed_at, n.node_seq = m.canonical_seq as gives_id
from {identity_map} as m join {nodes} as n using (node_id)
where m.person_id = ? order by m.node_seq
"""
_EVIDENCE = """
select a.node_type || ' ' || a.node_value as one, b.node_type || ' ' || b.node_value as other,
    e.rule, e.evidence_count, e.confidence, e.status, e.reason, e.first_observed_at
from {edges} as e
join {nodes} as a on e.node_a_id = a.node_id
join {nodes} as b on e.node_b_id = b.node_id
join {identity_map} as m on e.node_a_id = m.node_id
where m.person_id = ? order by e.first_observed_at, one, other
"""
_CHANGES = """
select kind, from_person_id, to_person_id, changed_at from {identity_changes}
where to_person_id = ? order by changed_at
"""
_PERMISSIONS = """
select p.channel, c.address, p.purpose, p.brand, p.is_granted, p.stated_at, p.level,
    s.origin, s.proof
from {consent_permissions} as p
join {contact_points} as c using (contact_point_id)
left join {consent_statements} as s on p.statement_id = s.statement_id
where p.person_id = ? order by p.channel, c.address, p.purpose
"""
_SUPPRESSIONS = """
select s.scope, s.reason, s.since, c.channel, c.address
from {suppressions} as s
left join {contact_points} as c on s.contact_point_id = c.contact_point_id
left join {identity_map} as m on s.node_id = m.node_id
where coalesce(c.person_id, m.person_id) = ? order by s.since
"""
_INSTANCES = """
select instance_id, journey, correlation_key, status, step, entered_at, since, next_due_at
from {journey_states} where person_id = ? order by entered_at, journey
"""
_STEPS = """
select step_no, step, kind, reached_at, why, action from {transitions}
where instance_id = ? order by step_no
"""
_DECISIONS = """
select d.decided_at, d.journey, d.action, d.fallback_of, d.channel, d.outcome, d.reason,
    d.evaluation_no, d.message_id, d.decide_after, d.expires_at, d.consent_at,
    d.is_before_activation, d.is_superseded, d.is_already_done, d.is_expired,
    d.is_switched_off, d.is_suppressed, d.has_no_consent, d.has_no_address, d.has_open_case,
    d.is_input_stale_or_behind, d.is_quiet_hours, d.is_held_out, d.is_outranked, d.is_capped,
    d.release_id, d.card_hash
from {decisions} as d join {identity_map} as m on d.entry_node_id = m.node_id
where m.person_id = ? order by d.decided_at, d.action
"""
_MESSAGES = """
select o.message_id, o.journey, o.action, o.channel, o.destination, o.decided_at
from {outbox} as o join {identity_map} as m on o.entry_node_id = m.node_id
where m.person_id = ? order by o.decided_at
"""
