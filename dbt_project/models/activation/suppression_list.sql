{{ config(materialized='view', tags=['view']) }}

select
    p.channel,
    p.address,
    min(s.reason) as reason,
    min(s.since) as since
from {{ ref('suppressions') }} as s
inner join {{ ref('contact_points') }} as p
    on s.contact_point_id = p.contact_point_id
where s.until > {{ batch_time() }}
group by p.channel, p.address
