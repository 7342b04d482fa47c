{#- Nothing of them in 90 days, though 30 instances of the journey entered in that
    time or were open at its end, and 30 stood at the step or none did: fewer prove
    nothing. A cap, quiet hours, a slot
    or a limit that nobody ran into did its work, and is not listed. -#}
with live as (
    select release_id from {{ ref('stg_release__live') }}
),

cards as (
    select c.journey
    from {{ source('control', 'release_cards') }} as c
    inner join live as l
        on c.release_id = l.release_id
),

rules as (
    select r.*
    from {{ source('control', 'release_rules') }} as r
    inner join live as l
        on r.release_id = l.release_id
),

activations as (
    select
        release_id,
        min(active_from) as active_from
    from {{ ref('stg_release__activations') }}
    where kind = 'activate'
    group by release_id
),

{#- The first card of a journey is meant for all that was known before; what a later
    one added may be too young. -#}
ages as (
    select
        r.journey,
        r.transition_id,
        r.to_step,
        min(a.active_from) as known_since,
        min(min(a.active_from)) over (partition by r.journey) as first_since
    from {{ source('control', 'release_rules') }} as r
    inner join activations as a
        on r.release_id = a.release_id
    group by r.journey, r.transition_id, r.to_step
),

instances as (
    select
        s.journey,
        count(*) as instances
    from {{ ref('journey_states') }} as s
    inner join cards as c
        on s.journey = c.journey
    where
        s.status = 'open'
        or s.entered_at > {{ batch_time() }} - interval '90 days'
    group by s.journey
    having count(*) >= 30
),

taken as (
    select
        journey,
        transition_id,
        step,
        count(*) as times
    from {{ ref('transitions') }}
    where reached_at > {{ batch_time() }} - interval '90 days'
    group by journey, transition_id, step
),

stood_at as (
    select
        journey,
        step,
        sum(times) as times
    from taken
    group by journey, step
),

heard as (
    select
        signal,
        count(*) as events
    from {{ ref('signals') }}
    where occurred_at > {{ batch_time() }} - interval '90 days'
    group by signal
),

held as (
    select
        guard,
        count(*) as intervals
    from {{ ref('guards') }}
    where
        coalesce(until, {{ end_of_time() }}) > {{ batch_time() }} - interval '90 days'
        and since <= {{ batch_time() }}
    group by guard
),

dead_rules as (
    select distinct
        r.journey,
        r.transition_id,
        r.to_step,
        r.signal,
        coalesce(r.from_step, 'enter') as from_step,
        case
            when coalesce(r.from_step, 'any') = 'any' then i.instances
            else coalesce(s.times, 0)
        end as occasions
    from rules as r
    inner join instances as i
        on r.journey = i.journey
    inner join ages as g
        on
            r.journey = g.journey
            and r.transition_id = g.transition_id
            and r.to_step = g.to_step
            and (
                g.known_since = g.first_since
                or g.known_since <= {{ batch_time() }} - interval '90 days'
            )
    left join taken as t
        on
            r.journey = t.journey
            and r.transition_id = t.transition_id
            and r.to_step = t.step
    left join stood_at as s
        on r.journey = s.journey and r.from_step = s.step
    where t.transition_id is null
),

{#- Named by no live card, nor as the fallback of an action that is. -#}
named as (
    select distinct
        r.action,
        a.fallback
    from rules as r
    inner join {{ ref('stg_release__actions') }} as a
        on r.action = a.action
),

unnamed as (
    select a.action
    from {{ ref('stg_release__actions') }} as a
    left join named as n
        on a.action = n.action
    left join named as f
        on a.action = f.fallback
    where n.action is null and f.fallback is null
),

{#- By who entered, since one who waits is evaluated often and assigned once. -#}
decided as (
    select distinct
        d.journey,
        d.class,
        d.held_out_by,
        d.entry_node_id
    from {{ ref('decisions') }} as d
    where
        d.decided_at > {{ batch_time() }} - interval '90 days'
        and d.class <> 'transactional'
        and not coalesce(d.is_before_activation, false)
),

{#- So many that a holdout of this share misses all of them once in 150 cases. -#}
holdouts as (
    select
        h.holdout,
        h.share,
        count(distinct d.entry_node_id) as entrants
    from {{ ref('stg_release__holdouts') }} as h
    inner join decided as d
        on
            coalesce(h.journey, d.journey) = d.journey
            and coalesce(h.class, d.class) = d.class
    where h.share > 0
    group by h.holdout, h.share
    having count(case when d.held_out_by = h.holdout then 1 end) = 0
)

select
    'rule' as kind,
    journey,
    from_step || ' > ' || to_step || ' by ' || coalesce(signal, 'timer') as name,
    case when occasions = 0 then 'never_reached' else 'never_taken' end as reason,
    cast(occasions as bigint) as occasions
from dead_rules
where occasions = 0 or occasions >= 30
union all
select
    'signal' as kind,
    cast(null as varchar) as journey,
    q.name,
    'never_heard' as reason,
    cast(null as bigint) as occasions
from {{ source('control', 'release_sql') }} as q
inner join live as l
    on q.release_id = l.release_id
left join heard as h
    on q.name = h.signal
where q.kind = 'signal' and h.signal is null
union all
select
    'guard' as kind,
    cast(null as varchar) as journey,
    q.name,
    'never_held' as reason,
    cast(null as bigint) as occasions
from {{ source('control', 'release_sql') }} as q
inner join live as l
    on q.release_id = l.release_id
left join held as h
    on q.name = h.guard
where q.kind = 'guard' and h.guard is null
union all
select
    'action' as kind,
    cast(null as varchar) as journey,
    action as name,
    'never_named' as reason,
    cast(null as bigint) as occasions
from unnamed
union all
select
    'holdout' as kind,
    cast(null as varchar) as journey,
    holdout as name,
    'never_kept_back' as reason,
    cast(entrants as bigint) as occasions
from holdouts
where entrants * share >= 500
