{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='contact_point_id'
) }}

with channels as (
    select * from {{ ref('stg_release__channels') }}
    where node_type is not null
),

addresses as (
    select
        m.person_id,
        m.node_id,
        m.node_seq,
        n.node_value as address,
        c.channel
    from {{ ref('identity_map') }} as m
    inner join {{ ref('nodes') }} as n
        on m.node_seq = n.node_seq
    inner join channels as c
        on m.node_type = c.node_type
    where {{ is_touched('m.person_id', 'm.person_short') }}
),

evidence as (
    select
        o.node_seq,
        count(distinct o.source_model) as source_count,
        bool_or(
            o.source_model = 'stg_web__events'
        ) as is_verified,
        max(o.observed_at) as last_observed_at
    from {{ few_rows(
        ref('observations'), 'node_seq', 'addresses', few=is_incremental()
    ) }} as o
    group by o.node_seq
)

select
    {{ baton_id('contact_point', ['a.channel', 'a.node_id']) }}
        as contact_point_id,
    a.person_id,
    a.channel,
    a.node_id,
    a.address,
    e.is_verified,
    e.source_count,
    e.last_observed_at
from addresses as a
inner join evidence as e
    on a.node_seq = e.node_seq
