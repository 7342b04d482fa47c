{{ config(materialized='view', tags=['view']) }}

{#- Every no that is about an address, as soon as it is loaded: read by the
    window, before anything is decided, so that nothing is sent meanwhile. What
    names a person alone counts for the addresses known of that person. -#}
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
    select * from {{ ref('stg_consent__statements') }}
    where not is_granted
),

by_address as (
    select
        channel,
        address,
        brand,
        purpose,
        'opt_out' as kind,
        occurred_at as stated_at,
        loaded_seq
    from statements
    where address is not null
),

by_person as (
    select
        a.channel,
        a.address,
        s.brand,
        s.purpose,
        'opt_out' as kind,
        s.occurred_at as stated_at,
        s.loaded_seq
    from statements as s
    inner join addresses as a
        on s.node_id = a.node_id and s.channel = a.channel
    where not s.names_address
),

by_receipt as (
    select
        channel,
        address,
        cast(null as varchar) as brand,
        cast(null as varchar) as purpose,
        case status
            when 'bounced' then 'bounce'
            when 'complained' then 'complaint'
            else 'stop'
        end as kind,
        occurred_at as stated_at,
        loaded_seq
    from {{ ref('stg_messaging__receipts') }}
    where
        address is not null
        and status in ('bounced', 'complained', 'stopped')
),

by_contact as (
    select
        a.channel,
        a.address,
        cast(null as varchar) as brand,
        cast(null as varchar) as purpose,
        'stop' as kind,
        c.occurred_at as stated_at,
        c.loaded_seq
    from {{ ref('stg_crm__contacts') }} as c
    inner join addresses as a
        on c.node_id = a.node_id
    where c.do_not_contact or c.is_deceased
)

select * from by_address
union all
select * from by_person
union all
select * from by_receipt
union all
select * from by_contact
