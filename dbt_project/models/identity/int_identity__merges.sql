{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='merge_id',
    enabled=packs_give('merges')
) }}

{#- What the latest version of a record tells of merges counts: one that it told of
    before and is silent about now was taken back. -#}
with told as (
    select
        cast(null as varchar) as source,
        cast(null as varchar) as told_by,
        cast(null as varchar) as node_id,
        cast(null as varchar) as merged_node_id,
        cast(null as timestamp) as occurred_at,
        cast(null as bigint) as loaded_seq
    where false
    {{ union_packs('merges', bound=in_window()) }}
),

versions as (
    select
        told_by,
        loaded_seq,
        min(occurred_at) as occurred_at
    from told
    group by told_by, loaded_seq
),

named as (
    select distinct
        source,
        told_by,
        loaded_seq,
        least(node_id, merged_node_id) as node_a_id,
        greatest(node_id, merged_node_id) as node_b_id
    from told
    where node_id is not null and merged_node_id is not null
),

pairs as (
    select
        source,
        told_by,
        node_a_id,
        node_b_id,
        false as stood
    from named
    {%- if is_incremental() %}
    union all
    select
        t.decided_by as source,
        t.told_by,
        t.node_a_id,
        t.node_b_id,
        t.kind = 'force' as stood
    from {{ this }} as t
    where t.told_by in (select v.told_by from versions as v)
    {%- endif %}
),

asked as (
    select
        source,
        told_by,
        node_a_id,
        node_b_id,
        bool_or(stood) as stood
    from pairs
    group by source, told_by, node_a_id, node_b_id
),

history as (
    select
        a.*,
        v.occurred_at,
        v.loaded_seq,
        n.told_by is not null as stands
    from asked as a
    inner join versions as v
        on a.told_by = v.told_by
    left join named as n
        on
            v.told_by = n.told_by
            and v.loaded_seq = n.loaded_seq
            and a.node_a_id = n.node_a_id
            and a.node_b_id = n.node_b_id
),

followed as (
    select
        *,
        coalesce(lag(stands) over (
            partition by told_by, node_a_id, node_b_id order by loaded_seq
        ), stood) as stood_before
    from history
),

turns as (
    select
        *,
        row_number() over (
            partition by told_by, node_a_id, node_b_id order by loaded_seq desc
        ) as recency,
        {{ short_id('node_a_id') }} as a_short,
        {{ short_id('node_b_id') }} as b_short
    from followed
    where stands <> stood_before
),

known as (
    select
        n.node_short,
        n.node_seq
    from {{ ref('nodes') }} as n
    where
        n.node_short in (
            select t.a_short from turns as t
            union all
            select t.b_short from turns as t
        )
)

select
    {{ baton_id('merge', ['t.told_by', 't.node_a_id', 't.node_b_id']) }}
        as merge_id,
    t.told_by,
    t.node_a_id,
    t.node_b_id,
    {{ pair_key('a.node_seq', 'b.node_seq') }} as pair_key,
    least(a.node_seq, b.node_seq) as low_seq,
    greatest(a.node_seq, b.node_seq) as high_seq,
    case when t.stands then 'force' else 'lifted' end as kind,
    t.source as decided_by,
    t.occurred_at as decided_at,
    t.loaded_seq,
    {{ window_id() }} as changed_window_id
from turns as t
inner join known as a
    on t.a_short = a.node_short
inner join known as b
    on t.b_short = b.node_short
where t.recency = 1
