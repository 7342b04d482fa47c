select
    statement_id,
    node_id,
    node_id as address_node_id,
    contact_point_id,
    true as names_address,
    channel,
    purpose,
    brand,
    granted as is_granted,
    stated_at as occurred_at,
    origin,
    proof,
    message_id,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from {{ source('journal', 'statements') }}
