{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='signal_id'
) }}

with heard as (
    {{ union_signals([
        'quote_started', 'quote_submitted', 'case_opened', 'message_failed',
        'message_accepted'
    ]) | indent(4) }}
),

arrived as (
    select
        {{ baton_id('signal', ['event_id', 'signal']) }} as signal_id,
        *
    from heard
    where {{ in_window() }}
),

first_loaded as (
    select
        *,
        row_number() over (
            partition by signal_id order by loaded_seq
        ) as arrival
    from arrived
)

select
    f.signal_id,
    f.signal,
    f.event_id,
    f.node_id,
    f.correlation_key,
    f.occurred_at,
    f.loaded_at,
    f.loaded_seq,
    f.properties
from first_loaded as f
{% if is_incremental() %}
left join {{ this }} as known
    on f.signal_id = known.signal_id
{% endif %}
where
    f.arrival = 1
    {% if is_incremental() %}
    and (known.signal_id is null or known.loaded_seq = f.loaded_seq)
    {% endif %}
