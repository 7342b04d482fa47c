{#- It is asked every minute of a continuous run: what it reads must not grow. -#}
with latencies as (
    {{ message_latencies(batch_time() ~ " - interval '2 days'") | indent(4) }}
),

hours as (
    {{ latencies_by_hour('latencies') | indent(4) }}
)

select
    channel,
    hour,
    messages,
    p50_s,
    p95_s,
    loading_p95_s,
    deciding_p95_s,
    waiting_p95_s,
    sending_p95_s
from hours
where
    not is_by_time
    and hour > {{ batch_time() }} - interval '1 day'
qualify row_number() over (partition by channel order by hour desc) = 1
