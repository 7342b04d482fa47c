{{ config(enabled=pack_is_on('snowplow')) }}

{#- The properties of a self-describing event stand in a column of its schema's name. -#}
with source as (
    select
        *,
        {{ normalise_id('user_id') }} as user_key,
        {{ normalise_id('domain_userid') }} as anonymous_key,
        {{ normalise_id('network_userid') }} as network_key,
        coalesce(
            {{ click_id("'?' || page_urlquery") }}, {{ click_id('page_url') }}
        ) as click_key,
        'unstruct_event_' || replace(event_vendor, '.', '_') || '_'
        || lower(regexp_replace(event_name, '([a-z0-9])([A-Z])', '\1_\2', 'g'))
        || '_' as schema_column,
        split_part(event_version, '-', 1) as model,
        replace(event_version, '-', '_') as version
    from {{ source('snowplow', 'events') }}
),

described as (
    select
        *,
        coalesce(
            json_extract(_extra, '$.' || schema_column || model),
            json_extract(_extra, '$.' || schema_column || version)
        ) as described_by,
        json_object(
            'url', page_url, 'path', page_urlpath, 'title', page_title,
            'referrer', page_referrer, 'category', se_category,
            'action', se_action, 'label', se_label, 'property', se_property,
            'value', se_value
        ) as plain_properties
    from source
)

select
    {{ baton_id('event', ["'snowplow'", 'event_id']) }} as event_id,
    {{ baton_id('event', ["'snowplow'", 'event_id']) }} as record_id,
    event_id as source_event_id,
    {{ event_name("case event when 'struct' then se_action else event_name end") }}
        as event_type,
    {{ hub_node({
        'user': 'user_key', 'anonymous': 'coalesce(anonymous_key, network_key)',
        'click': 'click_key'
    }) }} as node_id,
    user_key as user_id,
    cast(null as varchar) as email,
    coalesce(anonymous_key, network_key) as anonymous_id,
    case when anonymous_key is not null then network_key end as network_id,
    click_key as click_id,
    case json_type(described_by)
        when 'OBJECT' then described_by
        when 'VARCHAR'
            then try_cast(json_extract_string(described_by, '$') as json)
        else json_merge_patch('{}', plain_properties)
    end as properties,
    least(
        coalesce(derived_tstamp, dvce_created_tstamp, collector_tstamp),
        _loaded_at
    ) as occurred_at,
    _received_at as received_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from described
where coalesce(event, '') <> 'page_ping'
