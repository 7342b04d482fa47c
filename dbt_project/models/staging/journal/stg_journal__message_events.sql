{#- Calls by which tools are told to erase somebody are no messages. -#}
select
    {{ baton_id('event', ["'journal.message_events'", 'message_id', 'state']) }}
        as event_id,
    seq,
    message_id,
    candidate_id,
    node_id,
    contact_point_id,
    journey,
    action,
    channel,
    destination,
    class,
    state,
    reason,
    attempt_id,
    occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from {{ source('journal', 'message_events') }}
where journey is distinct from 'erasure'
