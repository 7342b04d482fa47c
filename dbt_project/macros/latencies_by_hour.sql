{#- Latency of accepted messages that nothing held, of rows as of `message_latencies`:
    rows of channel, hour of the answer and whether a timer brought them about. -#}
{% macro latencies_by_hour(latencies) -%}
select
    channel,
    date_trunc('hour', accepted_at) as hour,
    is_by_time,
    count(*) as messages,
    {{ quantile('total_s', 0.5) }} as p50_s,
    {{ quantile('total_s', 0.95) }} as p95_s,
    {{ quantile('loading_s', 0.95) }} as loading_p95_s,
    {{ quantile('deciding_s', 0.95) }} as deciding_p95_s,
    {{ quantile('waiting_s', 0.95) }} as waiting_p95_s,
    {{ quantile('sending_s', 0.95) }} as sending_p95_s
from {{ latencies }}
where accepted_at is not null and not was_held
group by channel, date_trunc('hour', accepted_at), is_by_time
{%- endmacro %}
