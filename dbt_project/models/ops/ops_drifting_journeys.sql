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
        end) as recent,
        sum(case
            when o.decided_at > {{ batch_time() }} - interval '1 day' then 0.0
            else 1.0
        end) as earlier
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
    {{ mix_totals('decided', 'c.journey, c.card_hash') | indent(4) }}
),

mixes as (
    select
        t.journey,
        max(t.all_recent) as last_day,
        50.0 * sum(abs(
            t.recent / t.all_recent - t.earlier / t.all_earlier
        )) as differs_by
    from totals as t
    cross join limits as l
    where t.all_recent >= l.drift_least and t.all_earlier >= l.drift_least
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

occurred as (
    select
        signal as name,
        occurred_at
    from {{ ref('signals') }}
),

{{ usual_days('occurred') }},

loud_or_silent as (
    select
        h.journey,
        h.signal,
        s.last_day,
        case
            when s.last_day > s.highest then s.highest else s.lowest
        end as usual
    from usual as s
    cross join limits as l
    inner join listened as h
        on s.name = h.signal
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
