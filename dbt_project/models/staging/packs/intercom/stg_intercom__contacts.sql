{{ config(enabled=pack_is_on('intercom')) }}

{#- A lead's `external_id` was made up by Intercom; a user's is the company's own. -#}
with source as (
    select
        *,
        {{ normalise_id('id') }} as intercom_key,
        case when role = 'user' then {{ normalise_id('external_id') }} end
            as user_key,
        _email_as_email as email_address,
        _phone_as_phone as phone_number
    from {{ source('intercom', 'contact_history') }}
)

select
    {{ baton_id('contact', ["'intercom.contact'", 'id']) }} as record_id,
    intercom_key as contact_id,
    user_key as user_id,
    {{ node_id('intercom_contact', 'intercom_key') }} as node_id,
    email_address as email,
    phone_number as phone,
    {{ country_code('coalesce(location_country_code, location_country)') }}
        as country,
    {{ language_code('coalesce(language_override, browser_language)') }}
        as language,
    coalesce(unsubscribed_from_emails, false) as email_opt_out,
    coalesce(has_hard_bounced, false) as has_hard_bounced,
    coalesce(marked_email_as_spam, false) as marked_email_as_spam,
    coalesce(_fivetran_deleted, false) as is_deleted,
    least(coalesce(updated_at, _fivetran_synced), _loaded_at) as occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
