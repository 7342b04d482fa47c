with source as (
    select
        *,
        _email_as_email as email_address,
        _phone_as_phone as phone_number,
        {{ normalise_id('contact_id') }} as contact_key
    from {{ source('consent', 'statements') }}
)

select
    {{ baton_id('statement', ["'consent.statements'", 'statement_id']) }}
        as statement_id,
    {{ baton_id('statement', ["'consent.statements'", 'statement_id']) }}
        as record_id,
    coalesce(
        {{ node_id('crm_contact', 'contact_key') }},
        {{ node_id('email', 'email_address') }},
        {{ node_id('phone', 'phone_number') }}
    ) as node_id,
    cast(null as varchar) as contact_point_id,
    coalesce(email, phone) is not null as names_address,
    contact_key as contact_id,
    email_address as email,
    phone_number as phone,
    channel,
    purpose,
    coalesce(brand, 'main') as brand,
    granted as is_granted,
    confirmed as is_confirmed,
    least(stated_at, _loaded_at) as occurred_at,
    valid_until,
    origin,
    proof,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
