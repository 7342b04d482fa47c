{{ config(materialized='view', tags=['view']) }}

{#- People of households that have not bought for 28 days, whom one may mail. -#}
with lapsed as (
    select household_id
    from {{ ref('households') }}
    where last_order_at < {{ batch_time() }} - interval '28 days'
),

reachable as (
    select
        person_id,
        address,
        row_number() over (
            partition by person_id
            order by consent_at desc nulls last, contact_point_id
        ) as preference
    from {{ ref('reachable_contact_points') }}
    where channel = 'email' and purpose = 'marketing' and brand = 'main'
)

select
    c.person_id,
    r.address as email,
    c.first_name,
    c.household_id
from {{ ref('customers') }} as c
inner join lapsed as l
    on c.household_id = l.household_id
inner join reachable as r
    on c.person_id = r.person_id and r.preference = 1
