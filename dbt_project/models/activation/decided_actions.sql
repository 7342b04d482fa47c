{{ config(materialized='view', tags=['view']) }}

with states as (
    select
        message_id,
        arg_max(state, seq) as state,
        max(occurred_at) as state_at
    from {{ ref('stg_journal__message_events') }}
    group by message_id
)

select
    o.message_id,
    o.candidate_id,
    o.evaluation_id,
    m.person_id,
    o.journey,
    o.correlation_key,
    o.instance_id,
    o.action,
    o.channel,
    o.destination,
    o.class,
    o.brand,
    d.outcome,
    d.reason,
    o.decided_at,
    coalesce(s.state, 'not_handed_over') as state,
    s.state_at
from {{ ref('outbox') }} as o
inner join {{ ref('decisions') }} as d
    on o.evaluation_id = d.evaluation_id
inner join {{ ref('identity_map') }} as m
    on o.entry_node_id = m.node_id
left join states as s
    on o.message_id = s.message_id
