select
    journey,
    step,
    kind,
    cast(reached_at as date) as day,
    count(distinct instance_id) as instances
from {{ ref('transitions') }}
group by journey, step, kind, cast(reached_at as date)
