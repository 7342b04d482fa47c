{#- Eligible for a journey is who stands in it now or entered it within 30 days.
    Wanted by it is for whom it had a message to decide on in that time: what was due
    before it acted, belongs to a step that was taken back, or speaks for another
    journey's failed message, is not counted. -#}
with live as (
    select distinct c.journey
    from {{ source('control', 'release_cards') }} as c
    inner join {{ ref('stg_release__live') }} as l
        on c.release_id = l.release_id
),

eligible as (
    select distinct
        s.journey,
        s.person_id
    from {{ ref('journey_states') }} as s
    inner join live as l
        on s.journey = l.journey
    where
        s.status = 'open'
        or s.entered_at > {{ batch_time() }} - interval '30 days'
),

sizes as (
    select
        journey,
        count(*) as people
    from eligible
    group by journey
),

wanted as (
    select
        c.journey,
        m.person_id,
        c.due_at
    from {{ ref('candidates') }} as c
    inner join {{ ref('stg_release__actions') }} as a
        on c.action = a.action and a.outcome = 'send'
    inner join {{ ref('identity_map') }} as m
        on c.entry_node_id = m.node_id
    where
        c.due_at > {{ batch_time() }} - interval '30 days'
        and c.due_at <= {{ batch_time() }}
        and not coalesce(c.is_before_activation, false)
        and not coalesce(c.is_superseded, false)
        and c.recovers_instance_id is null
),

wanted_by_both as (
    select
        a.journey as journey_a,
        b.journey as journey_b,
        count(distinct a.person_id) as people
    from wanted as a
    inner join wanted as b
        on
            a.person_id = b.person_id
            and a.journey < b.journey
            and a.due_at <= b.due_at + interval '7 days'
            and b.due_at <= a.due_at + interval '7 days'
    group by a.journey, b.journey
),

shared as (
    select
        a.journey as journey_a,
        b.journey as journey_b,
        count(*) as people
    from eligible as a
    inner join eligible as b
        on a.person_id = b.person_id and a.journey < b.journey
    group by a.journey, b.journey
)

select
    s.journey_a,
    s.journey_b,
    a.people as people_a,
    b.people as people_b,
    s.people as people_both,
    s.people * 1.0e0 / (a.people + b.people - s.people) as jaccard,
    coalesce(w.people, 0) as wanted_by_both
from shared as s
inner join sizes as a
    on s.journey_a = a.journey
inner join sizes as b
    on s.journey_b = b.journey
left join wanted_by_both as w
    on s.journey_a = w.journey_a and s.journey_b = w.journey_b
