{{ config(materialized='view', tags=['view']) }}

with suppressed_points as (
    select
        contact_point_id,
        min(reason) as reason
    from {{ ref('suppressions') }}
    where
        scope = 'contact_point'
        and since <= {{ batch_time() }}
        and until > {{ batch_time() }}
    group by contact_point_id
)

select
    p.contact_point_id,
    p.person_id,
    p.channel,
    p.is_verified,
    p.last_observed_at,
    s.reason as suppression_reason,
    s.reason is not null as is_suppressed
from {{ ref('contact_points') }} as p
left join suppressed_points as s
    on p.contact_point_id = s.contact_point_id
