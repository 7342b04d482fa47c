{{ config(materialized='table') }}

with persons as (
    select
        m.node_id,
        m.person_id
    from {{ ref('identity_map') }} as m
    where
        m.person_id in (
            select t.person_id from {{ ref('int_journeys__touched') }} as t
        )
)

select
    p.person_id,
    s.signal_id,
    s.signal,
    s.event_id,
    s.node_id,
    s.correlation_key,
    s.occurred_at,
    s.loaded_at,
    s.loaded_seq,
    row_number() over (
        partition by p.person_id
        order by s.occurred_at, s.signal, s.event_id
    ) as signal_order
from {{ ref('signals') }} as s
inner join persons as p
    on s.node_id = p.node_id
