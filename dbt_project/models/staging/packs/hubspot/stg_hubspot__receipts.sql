{{ config(enabled=pack_is_on('hubspot')) }}

{#- Of a bounce HubSpot says the category; only an address that is unknown to its
    server is gone for good. What it says of single subscriptions is not read. -#}
with events as (
    select
        e.id,
        e.type,
        e._recipient_as_email as address,
        case e.type
            when 'BOUNCE' then b.category
            when 'STATUSCHANGE' then s.portal_subscription_status
            else e.type
        end as detail,
        least(coalesce(e.created, e._fivetran_synced), e._loaded_at)
            as occurred_at,
        greatest(
            e._loaded_at, coalesce(b._loaded_at, s._loaded_at, e._loaded_at)
        ) as loaded_at,
        greatest(
            e._loaded_seq, coalesce(b._loaded_seq, s._loaded_seq, e._loaded_seq)
        ) as loaded_seq,
        e._provenance as provenance
    from {{ source('hubspot', 'email_event') }} as e
    left join {{ source('hubspot', 'email_event_bounce') }} as b
        on e.id = b.id
    left join {{ source('hubspot', 'email_event_status_change') }} as s
        on e.id = s.id
    where e.type in ('BOUNCE', 'SPAMREPORT', 'STATUSCHANGE')
),

reports as (
    select
        *,
        case
            when type = 'BOUNCE' and detail is not null then 'bounced'
            when type = 'SPAMREPORT' then 'complained'
            when detail = 'UNSUBSCRIBED' then 'unsubscribed'
        end as status
    from events
)

select
    {{ baton_id('event', ["'hubspot.email_event'", 'id']) }} as event_id,
    'hubspot:' || id as receipt_id,
    'hubspot' as provider,
    cast(null as varchar) as message_id,
    'email' as channel,
    address,
    {{ node_id('email', 'address') }} as node_id,
    status,
    lower(detail) as reason,
    case
        when status = 'bounced' and detail <> 'UNKNOWN_USER'
            then occurred_at + interval '7 days'
    end as suppressed_until,
    occurred_at,
    loaded_at,
    loaded_seq,
    provenance
from reports
where status is not null
