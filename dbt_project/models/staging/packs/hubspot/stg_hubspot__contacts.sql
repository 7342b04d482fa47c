{{ config(enabled=pack_is_on('hubspot')) }}

with source as (
    select
        *,
        {{ normalise_id('id') }} as contact_key,
        {{ normalise_id('property_salesforcecontactid') }} as salesforce_key,
        _property_email_as_email as email_address,
        coalesce(_property_mobilephone_as_phone, _property_phone_as_phone)
            as phone_number,
        'gclid:' || {{ normalise_id('property_hs_google_click_id') }} as click_key,
        coalesce(_fivetran_deleted, is_deleted, false) as is_gone
    from {{ source('hubspot', 'contact') }}
)

select
    {{ baton_id('contact', ["'hubspot.contact'", 'id']) }} as record_id,
    contact_key as contact_id,
    {{ node_id('hubspot_contact', 'contact_key') }} as node_id,
    salesforce_key as salesforce_contact_id,
    email_address as email,
    phone_number as phone,
    click_key as click_id,
    nullif(trim(property_firstname), '') as first_name,
    nullif(trim(property_lastname), '') as last_name,
    {{ country_code('property_hs_country_region_code') }} as country,
    {{ language_code('property_hs_language') }} as language,
    coalesce(property_hs_email_optout, false) as email_opt_out,
    property_hs_merged_object_ids as merged_ids,
    is_gone as is_deleted,
    least(
        case
            when is_gone then _fivetran_synced
            else coalesce(property_lastmodifieddate, _fivetran_synced)
        end, _loaded_at
    ) as occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from source
