{#- What comes in, what is done and why, against its own past.

    Volumes: the last day against the seven before, as the policy `limits` judges them
    (`signal_factor`, `drift_least`). Mixes: the last 7 days against the 28 before by
    the population stability index, sum((a - b) * ln(a / b)) over the shares of the
    items: a shift from .1 on, a drift from .25 on (Siddiqi, Credit Risk Scorecards,
    2006). Half an item is added to each count, so that none is empty. Without any
    change the index is about (1 / n + 1 / m) times chi squared with one degree of
    freedom less than there are items (Yurdakul, 2018); what 19 of 20 such indexes stay
    below (by Wilson and Hilferty) is no finding either. -#}
with limits as (
    select
        coalesce(max(case when name = 'drift_least' then most end), 200)
            as drift_least,
        coalesce(max(case when name = 'signal_factor' then most end), 10)
            as signal_factor
    from {{ ref('stg_release__limits') }}
),

records as (
    select
        source_model,
        record_short,
        min(observed_at) as occurred_at
    from {{ ref('observations') }}
    where observed_at > {{ batch_time() }} - interval '35 days'
    group by source_model, record_short
),

occurred as (
    select
        'source ' || source_model as name,
        occurred_at
    from records
    union all
    select
        'signal ' || signal as name,
        occurred_at
    from {{ ref('signals') }}
    where occurred_at > {{ batch_time() }} - interval '35 days'
),

{{ usual_days('occurred') }},

volumes as (
    select
        'volume' as measure,
        u.name as subject,
        u.last_day as recent,
        u.highest as earlier,
        case
            when u.last_day > u.highest then u.last_day * 1.0e0 / u.highest
            when u.last_day < u.lowest
                then u.lowest * 1.0e0 / greatest(u.last_day, 1)
            else 1.0e0
        end as score,
        1.0e0 as shifts_above,
        cast(l.signal_factor as double) as drifts_above,
        cast(null as varchar) as mover,
        u.days = 7 and u.lowest >= l.drift_least as is_enough
    from usual as u
    cross join limits as l
    where u.days > 0
),

happened as (
    select
        'source_mix' as measure,
        'all sources' as subject,
        source_model as item,
        occurred_at
    from records
    union all
    select
        'signal_mix' as measure,
        'all signals' as subject,
        signal as item,
        occurred_at
    from {{ ref('signals') }}
    where occurred_at > {{ batch_time() }} - interval '35 days'
    union all
    select
        'action_mix' as measure,
        journey as subject,
        action as item,
        decided_at as occurred_at
    from {{ ref('decisions') }}
    where
        outcome in ('send', 'route', 'escalate')
        and decided_at > {{ batch_time() }} - interval '35 days'
    union all
    select
        'reason_mix' as measure,
        journey as subject,
        reason as item,
        decided_at as occurred_at
    from {{ ref('decisions') }}
    where
        not coalesce(is_before_activation, false)
        and decided_at > {{ batch_time() }} - interval '35 days'
),

counted as (
    select
        measure,
        subject,
        item,
        sum(case
            when occurred_at > {{ batch_time() }} - interval '7 days' then 1.0
            else 0.0
        end) as recent,
        sum(case
            when occurred_at > {{ batch_time() }} - interval '7 days' then 0.0
            else 1.0
        end) as earlier
    from happened
    where occurred_at <= {{ batch_time() }}
    group by measure, subject, item
),

totals as (
    {{ mix_totals('counted', 'c.measure, c.subject') | indent(4) }}
),

shares as (
    select
        *,
        count(*) over (partition by measure, subject) as items,
        (recent + 0.5) / (
            all_recent + 0.5 * count(*) over (partition by measure, subject)
        ) as recent_share,
        (earlier + 0.5) / (
            all_earlier + 0.5 * count(*) over (partition by measure, subject)
        ) as earlier_share
    from totals
),

parts as (
    select
        *,
        cast(
            (recent_share - earlier_share) * ln(recent_share / earlier_share)
            as double
        ) as part,
        row_number() over (
            partition by measure, subject
            order by
                (recent_share - earlier_share) * ln(recent_share / earlier_share)
                desc,
                item
        ) as place
    from shares
),

mixes as (
    select
        measure,
        subject,
        max(all_recent) as recent,
        max(all_earlier) as earlier,
        cast(max(items) - 1 as double) as freedom,
        sum(part) as score,
        max(case when place = 1 and part > 0 then item end) as mover
    from parts
    group by measure, subject
),

judged as (
    select
        m.*,
        case
            when m.freedom > 0 and m.recent > 0 and m.earlier > 0
                then
                    (1.0e0 / m.recent + 1.0e0 / m.earlier) * m.freedom
                    * power(
                        1 - 2 / (9 * m.freedom) + 1.644854 * sqrt(2 / (9 * m.freedom)),
                        3
                    )
            else 0.0e0
        end as by_chance,
        m.recent >= l.drift_least and m.earlier >= l.drift_least as is_enough
    from mixes as m
    cross join limits as l
),

measured as (
    select * from volumes
    union all
    select
        measure,
        subject,
        cast(recent as bigint) as recent,
        cast(earlier as bigint) as earlier,
        score,
        cast(greatest(0.1e0, by_chance) as double) as shifts_above,
        cast(greatest(0.25e0, by_chance) as double) as drifts_above,
        mover,
        is_enough
    from judged
)

select
    measure,
    subject,
    cast(recent as bigint) as recent,
    cast(earlier as bigint) as earlier,
    round(cast(score as double), 6) as score,
    round(shifts_above, 6) as shifts_above,
    round(drifts_above, 6) as drifts_above,
    mover,
    case
        when not is_enough then 'too_few'
        when score > drifts_above then 'drifted'
        when score > shifts_above then 'shifting'
        else 'steady'
    end as state
from measured
