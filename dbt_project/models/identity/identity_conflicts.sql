{{ config(materialized='view', tags=['view']) }}

{#- What a steward should look at: where rules kept apart what evidence joins. -#}
with edges as (
    select
        pair_key,
        low_seq,
        high_seq,
        low_type,
        high_type,
        rule,
        evidence_count,
        confidence,
        guard_reason,
        reason,
        is_low_surplus,
        is_high_surplus,
        first_observed_at,
        last_observed_at
    from {{ ref('int_identity__edges') }}
),

refused as (
    select
        case when rule = 'force' then 'force_against_never' else reason end as kind,
        low_seq as node_seq,
        pair_key,
        last_observed_at
    from edges
    where guard_reason is null and reason is not null
),

crowded as (
    select
        'fanout_cap' as kind,
        c.node_seq,
        e.pair_key,
        e.last_observed_at
    from {{ ref('int_identity__crowded_nodes') }} as c
    inner join edges as e
        on c.node_seq = e.low_seq
    where c.is_crowded and e.guard_reason = 'fanout_cap'
    union all
    select
        'fanout_cap' as kind,
        c.node_seq,
        e.pair_key,
        e.last_observed_at
    from {{ ref('int_identity__crowded_nodes') }} as c
    inner join edges as e
        on c.node_seq = e.high_seq
    where c.is_crowded and e.guard_reason = 'fanout_cap'
),

ends as (
    select
        low_seq as node_seq,
        high_type as to_type,
        is_low_surplus as is_surplus,
        *
    from edges
    union all
    select
        high_seq as node_seq,
        low_type as to_type,
        is_high_surplus as is_surplus,
        *
    from edges
),

{#- An edge that lost its place to one with no more evidence for it. -#}
undecided as (
    select distinct
        'equal_evidence' as kind,
        l.node_seq,
        l.pair_key,
        l.last_observed_at
    from ends as l
    inner join ends as k
        on
            l.node_seq = k.node_seq
            and l.to_type = k.to_type
            and l.evidence_count = k.evidence_count
            and l.confidence = k.confidence
    where
        l.guard_reason = 'cardinality'
        and l.is_surplus
        and k.guard_reason is null
        and k.rule <> 'force'
),

found as (
    select * from refused
    union all
    select * from crowded
    union all
    select * from undecided
),

placed as (
    select
        f.kind,
        m.component_seq,
        count(distinct f.pair_key) as edge_count,
        min(f.node_seq) as node_seq,
        max(f.last_observed_at) as last_observed_at
    from found as f
    inner join {{ ref('identity_map') }} as m
        on f.node_seq = m.node_seq
    group by f.kind, m.component_seq
),

sizes as (
    select
        component_seq,
        count(distinct canonical_seq) as person_count
    from {{ ref('identity_map') }}
    where component_seq in (select p.component_seq from placed as p)
    group by component_seq
)

select
    {{ baton_id('identity_conflict', ['p.kind', 'o.minted_person_id']) }}
        as conflict_id,
    p.kind,
    o.minted_person_id as component_person_id,
    n.node_id,
    p.edge_count,
    s.person_count,
    p.last_observed_at
from placed as p
inner join sizes as s
    on p.component_seq = s.component_seq
inner join {{ ref('nodes') }} as o
    on p.component_seq = o.node_seq
inner join {{ ref('nodes') }} as n
    on p.node_seq = n.node_seq
