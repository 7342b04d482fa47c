{#- Whoever opens a link that was mailed to an address has shown that it is theirs:
    a yes needs no other confirmation. What erased people have said names nobody. -#}
select
    statement_id,
    node_id,
    node_id as address_node_id,
    contact_point_id,
    true as names_address,
    cast(null as varchar) as email,
    cast(null as varchar) as phone,
    channel,
    coalesce(purpose, 'all') as purpose,
    brand,
    granted as is_granted,
    case when granted then true end as is_confirmed,
    stated_at as occurred_at,
    cast(null as timestamp) as valid_until,
    origin,
    proof,
    message_id,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from {{ source('journal', 'statements') }}
where node_id <> ''
