select o.message_id
from {{ ref('outbox') }} as o
left join {{ ref('decisions') }} as d
    on
        o.evaluation_id = d.evaluation_id
        and d.outcome in ('send', 'route', 'escalate')
where d.evaluation_id is null
