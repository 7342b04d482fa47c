select
    event_id as subject_key,
    node_id,
    occurred_at as since,
    occurred_at + interval '60 days' as until,
    occurred_at as observed_at,
    loaded_at,
    loaded_seq
from {{ ref('stg_shop__orders') }}
