select
    case_id as subject_key,
    node_id,
    opened_at as since,
    case
        when is_deleted then opened_at
        when status = 'closed' then coalesce(closed_at, occurred_at)
        else {{ end_of_time() }}
    end as until,
    occurred_at as observed_at,
    loaded_at,
    loaded_seq
from {{ ref('stg_service__cases') }}
