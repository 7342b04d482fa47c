{#- A change that went live was looked at then: the time until the next review runs
    from the later of both. A journey changes with its card, all else is counted
    from the first release. -#}
with activations as (
    select
        release_id,
        min(active_from) as active_from
    from {{ ref('stg_release__activations') }}
    where kind = 'activate'
    group by release_id
),

first_release as (
    select min(active_from) as active_from from activations
),

cards as (
    select
        c.journey,
        c.card_hash,
        min(a.active_from) as active_from
    from {{ source('control', 'release_cards') }} as c
    inner join activations as a
        on c.release_id = a.release_id
    group by c.journey, c.card_hash
),

live_cards as (
    select
        c.journey,
        k.active_from
    from {{ source('control', 'release_cards') }} as c
    inner join {{ ref('stg_release__live') }} as l
        on c.release_id = l.release_id
    inner join cards as k
        on c.journey = k.journey and c.card_hash = k.card_hash
),

ranked as (
    select
        kind,
        name,
        reviewed_by,
        reviewed_at,
        row_number() over (
            partition by kind, name order by reviewed_at desc, seq desc
        ) as place
    from {{ ref('stg_journal__reviews') }}
),

counted as (
    select
        o.kind,
        o.name,
        o.owner,
        o.review_every_s,
        r.reviewed_at,
        r.reviewed_by,
        case
            when o.kind = 'journey' then c.active_from else f.active_from
        end as changed_at
    from {{ ref('ops_owners') }} as o
    cross join first_release as f
    left join live_cards as c
        on o.kind = 'journey' and o.name = c.journey
    left join ranked as r
        on o.kind = r.kind and o.name = r.name and r.place = 1
),

due as (
    select
        *,
        {{ add_seconds(
            'greatest(changed_at, coalesce(reviewed_at, changed_at))',
            'review_every_s'
        ) }} as due_at
    from counted
)

select
    kind,
    name,
    owner,
    review_every_s / 86400.0 as review_every_days,
    changed_at,
    reviewed_at,
    reviewed_by,
    due_at,
    case
        when due_at is null then 'no_cadence'
        when due_at <= {{ batch_time() }} then 'overdue'
        when due_at <= {{ batch_time() }} + interval '14 days' then 'due'
        else 'current'
    end as state
from due
