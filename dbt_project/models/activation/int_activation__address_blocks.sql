{{ config(materialized='view', tags=['view']) }}

{#- Every no that is about an address, and what ends one, as soon as it is
    loaded: read by the window, before anything is decided, so that nothing is
    sent meanwhile. What names a person alone counts for the addresses known of
    that person. -#}
with addresses as (
    select
        m.node_id,
        p.channel,
        p.address
    from {{ ref('identity_map') }} as m
    inner join {{ ref('contact_points') }} as p
        on m.person_id = p.person_id
),

statements as (
    select * from {{ ref('int_consent__stated') }}
    where not is_granted
),

by_address as (
    select
        channel,
        address,
        nullif(brand, 'all') as brand,
        nullif(purpose, 'all') as purpose,
        'opt_out' as kind,
        stated_at,
        loaded_seq
    from statements
    where names_address and address is not null
),

by_person as (
    select
        a.channel,
        a.address,
        nullif(s.brand, 'all') as brand,
        nullif(s.purpose, 'all') as purpose,
        'opt_out' as kind,
        s.stated_at,
        s.loaded_seq
    from statements as s
    inner join addresses as a
        on s.node_id = a.node_id and s.channel = a.channel
    where not s.names_address
),

{#- A soft bounce ends by itself, so it is left to the warehouse. -#}
by_receipt as (
    select
        channel,
        address,
        cast(null as varchar) as brand,
        cast(null as varchar) as purpose,
        case status
            when 'bounced' then 'bounce'
            when 'complained' then 'complaint'
            when 'stopped' then 'stop'
            when 'started' then 'end_of_stop'
        end as kind,
        occurred_at as stated_at,
        loaded_seq
    from {{ ref('stg_messaging__receipts') }}
    where
        address is not null
        and status in ('bounced', 'complained', 'stopped', 'started')
        and suppressed_until is null
),

by_contact as (
    select
        a.channel,
        a.address,
        cast(null as varchar) as brand,
        cast(null as varchar) as purpose,
        case when f.is_set then '' else 'end_of_' end
        || case f.flag when 'is_deceased' then 'deceased' else 'legal' end
            as kind,
        f.occurred_at as stated_at,
        f.loaded_seq
    from {{ ref('int_consent__crm_flags') }} as f
    inner join addresses as a
        on f.node_id = a.node_id
    where f.flag in ('is_deceased', 'do_not_contact')
)

select * from by_address
union all
select * from by_person
union all
select * from by_receipt
union all
select * from by_contact
