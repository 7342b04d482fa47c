with source as (
    select
        *,
        _email_as_email as email_address,
        {{ normalise_id('user_id') }} as user_key,
        {{ normalise_id('anonymous_id') }} as anonymous_key
    from {{ source('web', 'events') }}
)

select
    {{ baton_id('event', ["'web.events'", 'event_id']) }} as event_id,
    {{ baton_id('event', ["'web.events'", 'event_id']) }} as record_id,
    event_id as source_event_id,
    event as event_type,
    coalesce(
        {{ node_id('user', 'user_key') }},
        {{ node_id('email', 'email_address') }},
        {{ node_id('anonymous', 'anonymous_key') }}
    ) as node_id,
    user_key as user_id,
    email_address as email,
    anonymous_key as anonymous_id,
    properties,
    least(occurred_at, _loaded_at) as occurred_at,
    _received_at as received_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
{{ union_packs('events') }}
