{{ config(materialized='view', tags=['view', 'fold']) }}

select
    s.instance_id,
    m.person_id,
    s.journey,
    s.correlation_key,
    s.entry_node_id,
    s.entered_at,
    s.horizon_at,
    s.step,
    s.reached_at as since,
    case s.kind when 'step' then 'open' else s.kind end as status,
    s.owner,
    s.respond_by,
    s.next_due_at,
    s.step_no,
    s.card_hash,
    s.release_id
from {{ ref('int_journeys__steps') }} as s
inner join {{ ref('identity_map') }} as m
    on s.entry_node_short = m.node_short
where s.is_current and s.is_last
