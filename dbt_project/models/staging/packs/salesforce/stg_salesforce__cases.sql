{{ config(enabled=pack_is_on('salesforce')) }}

with source as (
    select
        *,
        {{ normalise_id('contact_id') }} as contact_key,
        _supplied_email_as_email as email_address,
        _supplied_phone_as_phone as phone_number
    from {{ source('salesforce', 'case') }}
)

select
    {{ baton_id('case', ["'salesforce.case'", 'id']) }} as record_id,
    'salesforce:' || id as case_id,
    contact_key as salesforce_contact_id,
    {{ hub_node({
        'salesforce_contact': 'contact_key', 'email': 'email_address',
        'phone': 'phone_number'
    }) }} as node_id,
    cast(null as varchar) as contact_id,
    email_address as email,
    phone_number as phone,
    coalesce(type, reason) as topic,
    case when is_closed then 'closed' else 'open' end as status,
    priority,
    created_date as opened_at,
    closed_date as closed_at,
    least(
        coalesce(last_modified_date, system_modstamp, _fivetran_synced),
        _loaded_at
    ) as occurred_at,
    coalesce(_fivetran_deleted, is_deleted, false) as is_deleted,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
