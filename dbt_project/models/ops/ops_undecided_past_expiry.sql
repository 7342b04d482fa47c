select
    candidate_id,
    expires_at,
    reason
from {{ ref('candidates') }}
where not is_decided and expires_at <= {{ batch_time() }}
