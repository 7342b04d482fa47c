with source as (
    select
        *,
        case channel
            when 'email' then _address_as_email
            when 'sms' then _address_as_phone
        end as usable_address
    from {{ source('messaging', 'receipts') }}
)

select
    {{ baton_id('event', ["'messaging.receipts'", 'receipt_id']) }}
        as event_id,
    receipt_id,
    provider,
    message_id,
    channel,
    usable_address as address,
    case channel
        when 'email' then {{ node_id('email', 'usable_address') }}
        when 'sms' then {{ node_id('phone', 'usable_address') }}
    end as node_id,
    status,
    reason,
    suppressed_until,
    least(occurred_at, _loaded_at) as occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
{{ union_packs('receipts') }}
