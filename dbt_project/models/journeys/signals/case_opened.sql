select
    {{ baton_id('event', ["'service.cases'", 'case_id', "'opened'"]) }}
        as event_id,
    node_id,
    cast(null as varchar) as correlation_key,
    least(opened_at, loaded_at) as occurred_at,
    loaded_at,
    loaded_seq,
    cast(null as json) as properties
from {{ ref('stg_service__cases') }}
where opened_at is not null and not is_deleted
