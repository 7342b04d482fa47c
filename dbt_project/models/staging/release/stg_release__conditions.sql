select distinct
    condition_id,
    guard,
    is_wanted
from {{ source('control', 'release_conditions') }}
