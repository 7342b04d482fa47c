"""What is asked of public tables about one person. Each has one `?`, the person's id."""

from typing import Any

import duckdb

from baton.dbt_runner import DbtProject


class Query:
    """Runs a query about one person; `{name}` in it is the relation of that model."""

    def __init__(self, con: duckdb.DuckDBPyConnection, dbt: DbtProject, person_id: str) -> None:
        self._con, self._relations, self._person_id = con, _Relations(dbt), person_id

    def rows(self, template: str) -> list[dict[str, Any]]:
        """Return the rows, each by the names of its columns."""
        result = self._con.execute(template.format_map(self._relations), [self._person_id])
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


class _Relations(dict[str, str]):
    def __init__(self, dbt: DbtProject) -> None:
        super().__init__()
        self._dbt = dbt

    def __missing__(self, name: str) -> str:
        return self._dbt.relation(name)


FIELDS = """
select field, value, source, rule, observed_at from {customer_fields}
where person_id = ? order by field
"""
IDENTIFIERS = """
select n.node_type, n.node_value, n.first_observed_at, n.node_seq = m.canonical_seq as gives_id
from {identity_map} as m join {nodes} as n using (node_id)
where m.person_id = ? order by m.node_seq
"""
EVIDENCE = """
select a.node_type || ' ' || a.node_value as one, b.node_type || ' ' || b.node_value as other,
    e.rule, e.evidence_count, e.confidence, e.status, e.reason, e.first_observed_at
from {edges} as e
join {nodes} as a on e.node_a_id = a.node_id
join {nodes} as b on e.node_b_id = b.node_id
join {identity_map} as m on e.node_a_id = m.node_id
where m.person_id = ? order by e.first_observed_at, one, other
"""
CHANGES = """
select kind, from_person_id, to_person_id, changed_at from {identity_changes}
where kind in ('merge', 'split') and ? in (from_person_id, to_person_id)
order by changed_at
"""
PERMISSIONS = """
select p.channel, c.address, p.purpose, p.brand, p.is_granted, p.stated_at, p.level,
    p.statement_id, s.origin, s.proof, p.basis, p.reason
from {int_consent__standing_permissions} as p
join {contact_points} as c using (contact_point_id)
left join {consent_statements} as s on p.statement_id = s.statement_id
where p.person_id = ? order by p.channel, c.address, p.brand, p.purpose
"""
SUPPRESSIONS = """
select s.scope, s.reason, s.since, s.until, c.channel, c.address
from {suppressions} as s
left join {contact_points} as c on s.contact_point_id = c.contact_point_id
left join {identity_map} as m on s.node_id = m.node_id
where coalesce(c.person_id, m.person_id) = ? order by s.since
"""
INSTANCES = """
select instance_id, journey, correlation_key, status, step, step_no, entered_at, since,
    horizon_at, next_due_at
from {journey_states} where person_id = ? order by entered_at, journey, instance_id
"""
AHEAD = """
select s.instance_id, r.to_step as step, r.action, r.why, r.at_s is null as is_sure,
    s.since + to_seconds(r.after_s) as due_at
from {journey_states} as s
join {stg_release__rules} as r on s.card_hash = r.card_hash and s.step = r.leaves_step
where s.person_id = ? and s.status = 'open' and r.signal is null
order by s.instance_id, due_at, step
"""
HEARD = """
select s.signal, s.correlation_key, s.occurred_at, s.loaded_at, m.node_type
from {signals} as s
join {identity_map} as m on s.node_short = m.node_short and s.node_id = m.node_id
where m.person_id = ? order by s.occurred_at, s.signal, s.event_id
"""
STEPS = """
select instance_id, step_id, journey, correlation_key, step_no, transition_id, from_step, step,
    kind, reached_at, why, owner, respond_by, action, on_block, decided_action, outcome, reason,
    decided_at, decide_after, message_id, message_state
from {journey_steps} where person_id = ? order by instance_id, step_no
"""
GONE = """
select g.instance_id, g.journey, g.correlation_key, g.change, g.noted_at, g.into_instance_id,
    i.entered_at as into_entered_at
from (
    select *, row_number() over (partition by instance_id order by window_id desc) as recency
    from {instance_changes}
) as g
join {identity_map} as m on g.entry_node_id = m.node_id
left join {journey_states} as s on g.instance_id = s.instance_id
left join {journey_states} as i on g.into_instance_id = i.instance_id
where m.person_id = ? and g.recency = 1 and s.instance_id is null
order by g.noted_at, g.journey, g.instance_id
"""
DECISIONS = """
select d.evaluation_id, d.candidate_id, d.decided_at, d.journey, d.correlation_key, d.action,
    d.fallback_of, d.channel, d.class, d.brand, d.outcome, d.reason, d.evaluation_no, d.message_id,
    d.answered_by_message_id, d.decide_after, d.expires_at, d.consent_at,
    d.is_before_activation, d.is_superseded, d.is_already_done, d.is_expired,
    d.is_switched_off, d.is_suppressed, d.has_no_consent, d.has_no_address, d.has_open_case,
    d.is_input_stale_or_behind, d.is_quiet_hours, d.is_held_out, d.is_outranked, d.is_capped,
    d.held_out_by, d.outranked_by, d.capped_by, d.counterfactual_outcome,
    d.propensity, d.context_weight, d.lever, d.rank, d.timezone, d.timezone_source,
    d.release_id, d.card_hash
from {decisions} as d join {identity_map} as m on d.entry_node_id = m.node_id
where m.person_id = ? order by d.decided_at, d.action, d.evaluation_no
"""
RIVALS = """
with mine as (
    select d.outranked_by, d.window_id, d.decided_at
    from {decisions} as d join {identity_map} as m on d.entry_node_id = m.node_id
    where m.person_id = ? and d.outranked_by is not null
),
rivals as (
    select c.message_id as rival_id, c.* from {candidates} as c
    where c.message_id in (select outranked_by from mine)
    union all
    select c.candidate_id as rival_id, c.* from {candidates} as c
    where c.candidate_id in (select outranked_by from mine)
)
select distinct r.rival_id, r.message_id, r.candidate_id, r.action, r.journey, r.correlation_key,
    r.channel, mine.decided_at, d.rank
from rivals as r
join mine on r.rival_id = mine.outranked_by
left join {decisions} as d on r.candidate_id = d.candidate_id and mine.window_id = d.window_id
order by r.rival_id, mine.decided_at
"""
CAPS = """
select distinct p.release_id, p.row
from raw.release_policies as p
join {decisions} as d on p.release_id = d.release_id
join {identity_map} as m on d.entry_node_id = m.node_id
where m.person_id = ? and d.capped_by is not null and p.policy = 'caps'
order by p.release_id, p.row
"""
EXPERIMENTS = """
select holdout, arm, is_contaminated, assigned_at
from {holdout_members} where person_id = ? order by holdout
"""
MESSAGES = """
select o.message_id, o.instance_id, o.step_id, o.journey, o.correlation_key, o.action, o.channel,
    o.destination, d.outcome, o.decided_at
from {outbox} as o
join {decisions} as d on o.evaluation_id = d.evaluation_id
join {identity_map} as m on o.entry_node_id = m.node_id
where m.person_id = ? order by o.decided_at, o.message_id
"""
