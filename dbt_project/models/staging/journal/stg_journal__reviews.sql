select
    seq,
    kind,
    name,
    reviewed_by,
    note,
    reviewed_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from {{ source('journal', 'reviews') }}
