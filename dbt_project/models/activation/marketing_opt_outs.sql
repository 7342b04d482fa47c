{{ config(materialized='view', tags=['view']) }}

select
    cp.channel,
    cp.address,
    p.stated_at as since
from {{ ref('int_consent__standing_permissions') }} as p
inner join {{ ref('contact_points') }} as cp
    on p.contact_point_id = cp.contact_point_id
where
    p.purpose = 'marketing'
    and p.brand = 'main'
    and p.reason = 'stated_no'
