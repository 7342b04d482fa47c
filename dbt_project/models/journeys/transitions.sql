{{ config(materialized='view', tags=['view', 'fold']) }}

select
    step_id,
    instance_id,
    journey,
    correlation_key,
    entry_node_id,
    entry_event_id,
    step_no,
    transition_id,
    from_step,
    step,
    kind,
    cause,
    reached_at,
    action,
    on_block,
    owner,
    respond_by,
    why,
    card_hash,
    release_id
from {{ ref('int_journeys__steps') }}
where is_current
