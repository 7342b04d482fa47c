{{ config(materialized='view', tags=['view']) }}

{#- Whom one may tell something by which address: consent, suppressions of the
    address and of the person, and holdouts of all journeys. -#}
with allowed as (
    select * from {{ ref('int_consent__standing_permissions') }}
    where is_granted
),

{#- In the control group of a holdout that covers all journeys; one without a
    class is about marketing. -#}
held_out as (
    select distinct
        m.person_id,
        coalesce(h.class, 'marketing') as purpose
    from {{ ref('holdout_members') }} as m
    inner join {{ ref('stg_release__holdouts') }} as h
        on m.holdout = h.holdout
    where m.arm = 'control' and h.journey is null
)

select
    a.contact_point_id,
    a.person_id,
    a.channel,
    cp.address,
    a.purpose,
    a.brand,
    a.stated_at as consent_at
from allowed as a
inner join {{ ref('contact_points') }} as cp
    on a.contact_point_id = cp.contact_point_id
inner join {{ ref('contact_point_standing') }} as s
    on a.contact_point_id = s.contact_point_id
left join held_out as h
    on a.person_id = h.person_id and a.purpose = h.purpose
where
    not s.is_suppressed
    and h.person_id is null
    and a.person_id not in (
        select x.person_id
        from {{ ref('int_activation__suppressed_persons') }} as x
    )
