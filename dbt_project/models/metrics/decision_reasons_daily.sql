select
    journey,
    action,
    outcome,
    reason,
    cast(decided_at as date) as day,
    count(*) as evaluations
from {{ ref('decisions') }}
group by journey, action, outcome, reason, cast(decided_at as date)
