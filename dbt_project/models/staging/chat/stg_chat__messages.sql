with source as (
    select
        *,
        _email_as_email as email_address,
        {{ normalise_id('contact_id') }} as contact_key,
        {{ normalise_id('anonymous_id') }} as anonymous_key
    from {{ source('chat', 'messages') }}
)

select
    {{ baton_id('event', ["'chat.messages'", 'message_id']) }} as event_id,
    {{ baton_id('event', ["'chat.messages'", 'message_id']) }} as record_id,
    conversation_id,
    author,
    intent,
    text,
    properties,
    coalesce(
        {{ node_id('crm_contact', 'contact_key') }},
        {{ node_id('email', 'email_address') }},
        {{ node_id('anonymous', 'anonymous_key') }}
    ) as node_id,
    contact_key as contact_id,
    email_address as email,
    anonymous_key as anonymous_id,
    least(occurred_at, _loaded_at) as occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
{{ union_packs('messages') }}
