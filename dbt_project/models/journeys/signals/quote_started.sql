select
    event_id,
    node_id,
    {{ json_text('properties', 'quote_id') }} as correlation_key,
    occurred_at,
    loaded_at,
    loaded_seq,
    properties
from {{ ref('stg_web__events') }}
where event_type = 'quote_started'
