{#- Checks 9 and 10, docs/reference/decisions.md rules 12 to 17: one walk down each
    person's contestants, best first. Slots and caps are both *resources* with so
    much room: a winner takes one unit of each, whoever finds one full has lost.
    Persons, places and resources are numbers, caps by name, so that the walk is
    over numbers alone.

    Reads the tables `contestants` (candidate_id, person_short, journey, action,
    channel, class, brand, conflict_group, own_zone, rank, priority, fallback_of,
    step_id, is_held_out) and `messages` (message_id, person_short, journey, channel,
    class, brand, conflict_group, is_in_flight, sent_at): what else they have.
    Leaves `verdicts`: candidate_id, is_active, is_outranked, outranked_by,
    is_capped, capped_by, when_full, slot_free_at, cap_free_at, and what its rank is
    made of. -#}
{% macro contest() -%}
{#- A fallback stands directly behind the action it may have to replace. -#}
queue as {{ kept() }} (
    select
        c.*,
        p.candidate_id is not null as is_stand_in,
        row_number() over (
            partition by c.person_short
            order by
                coalesce(p.rank, c.rank) desc,
                coalesce(p.priority, c.priority) desc,
                coalesce(p.candidate_id, c.candidate_id),
                p.candidate_id is not null
        ) as position
    from contestants as c
    left join contestants as p
        on c.step_id = p.step_id and c.fallback_of = p.action
),

slots as {{ kept() }} (
    select * from {{ ref('stg_release__slots') }}
),

resources as {{ kept() }} (
    select
        r.*,
        w.batch_time,
        row_number() over (order by r.kind, r.name, r.holds) as resource_no
    from (
        select
            'slot' as kind,
            'group' as holds,
            g.conflict_group as name,
            coalesce(s.length, interval '4 hours') as lasts,
            cast(null as varchar) as calendar_period,
            cast(null as varchar) as channel,
            cast(null as varchar) as class,
            cast(null as varchar) as journey,
            cast(null as varchar) as brand,
            1 as most,
            cast(null as varchar) as when_full
        from (
            select distinct q.conflict_group from queue as q
            where q.conflict_group is not null
        ) as g
        left join slots as s
            on g.conflict_group = s.name and s.scope = 'group'
        union all
        select
            'slot' as kind,
            'channel' as holds,
            name,
            length as lasts,
            cast(null as varchar) as calendar_period,
            name as channel,
            cast(null as varchar) as class,
            cast(null as varchar) as journey,
            cast(null as varchar) as brand,
            1 as most,
            cast(null as varchar) as when_full
        from slots
        where scope = 'channel'
        union all
        select
            'cap' as kind,
            'cap' as holds,
            cap as name,
            rolling_period as lasts,
            calendar_period,
            channel,
            class,
            journey,
            brand,
            most,
            when_full
        from caps
    ) as r
    cross join moment as w
),

{#- Which resources a message of this kind uses. -#}
kinds as (
    select distinct
        conflict_group,
        channel,
        class,
        journey,
        brand
    from queue
    union
    select
        conflict_group,
        channel,
        class,
        journey,
        brand
    from messages
),

kind_uses as {{ kept() }} (
    select
        k.conflict_group,
        k.channel,
        k.class,
        k.journey,
        k.brand,
        r.resource_no,
        r.kind = 'slot' as is_slot,
        r.most
    from kinds as k
    inner join resources as r
        on case r.holds
            when 'group' then k.conflict_group = r.name
            when 'channel' then k.channel = r.name
            else
                coalesce(r.channel, k.channel) = k.channel
                and coalesce(r.class, k.class) = k.class
                and coalesce(r.journey, k.journey) = k.journey
                and coalesce(r.brand, k.brand) = k.brand
        end
),

wants as {{ kept() }} (
    select
        q.person_short,
        q.position,
        q.is_stand_in,
        q.is_held_out,
        k.resource_no,
        k.is_slot,
        k.most
    from queue as q
    inner join kind_uses as k
        on
            q.conflict_group is not distinct from k.conflict_group
            and q.channel = k.channel
            and q.class = k.class
            and q.journey = k.journey
            and q.brand is not distinct from k.brand
),

{#- Since when what was sent fills a resource, by zone, and when the next period begins. -#}
spans as {{ kept() }} (
    select
        resource_no,
        name,
        when_full,
        lasts,
        batch_time,
        own_zone,
        calendar_period is not null as is_calendar,
        case
            when calendar_period is null then batch_time - lasts
            else {{ first_instant_of('period_begins', 'own_zone') }}
        end as since,
        case
            when calendar_period is not null
                then {{ first_instant_of('next_period_begins', 'own_zone') }}
        end as next_begins_at
    from (
        select
            r.resource_no,
            r.name,
            r.when_full,
            r.lasts,
            r.calendar_period,
            r.batch_time,
            z.own_zone,
            {{ local_period('r.calendar_period', 'z.local_now') }} as period_begins,
            {{ next_local_period('r.calendar_period', 'z.local_now') }}
                as next_period_begins
        from resources as r
        cross join (
            select
                q.own_zone,
                {{ to_local_time('w.batch_time', 'q.own_zone') }} as local_now
            from (select distinct own_zone from queue) as q
            cross join moment as w
        ) as z
    ) as s
),

{#- What fills them already. A slot's span is half-open at its end, a rolling
    window at its beginning; a calendar period begins with its first instant. -#}
filled as {{ kept() }} (
    select
        p.person_short,
        k.resource_no,
        count(*) as units,
        bool_or(m.is_in_flight) as is_by_flight,
        min(m.sent_at) as first_sent_at,
        max(m.sent_at) as last_sent_at,
        min(m.message_id) as message_id
    from messages as m
    inner join (
        select distinct
            person_short,
            own_zone
        from queue
    ) as p
        on m.person_short = p.person_short
    inner join kind_uses as k
        on
            m.conflict_group is not distinct from k.conflict_group
            and m.channel = k.channel
            and m.class = k.class
            and m.journey = k.journey
            and m.brand is not distinct from k.brand
    inner join spans as s
        on k.resource_no = s.resource_no and p.own_zone = s.own_zone
    where
        m.is_in_flight
        or m.sent_at > s.since
        or (s.is_calendar and m.sent_at = s.since)
    group by p.person_short, k.resource_no
),

{#- Who uses what, with the places before one's own that use it too as a set of
    bits: places beyond the last bit lose. -#}
uses as {{ kept() }} (
    select
        w.person_short,
        w.position,
        w.is_stand_in,
        w.is_held_out,
        w.resource_no,
        w.is_slot,
        case
            when w.position > {{ most_contestants() }} then 0
            else w.most - coalesce(f.units, 0)
        end as room,
        a.places & ({{ place('w.position') }} - 1) as places_before
    from wants as w
    inner join (
        select
            person_short,
            resource_no,
            {{ union_of_places('position') }} as places
        from wants
        group by person_short, resource_no
    ) as a
        on w.person_short = a.person_short and w.resource_no = a.resource_no
    left join filled as f
        on w.person_short = f.person_short and w.resource_no = f.resource_no
    union all
    select
        person_short,
        position,
        is_stand_in,
        is_held_out,
        0 as resource_no,
        true as is_slot,
        case when position > {{ most_contestants() }} then 0 else 1 end as room,
        0 as places_before
    from queue
),

walk as (
    select
        person_short,
        position,
        true as is_active,
        bool_or(is_slot and room <= 0) as is_outranked,
        bool_or(not is_slot and room <= 0) as is_capped,
        min(case when not is_slot and room <= 0 then resource_no end) as full_cap,
        case
            when bool_or(is_held_out) or min(room) <= 0 then 0
            else {{ place('position') }}
        end as taken,
        bool_or(is_held_out) as is_held_out
    from uses
    where position = 1
    group by person_short, position

    union all

    select
        n.person_short,
        n.position,
        n.is_active,
        n.is_outranked,
        n.is_capped,
        n.full_cap,
        case
            when
                n.is_active
                and not n.is_held_out
                and not n.is_outranked
                and not n.is_capped
                then n.taken + {{ place('n.position') }}
            else n.taken
        end as taken,
        n.is_held_out
    from (
        select
            u.person_short,
            u.position,
            bool_and(
                not u.is_stand_in
                or (
                    w.is_active
                    and not w.is_outranked
                    and not w.is_held_out
                    and coalesce(r.when_full = 'next_channel', false)
                )
            ) as is_active,
            bool_or(u.is_slot and {{ is_full('u', 'w.taken') }})
                as is_outranked,
            bool_or(not u.is_slot and {{ is_full('u', 'w.taken') }})
                as is_capped,
            min(
                case
                    when not u.is_slot and {{ is_full('u', 'w.taken') }}
                        then u.resource_no
                end
            ) as full_cap,
            min(w.taken) as taken,
            bool_or(u.is_held_out) as is_held_out
        from walk as w
        inner join uses as u
            on w.person_short = u.person_short and u.position = w.position + 1
        left join resources as r
            on w.full_cap = r.resource_no
        group by u.person_short, u.position
    ) as n
),

outranked as (
    select
        w.person_short,
        w.position,
        w.taken,
        u.resource_no,
        u.places_before,
        r.lasts,
        r.batch_time
    from walk as w
    inner join uses as u
        on
            w.person_short = u.person_short
            and w.position = u.position
            and u.is_slot
    inner join resources as r
        on u.resource_no = r.resource_no
    where w.is_outranked
),

{#- Who or what holds the slots that a loser found taken, and for how long. -#}
holders as (
    select
        h.person_short,
        h.position,
        min(h.holder) as outranked_by,
        max(h.free_at) as slot_free_at
    from (
        select
            o.person_short,
            o.position,
            q.candidate_id as holder,
            o.batch_time + o.lasts as free_at
        from outranked as o
        inner join queue as q
            on o.person_short = q.person_short
        where {{ is_among('q.position', 'o.taken & o.places_before') }}
        union all
        select
            o.person_short,
            o.position,
            f.message_id as holder,
            case when f.is_by_flight then o.batch_time else f.last_sent_at end
            + o.lasts as free_at
        from outranked as o
        inner join filled as f
            on o.person_short = f.person_short and o.resource_no = f.resource_no
    ) as h
    group by h.person_short, h.position
),

verdicts as {{ kept() }} (
    select
        q.candidate_id,
        q.propensity,
        q.context_weight,
        q.lever,
        q.rank,
        w.is_active,
        w.is_outranked,
        w.is_capped,
        h.outranked_by,
        h.slot_free_at,
        s.name as capped_by,
        s.when_full,
        case
            when s.is_calendar then s.next_begins_at
            else coalesce(f.first_sent_at, s.batch_time) + s.lasts
        end as cap_free_at
    from queue as q
    inner join walk as w
        on q.person_short = w.person_short and q.position = w.position
    left join holders as h
        on w.person_short = h.person_short and w.position = h.position
    left join spans as s
        on w.full_cap = s.resource_no and q.own_zone = s.own_zone
    left join filled as f
        on w.person_short = f.person_short and w.full_cap = f.resource_no
)
{%- endmacro %}

{#- Sets of places as bits of a number; bit 0 stays unused. -#}
{% macro most_contestants() -%}60{%- endmacro %}

{% macro place(position) -%}
  {{ return(adapter.dispatch('place', 'baton')(position)) }}
{%- endmacro %}

{% macro default__place(position) -%}
  case
    when {{ position }} <= {{ most_contestants() }}
      then shiftleft(cast(1 as bigint), cast({{ position }} as integer))
    else 0
  end
{%- endmacro %}

{% macro duckdb__place(position) -%}
  case
    when {{ position }} <= {{ most_contestants() }}
      then cast(1 as bigint) << cast({{ position }} as bigint)
    else 0
  end
{%- endmacro %}

{% macro union_of_places(position) -%}bit_or({{ place(position) }}){%- endmacro %}

{% macro is_full(use, taken) -%}
  bit_count({{ taken }} & {{ use }}.places_before) >= {{ use }}.room
{%- endmacro %}

{% macro is_among(position, places) -%}
  (({{ place(position) }}) & {{ places }}) <> 0
{%- endmacro %}

{#- Where the local day, week or month begins, and where the next one. -#}
{% macro local_period(period, local_now) -%}
  date_trunc(coalesce({{ period }}, 'day'), {{ local_now }})
{%- endmacro %}

{% macro next_local_period(period, local_now) -%}
  {{ local_period(period, local_now) }}
  + case {{ period }}
    when 'month' then interval '1 month'
    when 'week' then interval '7 days'
    else interval '1 day'
  end
{%- endmacro %}
