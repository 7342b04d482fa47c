{#- What mailing tools report through the tracking API, by the names that its
    specification of e-mail events has. -#}
{% macro tracked_receipts(pack) -%}
with reports as (
    select
        *,
        case event_type
            when 'unsubscribed' then 'unsubscribed'
            when 'email_marked_as_spam' then 'complained'
        end as status
    from {{ ref('stg_' ~ pack ~ '__events') }}
)

select
    event_id,
    source_event_id as receipt_id,
    '{{ pack }}' as provider,
    cast(null as varchar) as message_id,
    'email' as channel,
    email as address,
    {{ node_id('email', 'email') }} as node_id,
    status,
    event_type as reason,
    cast(null as timestamp) as suppressed_until,
    occurred_at,
    loaded_at,
    loaded_seq,
    provenance
from reports
where status is not null and email is not null
{%- endmacro %}
