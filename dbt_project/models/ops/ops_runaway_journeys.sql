{#- Journeys that decide on more messages than the policy `limits` allows: for one
    person in a day, in an hour, or in an hour against their own usual. Hours in
    which nothing was decided count as none; who has just been let go again is
    not held against its usual. -#}
with limits as (
    select
        max(case when name = 'person_per_day' then most end) as person_per_day,
        max(case when name = 'journey_per_hour_most' then most end)
            as journey_per_hour_most,
        max(case when name = 'journey_per_hour_least' then most end)
            as journey_per_hour_least,
        max(case when name = 'journey_per_hour_factor' then most end)
            as journey_per_hour_factor
    from {{ ref('stg_release__limits') }}
),

messages as (
    select
        c.message_id,
        c.journey,
        c.entry_node_id,
        c.message_decided_at as decided_at,
        c.evaluated_window_id = {{ window_id() }} as is_new
    from {{ ref('candidates') }} as c
    where
        c.outcome in ('send', 'route', 'escalate')
        and c.message_decided_at > {{ batch_time() }} - interval '7 days'
        and c.message_decided_at <= {{ batch_time() }}
),

hours as (
    select
        journey,
        {{ hours_before(batch_time(), 'decided_at') }} as hours_ago,
        count(*) as decided
    from messages
    group by journey, {{ hours_before(batch_time(), 'decided_at') }}
),

{#- The middle of 168 hours, of which those not listed had none. -#}
usual as (
    select
        h.journey,
        coalesce(max(case when h.place = 84 then h.decided end), 0) as decided
    from (
        select
            journey,
            decided,
            row_number() over (
                partition by journey order by decided desc
            ) as place
        from hours
    ) as h
    group by h.journey
),

let_go as (
    select value as journey
    from {{ ref('stg_journal__switches') }}
    where
        scope = 'journey'
        and not is_stopped
        and set_at > {{ batch_time() }} - interval '1 hour'
),

too_many_an_hour as (
    select
        h.journey,
        h.decided as number,
        case
            when h.decided > l.journey_per_hour_most
                then 'journey_per_hour_most'
            else 'journey_per_hour_factor'
        end as limit_name,
        case
            when h.decided > l.journey_per_hour_most then l.journey_per_hour_most
            else greatest(
                l.journey_per_hour_factor * u.decided, l.journey_per_hour_least
            )
        end as most
    from hours as h
    cross join limits as l
    inner join usual as u
        on h.journey = u.journey
    left join let_go as g
        on h.journey = g.journey
    where
        h.hours_ago = 0
        and (
            h.decided > l.journey_per_hour_most
            or (
                g.journey is null
                and h.decided > l.journey_per_hour_factor * u.decided
                and h.decided > l.journey_per_hour_least
            )
        )
),

per_person as (
    select
        p.person_id,
        m.journey,
        count(*) as decided,
        bool_or(m.is_new) as has_new,
        sum(count(*)) over (partition by p.person_id) as number,
        row_number() over (
            partition by p.person_id
            order by bool_or(m.is_new) desc, count(*) desc, m.journey
        ) as place
    from messages as m
    inner join {{ ref('identity_map') }} as p
        on m.entry_node_id = p.node_id
    where m.decided_at > {{ batch_time() }} - interval '1 day'
    group by p.person_id, m.journey
),

too_many_a_person as (
    select
        p.journey,
        max(p.number) as number,
        'person_per_day' as limit_name,
        max(l.person_per_day) as most
    from per_person as p
    cross join limits as l
    where p.place = 1 and p.has_new and p.number > l.person_per_day
    group by p.journey
)

select
    journey,
    limit_name,
    number,
    most
from too_many_an_hour
union all
select
    journey,
    limit_name,
    number,
    most
from too_many_a_person
