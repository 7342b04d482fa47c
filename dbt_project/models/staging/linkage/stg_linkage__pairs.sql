select
    least(node_a_id, node_b_id) as node_a_id,
    greatest(node_a_id, node_b_id) as node_b_id,
    confidence,
    model,
    run_id,
    proposed_at,
    loaded_seq
from {{ source('control', 'identity_proposals') }}
