with source as (
    select
        *,
        {{ normalise_id('contact_id') }} as contact_key
    from {{ source('scores', 'propensities') }}
)

select
    {{ node_id('crm_contact', 'contact_key') }} as node_id,
    action,
    score,
    model,
    version,
    valid_until,
    stated_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from source
