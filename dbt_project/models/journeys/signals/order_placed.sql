select
    event_id,
    node_id,
    cast(null as varchar) as correlation_key,
    occurred_at,
    loaded_at,
    loaded_seq,
    cast(null as json) as properties
from {{ ref('stg_shop__orders') }}
