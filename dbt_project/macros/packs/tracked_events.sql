{#- The calls of Segment's tracking API as Segment's and RudderStack's warehouses keep
    them: a table for each kind of call, and one for each event, with its properties
    as columns. `tracks` names events whose own table is not read. -#}
{% macro tracked_events(pack) -%}
{%- set calls = {
    'tracks': 'event',
    'events': 'event',
    'pages': "'page_view'",
    'screens': "'screen_view'",
    'identifies': "'identify'",
    'aliases': "'alias'"
} -%}
{%- set own_tables = [] -%}
{%- for table in var(pack ~ '_events', none) or [] -%}
  {%- do own_tables.append("'" ~ table.split('.') | last ~ "'") -%}
{%- endfor -%}
with calls as (
    {%- for call, name in calls.items() %}
    select
        id,
        {{ event_name(name) }} as event_type,
        user_id,
        {{ 'previous_id' if call == 'aliases' else 'anonymous_id' }} as anonymous_id,
        {{ 'coalesce(_email_as_email, _context_traits_email_as_email)'
            if call == 'identifies' else '_context_traits_email_as_email' }}
            as email_address,
        {{ 'coalesce(_phone_as_phone, _context_traits_phone_as_phone)'
            if call == 'identifies' else '_context_traits_phone_as_phone' }}
            as phone_number,
        context_device_id,
        coalesce(context_page_search, context_page_url) as page,
        {{ event_properties('_extra') }} as properties,
        coalesce(timestamp, original_timestamp, received_at) as occurred_at,
        _received_at,
        _loaded_at,
        _loaded_seq,
        _provenance
    from {{ source(pack, call) }}
    {%- if call == 'tracks' and own_tables %}
    where event not in ({{ own_tables | join(', ') }})
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

named as (
    select
        *,
        {{ normalise_id('user_id') }} as user_key,
        {{ normalise_id('context_device_id') }} as device_key,
        {{ normalise_id('anonymous_id') }} as anonymous_key,
        {{ click_id('page') }} as click_key
    from calls
)

select
    {{ baton_id('event', ["'" ~ pack ~ "'", 'id']) }} as event_id,
    {{ baton_id('event', ["'" ~ pack ~ "'", 'id']) }} as record_id,
    id as source_event_id,
    event_type,
    {{ hub_node(tracked_identifiers()) }} as node_id,
    user_key as user_id,
    email_address as email,
    phone_number as phone,
    device_key as device_id,
    anonymous_key as anonymous_id,
    click_key as click_id,
    properties,
    least(occurred_at, _loaded_at) as occurred_at,
    _received_at as received_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from named
{%- endmacro %}

{% macro tracked_identifiers() -%}
  {{ return({
      'user': 'user_key', 'email': 'email_address', 'phone': 'phone_number',
      'device': 'device_key', 'anonymous': 'anonymous_key', 'click': 'click_key'
  }) }}
{%- endmacro %}
