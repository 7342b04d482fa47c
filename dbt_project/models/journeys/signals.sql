{{ config(
    materialized='incremental',
    incremental_strategy='append',
    meta={'baton': {'lies_by': 'node_short'}},
    tags=['rebuilt']
) }}

with heard as (
    {{ union_signals([
        'quote_started', 'quote_submitted', 'case_opened', 'message_failed',
        'message_accepted', 'order_placed', 'product_viewed', 'help_viewed',
        'chat_asked', 'comparison_asked', 'bot_answered', 'bot_failed',
        'bot_handed_over', 'agent_answered', 'agent_asked_again'
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
        {{ short_id('signal_id') }} as signal_short,
        row_number() over (
            partition by signal_id order by loaded_seq
        ) as arrival
    from arrived
),

{#- What the history has already; mostly nothing, which the short ids tell. -#}
known as (
    {% if is_incremental() %}
    select t.signal_id
    from {{ this }} as t
    inner join (
        select distinct s.signal_short
        from {{ this }} as s
        inner join first_loaded as f
            on s.signal_short = f.signal_short
    ) as met
        on t.signal_short = met.signal_short
    {% else %}
    select cast(null as varchar) as signal_id
    {% endif %}
)

select
    f.signal_id,
    f.signal,
    f.event_id,
    f.node_id,
    {{ short_id('f.node_id') }} as node_short,
    f.correlation_key,
    f.occurred_at,
    f.loaded_at,
    f.loaded_seq,
    f.properties,
    f.source_priority,
    f.signal_short
from first_loaded as f
left join known
    on f.signal_id = known.signal_id
where f.arrival = 1 and known.signal_id is null
{%- if not is_incremental() %}
order by node_short
{%- endif %}
