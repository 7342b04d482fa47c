{{ config(materialized='table') }}

{#- Of each pair the latest decision; the journal's go before the policy's, and both
    before what was merged in a source. -#}
{% set merges_are_told = packs_give('merges') %}

with said as (
    select
        node_a_id,
        node_b_id,
        kind,
        reason,
        decided_by,
        decided_at,
        loaded_seq,
        seq
    from {{ ref('stg_journal__identity_overrides') }}
    where loaded_seq <= {{ window_value('to_seq') }}
    union all
    select
        node_a_id,
        node_b_id,
        kind,
        reason,
        'policy' as decided_by,
        cast(null as timestamp) as decided_at,
        cast(null as bigint) as loaded_seq,
        0 as seq
    from {{ ref('stg_release__identity_overrides') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by node_a_id, node_b_id order by seq desc, kind desc
        ) as recency
    from said
),

latest as (
    select
        *,
        {{ short_id('node_a_id') }} as a_short,
        {{ short_id('node_b_id') }} as b_short
    from ordered
    where recency = 1
),

known as (
    select
        n.node_short,
        n.node_seq,
        n.first_loaded_seq
    from {{ ref('nodes') }} as n
    where
        n.node_short in (
            select l.a_short from latest as l
            union all
            select l.b_short from latest as l
        )
),

changed as (
    select count(*) as releases
    from {{ ref('stg_release__link_rules') }}
    where known_at = {{ batch_time() }} and is_changed
),

{% if merges_are_told %}
merged as (
    select
        m.pair_key,
        m.low_seq,
        m.high_seq,
        m.kind,
        'merged_in_source' as reason,
        m.decided_by,
        m.decided_at,
        m.loaded_seq,
        max(m.changed_window_id) over (partition by m.pair_key)
        = {{ window_id() }} as is_changed,
        row_number() over (
            partition by m.pair_key order by m.kind, m.loaded_seq, m.merge_id
        ) as place
    from {{ ref('int_identity__merges') }} as m
),
{% endif %}

decided as (
    select
        {{ pair_key('a.node_seq', 'b.node_seq') }} as pair_key,
        least(a.node_seq, b.node_seq) as low_seq,
        greatest(a.node_seq, b.node_seq) as high_seq,
        l.kind,
        l.reason,
        l.decided_by,
        l.decided_at,
        l.loaded_seq,
        {{ in_this_window('coalesce(l.loaded_seq, 0)') }}
        or {{ in_this_window('a.first_loaded_seq') }}
        or {{ in_this_window('b.first_loaded_seq') }}
        or c.releases > 0 as is_new
    from latest as l
    inner join known as a
        on l.a_short = a.node_short
    inner join known as b
        on l.b_short = b.node_short
    cross join changed as c
    where a.node_seq <> b.node_seq
)

select * from decided
{%- if merges_are_told %}
union all
select
    m.pair_key,
    m.low_seq,
    m.high_seq,
    m.kind,
    m.reason,
    m.decided_by,
    m.decided_at,
    m.loaded_seq,
    m.is_changed or c.releases > 0 as is_new
from merged as m
cross join changed as c
left join decided as d
    on m.pair_key = d.pair_key
where m.place = 1 and d.pair_key is null
{%- endif %}
