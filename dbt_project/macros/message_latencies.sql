{#- From what happened to the tool's answer, message by message. Times are those of
    the clock that batches and senders go by. With `since` only of messages decided,
    and steps reached, after that time; a cause that was loaded before it is then
    taken for a timer. -#}
{% macro message_latencies(since=none) -%}
with sent as (
    select
        o.message_id,
        o.journey,
        o.action,
        o.channel,
        o.destination,
        o.decided_at,
        t.cause,
        t.reached_at
    from {{ ref('outbox') }} as o
    inner join {{ ref('transitions') }} as t
        on o.step_id = t.step_id
    {%- if since %}
    where o.decided_at > {{ since }} and t.reached_at > {{ since }}
    {%- endif %}
),

events as (
    select
        message_id,
        min(occurred_at) as handed_at,
        min(case when state = 'claimed' then occurred_at end) as claimed_at,
        min(case when state = 'accepted' then occurred_at end) as accepted_at,
        max(case when state = 'held' then 1 else 0 end) as was_held
    from {{ ref('stg_journal__message_events') }}
    {%- if since %}
    where occurred_at > {{ since }}
    {%- endif %}
    group by message_id
),

heard as (
    select
        s.event_id,
        min(s.occurred_at) as occurred_at,
        min(s.loaded_at) as loaded_at
    from {{ ref('signals') }} as s
    inner join (select distinct cause from sent) as c
        on s.event_id = c.cause
    {%- if since %}
    where s.loaded_at > {{ since }}
    {%- endif %}
    group by s.event_id
),

moments as (
    select
        m.message_id,
        m.journey,
        m.action,
        m.channel,
        m.destination,
        h.event_id is null as is_by_time,
        coalesce(h.occurred_at, m.reached_at) as occurred_at,
        coalesce(h.loaded_at, m.reached_at) as loaded_at,
        m.decided_at,
        e.handed_at,
        e.claimed_at,
        e.accepted_at,
        coalesce(e.was_held = 1, false) as was_held
    from sent as m
    left join heard as h
        on m.cause = h.event_id
    left join events as e
        on m.message_id = e.message_id
)

select
    *,
    {{ seconds_between('occurred_at', 'loaded_at') }} as loading_s,
    {{ seconds_between('loaded_at', 'decided_at') }} as deciding_s,
    {{ seconds_between('decided_at', 'claimed_at') }} as waiting_s,
    {{ seconds_between('claimed_at', 'accepted_at') }} as sending_s,
    {{ seconds_between('occurred_at', 'accepted_at') }} as total_s
from moments
{%- endmacro %}
