{{ config(materialized='table') }}

{#- Passing edges of components that break a limit or hold both ends of a
    separated pair, and of those that did before, in the order in which they may
    join: never the order of loading. -#}
{% set before = previous_relation('int_identity__edges') %}

with members as (
    select * from {{ ref('int_identity__touched_components') }}
),

limits as (
    select
        node_type,
        max_per_person
    from {{ ref('stg_release__identity_rules') }}
    where max_per_person is not null
),

separated as (
    select
        low_seq,
        high_seq
    from {{ ref('int_identity__overrides') }}
    where kind = 'never'
),

contested as (
    select m.component_seq
    from members as m
    inner join limits as l
        on m.node_type = l.node_type
    group by m.component_seq, m.node_type
    having count(*) > min(l.max_per_person)
    union
    select a.component_seq
    from separated as s
    inner join members as a
        on s.low_seq = a.node_seq
    inner join members as b
        on s.high_seq = b.node_seq
    where a.component_seq = b.component_seq
),

split_before as (
    select component_seq
    from members
    where prior_canonical_seq <> prior_component_seq
),

nodes_of as (
    select
        m.node_seq,
        m.component_seq,
        c.component_seq is not null as is_contested
    from members as m
    left join contested as c
        on m.component_seq = c.component_seq
    where
        c.component_seq is not null
        or m.component_seq in (select s.component_seq from split_before as s)
),

judged as (
    select * from {{ ref('int_identity__judged_edges') }}
),

passing as (
    {%- if before %}
    select
        e.pair_key,
        e.low_seq,
        e.high_seq,
        e.tie_break,
        e.rule,
        e.evidence_count,
        e.confidence,
        e.first_observed_at
    from {{ before }} as e
    left join judged as j
        on e.pair_key = j.pair_key
    where
        e.low_seq in (select n.node_seq from nodes_of as n)
        and e.guard_reason is null
        and j.pair_key is null
    union all
    {%- endif %}
    select
        pair_key,
        low_seq,
        high_seq,
        tie_break,
        rule,
        evidence_count,
        confidence,
        first_observed_at
    from judged
    where passes
)

select
    p.pair_key,
    p.low_seq,
    p.high_seq,
    n.component_seq,
    n.is_contested,
    p.rule = 'force' as is_force,
    row_number() over (
        order by
            p.rule <> 'force',
            p.rule <> 'same_record',
            p.confidence desc,
            p.evidence_count desc,
            p.first_observed_at nulls last,
            p.tie_break,
            p.pair_key
    ) as place
from passing as p
inner join nodes_of as n
    on p.low_seq = n.node_seq
