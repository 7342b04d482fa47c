{#- A case that is about wanting no more messages: a no of the person to
    everything, from when the case was opened. -#}
select
    {{ baton_id('statement', ["'service.cases'", 'case_id', 'node_id']) }}
        as statement_id,
    node_id,
    cast(null as varchar) as contact_point_id,
    false as names_address,
    cast(null as varchar) as email,
    cast(null as varchar) as phone,
    'all' as channel,
    'all' as purpose,
    'all' as brand,
    false as is_granted,
    cast(null as boolean) as is_confirmed,
    least(coalesce(opened_at, occurred_at), loaded_at) as occurred_at,
    cast(null as timestamp) as valid_until,
    'service_case' as origin,
    case_id as proof,
    loaded_at,
    loaded_seq
from {{ ref('stg_service__cases') }}
where topic = 'opt_out' and not is_deleted
