{{ config(materialized='view', tags=['view']) }}

{#- People of households that have not bought for 28 days, whom one may mail. -#}
with lapsed as (
    select household_id
    from {{ ref('households') }}
    where last_order_at < {{ batch_time() }} - interval '28 days'
),

allowed as (
    select
        p.person_id,
        p.contact_point_id,
        cp.address,
        row_number() over (
            partition by p.person_id
            order by p.stated_at desc nulls last, p.contact_point_id
        ) as preference
    from {{ ref('int_consent__standing_permissions') }} as p
    inner join {{ ref('contact_points') }} as cp
        on p.contact_point_id = cp.contact_point_id
    inner join {{ ref('contact_point_standing') }} as s
        on p.contact_point_id = s.contact_point_id
    where
        p.is_granted
        and p.channel = 'email'
        and p.purpose = 'marketing'
        and p.brand = 'main'
        and not s.is_suppressed
),

suppressed_persons as (
    select distinct m.person_id
    from {{ ref('suppressions') }} as s
    inner join {{ ref('identity_map') }} as m
        on s.node_id = m.node_id
    where s.scope = 'person' and s.until > {{ batch_time() }}
),

{#- In the control group of a holdout that covers all journeys. #}
held_out as (
    select m.person_id
    from {{ ref('holdout_members') }} as m
    inner join {{ ref('stg_release__holdouts') }} as h
        on m.holdout = h.holdout
    where
        m.arm = 'control'
        and h.journey is null
        and coalesce(h.class, 'marketing') = 'marketing'
)

select
    c.person_id,
    a.address as email,
    c.first_name,
    c.household_id
from {{ ref('customers') }} as c
inner join lapsed as l
    on c.household_id = l.household_id
inner join allowed as a
    on c.person_id = a.person_id and a.preference = 1
where
    c.person_id not in (select x.person_id from suppressed_persons as x)
    and c.person_id not in (select x.person_id from held_out as x)
