{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='node_seq'
) }}
-- depends_on: {{ ref('nodes') }}
-- depends_on: {{ ref('stg_release__type_rules') }}
-- depends_on: {{ ref('int_identity__loosened_nodes') }}
-- depends_on: {{ ref('int_identity__touched_nodes') }}
-- depends_on: {{ ref('int_identity__standing_edges') }}

{#- Identifiers with more neighbours than the cap of their type. One that is
    over it already is counted again only where a link may have gone, or the
    rules are others. -#}
{% set before = is_incremental() and previous_relation('int_identity__edges') %}

with caps as (
    select
        type_key,
        fanout_cap
    from {{ ref('stg_release__identity_rules') }}
    where fanout_cap is not null
),

touched as (
    select
        pair_key,
        low_seq,
        high_seq,
        low_type,
        high_type,
        reason is null and rule <> 'force' as is_open
    from {{ ref('int_identity__touched_edges') }}
),

ends as (
    select
        pair_key,
        low_seq as node_seq,
        low_type as type_key,
        is_open
    from touched
    union all
    select
        pair_key,
        high_seq as node_seq,
        high_type as type_key,
        is_open
    from touched
),

{% if before %}
standing as (
    select t.node_seq
    from {{ this }} as t
    where t.is_crowded
),

changed as (
    select count(*) as releases
    from {{ ref('stg_release__type_rules') }}
    where known_at = {{ batch_time() }} and is_changed
),

asked as (
    select
        e.node_seq,
        e.type_key
    from ends as e
    left join standing as s
        on e.node_seq = s.node_seq
    group by e.node_seq, e.type_key
    having
        bool_or(s.node_seq is null)
        or not bool_and(e.is_open)
        or (select c.releases from changed as c) > 0
    union
    select
        n.node_seq,
        r.type_key
    from {{ ref('nodes') }} as n
    inner join {{ ref('int_identity__loosened_nodes') }} as l
        on n.node_seq = l.node_seq
    left join {{ ref('stg_release__identity_rules') }} as r
        on n.node_type = r.node_type
),

capped as (
    select
        a.node_seq,
        c.fanout_cap
    from asked as a
    left join caps as c
        on a.type_key = c.type_key
),

reached as (
    select node_seq from {{ ref('int_identity__touched_nodes') }}
),

beyond as {{ kept() }} (
    select c.node_seq
    from capped as c
    left join reached as r
        on c.node_seq = r.node_seq
    where c.fanout_cap is not null and r.node_seq is null
),

around as (
    select
        pair_key,
        low_seq,
        high_seq
    from {{ ref('int_identity__standing_edges') }}
    where is_open
),

elsewhere as (
    select
        a.pair_key,
        a.low_seq as node_seq
    from around as a
    where a.low_seq in (select r.node_seq from reached as r)
    union all
    select
        a.pair_key,
        a.high_seq as node_seq
    from around as a
    where a.high_seq in (select r.node_seq from reached as r)
    union all
    select
        e.pair_key,
        e.low_seq as node_seq
    from {{ before }} as e
    where e.low_seq in {{ few_of('beyond', 'node_seq') }} and e.is_open
    union all
    select
        e.pair_key,
        e.high_seq as node_seq
    from {{ before }} as e
    where e.high_seq in {{ few_of('beyond', 'node_seq') }} and e.is_open
),

neighbours as (
    select node_seq from ends
    where is_open
    union all
    select e.node_seq
    from elsewhere as e
    left join touched as t
        on e.pair_key = t.pair_key
    where t.pair_key is null
),

counted as (
    select
        c.node_seq,
        count(n.node_seq) > min(c.fanout_cap) as is_crowded
    from capped as c
    left join neighbours as n
        on c.node_seq = n.node_seq
    group by c.node_seq
)
{% else %}
counted as (
    select
        e.node_seq,
        count(*) > min(c.fanout_cap) as is_crowded
    from ends as e
    inner join caps as c
        on e.type_key = c.type_key
    where e.is_open
    group by e.node_seq
)
{% endif %}

select
    c.node_seq,
    coalesce(c.is_crowded, false) as is_crowded,
    {{ window_id() }} as changed_window_id
from counted as c
{%- if before %}
left join standing as s
    on c.node_seq = s.node_seq
where coalesce(c.is_crowded, false) <> (s.node_seq is not null)
{%- else %}
where c.is_crowded
{%- endif %}
