select
    event_id as subject_key,
    node_id,
    occurred_at as since,
    {{ end_of_time() }} as until,
    occurred_at as observed_at,
    loaded_at,
    loaded_seq
from {{ ref('stg_web__events') }}
where
    event_type = 'quote_started'
    and try_cast({{ json_text('properties', 'value') }} as double) >= 500
