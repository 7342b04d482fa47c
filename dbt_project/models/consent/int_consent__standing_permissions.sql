{{ config(materialized='view', tags=['view']) }}

{#- For reading. What asks in a batch gives the macro the few rows it needs. -#}
with purposes as (
    {{ consent_purposes() | indent(4) }}
),

brands as (
    select 'main' as brand
    union
    select brand
    from {{ source('control', 'release_cards') }}
    where brand is not null
),

asked as (
    select
        p.contact_point_id,
        p.person_id,
        p.channel,
        pu.purpose,
        b.brand
    from {{ ref('contact_points') }} as p
    cross join purposes as pu
    cross join brands as b
),

standing as (
    {{ standing_permissions('asked') | indent(4) }}
)

select * from standing
