select
    event_id,
    node_id,
    message_id as correlation_key,
    occurred_at,
    loaded_at,
    loaded_seq,
    cast(null as json) as properties
from {{ ref('stg_journal__message_events') }}
where state in ('bounced', 'dead')
