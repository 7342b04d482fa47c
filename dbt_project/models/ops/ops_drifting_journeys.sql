{#- Journeys whose last day is far from the seven before: by the mix of their actions,
    or by a signal that they listen to. The mix differs by half the sum of the
    differences of the shares, in percent, and is compared under one card; a signal
    by its count, against the lowest and the highest day. Nothing from before the
    journey was last let go again is compared. -#}
with limits as (
    select
        max(case when name = 'drift_least' then most end) as drift_least,
        max(case when name = 'mix_percent' then most end) as mix_percent,
        max(case when name = 'signal_factor' then most end) as signal_factor
    from {{ ref('stg_release__limits') }}
),

let_go as (
    select
        value as journey,
        max(set_at) as let_go_at
    from {{ ref('stg_journal__switches') }}
    where scope = 'journey' and not is_stopped
    group by value
),

decided as (
    select
        o.journey,
        o.card_hash,
        o.action,
        sum(case
            when o.decided_at > {{ batch_time() }} - interval '1 day' then 1.0
            else 0.0
        end) as of_last_day,
        sum(case
            when o.decided_at > {{ batch_time() }} - interval '1 day' then 0.0
            else 1.0
        end) as of_days_before
    from {{ ref('outbox') }} as o
    left join let_go as g
        on o.journey = g.journey
    where
        o.decided_at > {{ batch_time() }} - interval '8 days'
        and o.decided_at <= {{ batch_time() }}
        and coalesce(o.decided_at > g.let_go_at, true)
    group by o.journey, o.card_hash, o.action
),

totals as (
    select
        d.*,
        sum(d.of_last_day) over (
            partition by d.journey, d.card_hash
        ) as last_day,
        sum(d.of_days_before) over (
            partition by d.journey, d.card_hash
        ) as days_before
    from decided as d
),

mixes as (
    select
        t.journey,
        max(t.last_day) as last_day,
        50.0 * sum(abs(
            t.of_last_day / t.last_day - t.of_days_before / t.days_before
        )) as differs_by
    from totals as t
    cross join limits as l
    where t.last_day >= l.drift_least and t.days_before >= l.drift_least
    group by t.journey, t.card_hash
),

live as (
    select release_id
    from {{ ref('stg_release__live') }}
    order by seq desc
    limit 1
),

listened as (
    select distinct
        r.journey,
        r.signal
    from {{ source('control', 'release_rules') }} as r
    inner join live as l
        on r.release_id = l.release_id
    where r.signal is not null
),

heard as (
    select
        s.signal,
        {{ hours_before(batch_time(), 's.occurred_at') }} as hours_ago
    from {{ ref('signals') }} as s
    where
        s.occurred_at > {{ batch_time() }} - interval '8 days'
        and s.occurred_at <= {{ batch_time() }}
),

dated as (
    select
        signal,
        case
            when hours_ago < 24 then 0
            when hours_ago < 48 then 1
            when hours_ago < 72 then 2
            when hours_ago < 96 then 3
            when hours_ago < 120 then 4
            when hours_ago < 144 then 5
            when hours_ago < 168 then 6
            else 7
        end as days_ago
    from heard
),

days as (
    select
        signal,
        days_ago,
        count(*) as events
    from dated
    group by signal, days_ago
),

signals as (
    select
        signal,
        coalesce(max(case when days_ago = 0 then events end), 0) as last_day,
        min(case when days_ago > 0 then events end) as lowest,
        max(case when days_ago > 0 then events end) as highest,
        count(case when days_ago > 0 then 1 end) as days
    from days
    group by signal
),

loud_or_silent as (
    select
        h.journey,
        s.signal,
        s.last_day,
        case
            when s.last_day > s.highest then s.highest else s.lowest
        end as usual
    from signals as s
    cross join limits as l
    inner join listened as h
        on s.signal = h.signal
    left join let_go as g
        on h.journey = g.journey
    where
        s.days = 7
        and s.lowest >= l.drift_least
        and (
            s.last_day > l.signal_factor * s.highest
            or s.last_day * l.signal_factor < s.lowest
        )
        and coalesce(
            g.let_go_at <= {{ batch_time() }} - interval '8 days', true
        )
)

select
    m.journey,
    'mix_percent' as limit_name,
    cast(null as varchar) as signal,
    m.differs_by as number,
    l.mix_percent as most,
    m.last_day as messages
from mixes as m
cross join limits as l
where m.differs_by > l.mix_percent
union all
select
    s.journey,
    'signal_factor' as limit_name,
    s.signal,
    s.last_day as number,
    s.usual as most,
    cast(null as double) as messages
from loud_or_silent as s
