{{ config(materialized='table') }}

{#- Passing edges of components that break a limit or hold both ends of a
    separated pair, and of those that did before, in the order in which they may
    join: never the order of loading. -#}
{% set before = previous_relation('int_identity__edges') %}

{% set columns = [
    'pair_key', 'low_seq', 'high_seq', 'low_type', 'high_type', 'tie_break',
    'rule', 'evidence_count', 'confidence', 'first_observed_at',
    'last_observed_at', 'last_loaded_seq', 'is_open', 'is_low_surplus',
    'is_high_surplus', 'guard_reason'
] %}

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

nodes_of as {{ kept() }} (
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

{% if before %}
found as {{ kept() }} (
    select {{ row_place('e', 'pair_key') }} as place
    from {{ before }} as e
    where e.low_seq in {{ few_of('nodes_of', 'node_seq') }}
),

standing as {{ kept() }} (
    select e.*
    from {{ before }} as e
    where
        {{ row_place('e', 'pair_key') }} in (
            select f.place from found as f
            where f.place is not null
        )
        and e.guard_reason is null
),
{% endif %}

passing as (
    select
        {%- for column in columns %}
        j.{{ column }},
        {%- endfor %}
        true as is_judged,
        j.was_accepted,
        j.prior_reason
    from judged as j
    where j.passes
    {%- if before %}
    union all
    select
        {%- for column in columns %}
        s.{{ column }},
        {%- endfor %}
        false as is_judged,
        s.reason is null as was_accepted,
        s.reason as prior_reason
    from standing as s
    left join judged as j
        on s.pair_key = j.pair_key
    where j.pair_key is null
    {%- endif %}
)

select
    p.*,
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
