{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='pair_key'
) }}

{#- Pairs that a model scored, once both identifiers are known. -#}
with proposed as (
    select
        p.*,
        {{ short_id('p.node_a_id') }} as a_short,
        {{ short_id('p.node_b_id') }} as b_short
    from {{ ref('stg_linkage__pairs') }} as p
    where p.loaded_seq <= {{ window_value('to_seq') }}
),

arrived as (
    select node_short
    from {{ ref('nodes') }}
    where {{ in_window('first_loaded_seq') }}
),

named as (
    {%- if is_incremental() %}
    select * from proposed
    where {{ in_this_window('loaded_seq') }}
    union
    select * from proposed
    where a_short in (select a.node_short from arrived as a)
    union
    select * from proposed
    where b_short in (select a.node_short from arrived as a)
    {%- else %}
    select * from proposed
    {%- endif %}
),

ordered as (
    select
        *,
        row_number() over (
            partition by node_a_id, node_b_id order by loaded_seq desc
        ) as recency
    from named
),

latest as (
    select * from ordered
    where recency = 1
),

known as (
    select
        n.node_short,
        n.node_seq
    from {{ ref('nodes') }} as n
    where
        n.node_short in (
            select l.a_short from latest as l
            union all
            select l.b_short from latest as l
        )
)

select
    {{ pair_key('a.node_seq', 'b.node_seq') }} as pair_key,
    least(a.node_seq, b.node_seq) as low_seq,
    greatest(a.node_seq, b.node_seq) as high_seq,
    l.confidence,
    l.model,
    l.run_id,
    l.proposed_at,
    l.loaded_seq,
    {{ window_id() }} as changed_window_id
from latest as l
inner join known as a
    on l.a_short = a.node_short
inner join known as b
    on l.b_short = b.node_short
where a.node_seq <> b.node_seq
