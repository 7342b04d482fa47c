select
    seq,
    override_id,
    kind,
    node_a_id,
    node_b_id,
    decided_by,
    reason,
    decided_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from {{ source('journal', 'identity_overrides') }}
