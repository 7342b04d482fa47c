{{ config(enabled=pack_is_on('intercom')) }}

{#- A conversation's opening and its parts, without notes among agents and changes of
    state. When the bot assigns it to somebody, the bot hands over. The words are not
    read: an agent's may be about anybody. -#}
with members as (
    select
        conversation_id,
        min({{ normalise_id('contact_id') }}) as contact_id,
        min(_loaded_at) as loaded_at,
        min(_loaded_seq) as loaded_seq
    from {{ source('intercom', 'conversation_contact_history') }}
    group by conversation_id
),

said as (
    select
        'conversation' as kind,
        id,
        id as conversation_id,
        source_author_type as author_type,
        source_author_id as author_id,
        'comment' as part_type,
        created_at,
        _loaded_at,
        _loaded_seq,
        _provenance
    from {{ source('intercom', 'conversation_history') }}
    where source_delivered_as is distinct from 'automated'
    union all
    select
        'part' as kind,
        id,
        conversation_id,
        author_type,
        author_id,
        case
            when part_type = 'assignment' and assigned_to_id is null
                then 'other'
            else part_type
        end as part_type,
        created_at,
        _loaded_at,
        _loaded_seq,
        _provenance
    from {{ source('intercom', 'conversation_part_history') }}
),

told as (
    select
        s.*,
        case
            when s.author_type in ('user', 'lead', 'contact') then 'customer'
            when s.author_type = 'bot' then 'bot'
            when s.author_type = 'admin' then 'agent'
        end as author,
        case
            when s.author_type in ('user', 'lead', 'contact')
                then {{ normalise_id('s.author_id') }}
            else m.contact_id
        end as contact_key,
        case
            when s.author_type in ('user', 'lead', 'contact') then s._loaded_at
            else greatest(s._loaded_at, m.loaded_at)
        end as known_at,
        case
            when s.author_type in ('user', 'lead', 'contact') then s._loaded_seq
            else greatest(s._loaded_seq, m.loaded_seq)
        end as known_seq
    from said as s
    left join members as m
        on s.conversation_id = m.conversation_id
)

select
    {{ baton_id('event', ["'intercom.' || kind", 'id']) }} as event_id,
    {{ baton_id('event', ["'intercom.' || kind", 'id']) }} as record_id,
    'intercom:' || conversation_id as conversation_id,
    author,
    case
        when author = 'bot' and part_type = 'assignment' then 'handover'
        when author = 'bot' then 'answer'
    end as intent,
    cast(null as varchar) as text,
    cast(null as json) as properties,
    {{ node_id('intercom_contact', 'contact_key') }} as node_id,
    contact_key as intercom_contact_id,
    cast(null as varchar) as contact_id,
    cast(null as varchar) as email,
    cast(null as varchar) as anonymous_id,
    least(created_at, known_at) as occurred_at,
    known_at as loaded_at,
    known_seq as loaded_seq,
    _provenance as provenance
from told
where
    author is not null
    and contact_key is not null
    and (
        part_type = 'comment' or author = 'bot' and part_type = 'assignment'
    )
