{{ config(enabled=pack_is_on('intercom')) }}

{#- What a contact's record says of its address counts once, from the first version
    that says so. -#}
with marks as (
    {% for status, mark in {
        'bounced': 'has_hard_bounced', 'complained': 'marked_email_as_spam'
    }.items() -%}
    select
        contact_id,
        email,
        '{{ status }}' as status,
        '{{ mark }}' as reason,
        min(occurred_at) as occurred_at,
        min(loaded_at) as loaded_at,
        min(loaded_seq) as loaded_seq,
        min(provenance) as provenance
    from {{ ref('stg_intercom__contacts') }}
    where {{ mark }} and email is not null
    group by contact_id, email
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    {{ baton_id('event', [
        "'intercom.contact'", 'contact_id', 'email', 'status'
    ]) }} as event_id,
    'intercom:' || contact_id || ':' || status as receipt_id,
    'intercom' as provider,
    cast(null as varchar) as message_id,
    'email' as channel,
    email as address,
    {{ node_id('email', 'email') }} as node_id,
    status,
    reason,
    cast(null as timestamp) as suppressed_until,
    occurred_at,
    loaded_at,
    loaded_seq,
    provenance
from marks
