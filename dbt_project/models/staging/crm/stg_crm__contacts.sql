with source as (
    select
        *,
        {{ normalise_id('contact_id') }} as contact_key,
        _email_as_email as email_address,
        _phone_as_phone as phone_number
    from {{ source('crm', 'contacts') }}
)

select
    {{ baton_id('contact', ["'crm.contacts'", 'contact_id']) }} as record_id,
    contact_key as contact_id,
    {{ node_id('crm_contact', 'contact_key') }} as node_id,
    {{ normalise_name('first_name') }} as first_name,
    {{ normalise_name('last_name') }} as last_name,
    email_address as email,
    phone_number as phone,
    household_id,
    country,
    timezone,
    language,
    member_until,
    coalesce(do_not_contact, false) as do_not_contact,
    coalesce(deceased, false) as is_deceased,
    coalesce(email_opt_out, false) as email_opt_out,
    coalesce(sms_opt_out, false) as sms_opt_out,
    case
        when _deleted then _loaded_at
        else least(updated_at, _loaded_at)
    end as occurred_at,
    _deleted as is_deleted,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
