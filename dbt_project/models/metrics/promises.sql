{#- Late is late whether a message was claimed late or waits for a sender still. What
    happened over an hour ago, by time, or was decided in a later window than it was
    taken in is no matter of speed, nor is what was held or taken back. -#}
with messages as (
    select
        o.message_id,
        o.channel,
        min(s.occurred_at) as occurred_at
    from {{ ref('outbox') }} as o
    inner join {{ ref('transitions') }} as t
        on o.step_id = t.step_id
    inner join {{ ref('signals') }} as s
        on
            t.cause = s.event_id
            and o.decided_at = s.loaded_at
    where
        o.decided_at > {{ batch_time() }} - interval '1 hour'
        and t.reached_at > {{ batch_time() }} - interval '1 hour'
        and s.occurred_at > {{ batch_time() }} - interval '1 hour'
    group by o.message_id, o.channel
),

events as (
    select
        message_id,
        min(case when state = 'claimed' then occurred_at end) as claimed_at,
        count(case when state in ('held', 'cancelled') then 1 end) as halts
    from {{ ref('stg_journal__message_events') }}
    where occurred_at > {{ batch_time() }} - interval '1 hour'
    group by message_id
),

ages as (
    select
        m.channel,
        {{ seconds_between(
            'm.occurred_at', 'coalesce(e.claimed_at, ' ~ batch_time() ~ ')'
        ) }} as claimed_s
    from messages as m
    left join events as e
        on m.message_id = e.message_id
    where coalesce(e.halts, 0) = 0
),

of_channels as (
    select
        channel,
        count(*) as messages,
        {{ quantile('claimed_s', 0.95) }} as p95_s
    from ages
    group by channel
),

channels as (
    select distinct channel from {{ ref('stg_release__actions') }}
),

claims as (
    select
        c.channel,
        a.messages,
        a.p95_s,
        coalesce(p.p95_s, d.p95_s) as promised_s
    from channels as c
    left join of_channels as a
        on c.channel = a.channel
    left join {{ ref('stg_release__latency_promises') }} as p
        on c.channel = p.channel
    left join {{ ref('stg_release__latency_promises') }} as d
        on d.channel is null
    where coalesce(p.p95_s, d.p95_s) is not null
),

inputs as (
    select
        source,
        cast(min(fresh_within_s) as double) as promised_s,
        {{ seconds_between('max(last_loaded_at)', batch_time()) }} as age_s
    from {{ ref('stg_release__freshness') }}
    group by source
)

select
    'claimed' as promise,
    channel as subject,
    promised_s,
    cast(p95_s as double) as measured_s,
    coalesce(messages, 0) as messages,
    coalesce(p95_s > promised_s, false) as is_broken
from claims
union all
select
    'delivered' as promise,
    source as subject,
    promised_s,
    age_s as measured_s,
    cast(null as bigint) as messages,
    coalesce(age_s > promised_s, true) as is_broken
from inputs
