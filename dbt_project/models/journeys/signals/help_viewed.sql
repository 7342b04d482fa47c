select
    event_id,
    node_id,
    cast(null as varchar) as correlation_key,
    occurred_at,
    loaded_at,
    loaded_seq,
    properties
from {{ ref('stg_web__events') }}
where
    event_type = 'page_view'
    and {{ json_text('properties', 'path') }} like '/help/%'
