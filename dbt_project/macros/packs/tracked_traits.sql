{#- The traits of `identify` calls. Some libraries put them under the context. -#}
{% macro tracked_traits(pack) -%}
with calls as (
    select
        *,
        {{ normalise_id('user_id') }} as user_key,
        coalesce(_email_as_email, _context_traits_email_as_email) as email_address,
        coalesce(_phone_as_phone, _context_traits_phone_as_phone) as phone_number,
        {{ normalise_id('context_device_id') }} as device_key,
        {{ normalise_id('anonymous_id') }} as anonymous_key,
        {{ click_id('coalesce(context_page_search, context_page_url)') }}
            as click_key
    from {{ source(pack, 'identifies') }}
)

select
    {{ baton_id('event', ["'" ~ pack ~ "'", 'id']) }} as record_id,
    {{ hub_node(tracked_identifiers()) }} as node_id,
    nullif(trim(coalesce(first_name, context_traits_first_name)), '')
        as first_name,
    nullif(trim(coalesce(last_name, context_traits_last_name)), '')
        as last_name,
    email_address as email,
    phone_number as phone,
    {{ country_code('coalesce(country, address_country)') }} as country,
    context_timezone as timezone,
    {{ language_code('coalesce(language, locale, context_locale)') }}
        as language,
    false as is_deleted,
    least(coalesce(timestamp, original_timestamp, received_at), _loaded_at)
        as occurred_at,
    _loaded_seq as loaded_seq
from calls
{%- endmacro %}
