{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='pair_key'
) }}

{% set columns = [
    'pair_key', 'low_seq', 'high_seq', 'low_type', 'high_type', 'tie_break',
    'rule', 'evidence_count', 'confidence', 'first_observed_at',
    'last_observed_at', 'last_loaded_seq', 'is_open', 'is_low_surplus',
    'is_high_surplus', 'guard_reason'
] %}

with judged as (
    select * from {{ ref('int_identity__judged_edges') }}
),

contested as (
    select * from {{ ref('int_identity__contested_edges') }}
),

clusters as (
    select * from {{ ref('int_identity__clusters') }}
),

separated as (
    select
        a.cluster as one,
        b.cluster as other
    from {{ ref('int_identity__overrides') }} as s
    inner join clusters as a
        on s.low_seq = a.node_seq
    inner join clusters as b
        on s.high_seq = b.node_seq
    where s.kind = 'never'
),

apart as (
    select
        one,
        other
    from separated
    union
    select
        other as one,
        one as other
    from separated
),

{#- Grouped, since a comparison of both ends would be joined by. -#}
placed as (
    select
        e.pair_key,
        min(a.cluster) as one,
        min(b.cluster) as other
    from contested as e
    inner join clusters as a
        on e.low_seq = a.node_seq
    inner join clusters as b
        on e.high_seq = b.node_seq
    group by e.pair_key
),

refused as (
    select
        p.pair_key,
        case when s.one is null then 'limit' else 'never_link' end as reason
    from placed as p
    left join apart as s
        on p.one = s.one and p.other = s.other
    where p.one <> p.other
),

asked as (
    select
        {%- for column in columns %}
        j.{{ column }},
        {%- endfor %}
        true as is_judged,
        j.was_accepted,
        j.prior_reason
    from judged as j
    union all
    select
        {%- for column in columns %}
        c.{{ column }},
        {%- endfor %}
        false as is_judged,
        c.was_accepted,
        c.prior_reason
    from contested as c
    where not c.is_judged
),

settled as (
    select
        a.*,
        coalesce(a.guard_reason, r.reason) as settled_reason
    from asked as a
    left join refused as r
        on a.pair_key = r.pair_key
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    settled_reason as reason,
    was_accepted,
    {{ window_id() }} as changed_window_id
from settled
where
    (is_judged or settled_reason is distinct from prior_reason)
    and {{ is_of_whole_graph() }}
