{#- A wish for no more messages that was said in a chat: a no of the person, to
    everything that the message does not narrow down. -#}
select
    {{ baton_id('statement', ["'chat.messages'", 'event_id']) }}
        as statement_id,
    node_id,
    cast(null as varchar) as contact_point_id,
    false as names_address,
    cast(null as varchar) as email,
    cast(null as varchar) as phone,
    coalesce({{ json_text('properties', 'channel') }}, 'all') as channel,
    coalesce({{ json_text('properties', 'purpose') }}, 'all') as purpose,
    coalesce({{ json_text('properties', 'brand') }}, 'all') as brand,
    false as is_granted,
    cast(null as boolean) as is_confirmed,
    occurred_at,
    cast(null as timestamp) as valid_until,
    'chat_' || coalesce(author, 'unknown') as origin,
    conversation_id as proof,
    loaded_at,
    loaded_seq
from {{ ref('stg_chat__messages') }}
where intent = 'opt_out'
