{#- Journeys that decide on more messages than the policy `limits` allows: for one
    person in a day, in an hour, or in an hour against their own usual. Hours in
    which nothing was decided count as none. A journey that was let go again
    starts from nothing, and is not held against its usual for an hour. New is
    what the journal has not heard of yet; without new messages nobody is stopped. -#}
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

let_go as (
    select
        value as journey,
        max(set_at) as let_go_at
    from {{ ref('stg_journal__switches') }}
    where scope = 'journey' and not is_stopped
    group by value
),

states as (
    select
        message_id,
        arg_max(state, seq) as state
    from {{ ref('stg_journal__message_events') }}
    where occurred_at > {{ batch_time() }} - interval '8 days'
    group by message_id
),

messages as (
    select
        c.journey,
        c.entry_node_short,
        c.message_decided_at as decided_at,
        s.message_id is null as is_new,
        coalesce(c.message_decided_at > g.let_go_at, true) as is_counted,
        case
            when s.message_id is null then 0
            else {{ hours_before(batch_time(), 'c.message_decided_at') }}
        end as hours_ago
    from {{ ref('candidates') }} as c
    left join states as s
        on c.message_id = s.message_id
    left join let_go as g
        on c.journey = g.journey
    where
        c.outcome in ('send', 'route', 'escalate')
        and c.message_decided_at > {{ batch_time() }} - interval '7 days'
        and c.message_decided_at <= {{ batch_time() }}
        and coalesce(s.state, 'pending')
        not in ('cancelled', 'rejected', 'dead', 'bounced')
),

hours as (
    select
        journey,
        hours_ago,
        count(*) as all_decided,
        count(case when is_counted then 1 end) as decided,
        bool_or(is_new) as has_new
    from messages
    group by journey, hours_ago
),

{#- The middle of 168 hours, of which those not listed had none. -#}
usual as (
    select
        h.journey,
        coalesce(max(case when h.place = 84 then h.all_decided end), 0) as decided
    from (
        select
            journey,
            all_decided,
            row_number() over (
                partition by journey order by all_decided desc
            ) as place
        from hours
    ) as h
    group by h.journey
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
        and h.has_new
        and (
            h.decided > l.journey_per_hour_most
            or (
                coalesce(
                    g.let_go_at <= {{ batch_time() }} - interval '1 hour', true
                )
                and h.decided > l.journey_per_hour_factor * u.decided
                and h.decided > l.journey_per_hour_least
            )
        )
),

{#- Whoever has nothing new runs away from nothing. -#}
news as (
    select distinct entry_node_short
    from messages
    where is_counted and is_new
),

written_to as (
    select m.person_short
    from {{ identifiers('node_short', 'news', 'entry_node_short') }} as m
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
    inner join {{ identifiers('person_short', 'written_to') }} as p
        on m.entry_node_short = p.node_short
    where
        m.is_counted
        and (m.is_new or m.decided_at > {{ batch_time() }} - interval '1 day')
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
