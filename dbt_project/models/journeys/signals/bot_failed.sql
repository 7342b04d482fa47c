select
    event_id,
    node_id,
    cast(null as varchar) as correlation_key,
    occurred_at,
    loaded_at,
    loaded_seq,
    properties
from {{ ref('stg_chat__messages') }}
where author = 'bot' and intent = 'not_understood'
