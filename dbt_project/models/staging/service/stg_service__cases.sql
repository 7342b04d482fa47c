with source as (
    select
        *,
        _email_as_email as email_address,
        _phone_as_phone as phone_number,
        {{ normalise_id('contact_id') }} as contact_key
    from {{ source('service', 'cases') }}
)

select
    {{ baton_id('case', ["'service.cases'", 'case_id']) }} as record_id,
    case_id,
    coalesce(
        {{ node_id('crm_contact', 'contact_key') }},
        {{ node_id('email', 'email_address') }},
        {{ node_id('phone', 'phone_number') }}
    ) as node_id,
    contact_key as contact_id,
    email_address as email,
    phone_number as phone,
    topic,
    status,
    priority,
    opened_at,
    closed_at,
    least(updated_at, _loaded_at) as occurred_at,
    _deleted as is_deleted,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
{{ union_packs('cases') }}
