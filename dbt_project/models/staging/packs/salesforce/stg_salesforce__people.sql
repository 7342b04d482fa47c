{{ config(enabled=pack_is_on('salesforce')) }}

{#- A converted lead names the contact that it has become, and stays a record of its own
    with its own fields. -#}
with people as (
    {% for kind in ['contact', 'lead'] -%}
    select
        '{{ kind }}' as kind,
        {{ normalise_id('id') }} as own_key,
        {% if kind == 'contact' -%}
        {{ normalise_id('id') }} as contact_key,
        cast(null as varchar) as lead_key,
        coalesce(mailing_country_code, mailing_country) as country,
        {% else -%}
        case when is_converted then {{ normalise_id('converted_contact_id') }} end
            as contact_key,
        {{ normalise_id('id') }} as lead_key,
        coalesce(country_code, country) as country,
        {% endif -%}
        {{ normalise_id('master_record_id') }} as master_key,
        _email_as_email as email_address,
        coalesce(_mobile_phone_as_phone, _phone_as_phone) as phone_number,
        'gclid:' || {{ normalise_id('gclid_c') }} as click_key,
        first_name,
        last_name,
        coalesce(has_opted_out_of_email, false) as email_opt_out,
        coalesce(_fivetran_deleted, is_deleted, false) as is_gone,
        coalesce(last_modified_date, system_modstamp, _fivetran_synced)
            as modified_at,
        _fivetran_synced,
        _loaded_at,
        _loaded_seq
    from {{ source('salesforce', kind) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    kind,
    own_key,
    master_key,
    {{ baton_id('contact', ["'salesforce.' || kind", 'own_key']) }} as record_id,
    contact_key as contact_id,
    lead_key as lead_id,
    {{ hub_node({
        'salesforce_lead': 'lead_key', 'salesforce_contact': 'contact_key'
    }) }} as node_id,
    email_address as email,
    phone_number as phone,
    click_key as click_id,
    nullif(trim(first_name), '') as first_name,
    nullif(trim(last_name), '') as last_name,
    {{ country_code('country') }} as country,
    email_opt_out,
    is_gone as is_deleted,
    least(
        case when is_gone then _fivetran_synced else modified_at end, _loaded_at
    ) as occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from people
