{#- Who unsubscribes at a provider wants no more advertising there: a no to
    marketing and sales of every brand for that address. -#}
with unsubscribed as (
    select * from {{ ref('stg_messaging__receipts') }}
    where status = 'unsubscribed' and node_id is not null
)

{% for purpose in ['marketing', 'sales'] %}
select
    {{ baton_id('statement', [
        "'messaging.receipts'", 'receipt_id', "'" ~ purpose ~ "'"
    ]) }} as statement_id,
    node_id,
    {{ baton_id('contact_point', ['channel', 'node_id']) }} as contact_point_id,
    true as names_address,
    case channel when 'email' then address end as email,
    case channel when 'sms' then address end as phone,
    channel,
    '{{ purpose }}' as purpose,
    'all' as brand,
    false as is_granted,
    cast(null as boolean) as is_confirmed,
    occurred_at,
    cast(null as timestamp) as valid_until,
    'provider' as origin,
    coalesce(message_id, receipt_id) as proof,
    loaded_at,
    loaded_seq
from unsubscribed
{% if not loop.last %}union all{% endif %}
{% endfor %}
