{{ config(materialized='view', tags=['view']) }}

{#- An opt-out field that the CRM sets is a no to everything in that channel.
    Cleared it says nothing: a yes must be stated. -#}
select
    statement_id,
    node_id,
    cast(null as varchar) as contact_point_id,
    false as names_address,
    cast(null as varchar) as email,
    cast(null as varchar) as phone,
    case flag when 'email_opt_out' then 'email' else 'sms' end as channel,
    'all' as purpose,
    'all' as brand,
    false as is_granted,
    cast(null as boolean) as is_confirmed,
    occurred_at,
    cast(null as timestamp) as valid_until,
    'crm_field' as origin,
    flag as proof,
    loaded_at,
    loaded_seq
from {{ ref('int_consent__crm_flags') }}
where is_set and flag in ('email_opt_out', 'sms_opt_out')
