select
    seq,
    release_id,
    kind,
    active_from,
    set_by,
    approved_by,
    reason,
    recorded_at,
    _loaded_seq as loaded_seq,
    _loaded_at as loaded_at
from {{ source('journal', 'activations') }}
