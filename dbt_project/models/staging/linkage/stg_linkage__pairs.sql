select
    least(node_a_id, node_b_id) as node_a_id,
    greatest(node_a_id, node_b_id) as node_b_id,
    confidence,
    model,
    run_id,
    proposed_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from {{ source('linkage', 'pairs') }}
