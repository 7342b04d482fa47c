{#- Checks 9 and 10, docs/reference/decisions.md rules 12 to 17: one walk down each
    person's contestants, best first. Slots and caps are both *resources* with so
    much room: a winner takes one unit of each, whoever finds one full has lost.

    Reads the tables `contestants` (candidate_id, person_id, journey, action,
    channel, class, brand, conflict_group, own_zone, rank, priority, fallback_of,
    step_id, is_held_out) and `messages` (message_id, person_id, journey, channel,
    class, brand, conflict_group, is_in_flight, sent_at): what else they have.
    Leaves `verdicts`: candidate_id, is_active, is_outranked, outranked_by,
    is_capped, capped_by, when_full, slot_free_at, cap_free_at. -#}
{% macro contest() -%}
{#- A fallback stands directly behind the action it may have to replace. -#}
queue as {{ kept() }} (
    select
        c.*,
        w.batch_time as decided_at,
        {{ to_local_time('w.batch_time', 'c.own_zone') }} as local_now,
        p.candidate_id is not null as is_stand_in,
        dense_rank() over (order by c.person_id) as person_no,
        row_number() over (
            partition by c.person_id
            order by
                coalesce(p.rank, c.rank) desc,
                coalesce(p.priority, c.priority) desc,
                coalesce(p.candidate_id, c.candidate_id),
                p.candidate_id is not null
        ) as position
    from contestants as c
    cross join {{ source('control', 'this_window') }} as w
    left join contestants as p
        on c.step_id = p.step_id and c.fallback_of = p.action
),

wants as (
    select
        q.person_no,
        q.person_id,
        q.position,
        'slot' as kind,
        'group ' || q.conflict_group as resource,
        coalesce(s.length, interval '4 hours') as lasts,
        cast(null as varchar) as calendar_period,
        q.own_zone,
        q.decided_at,
        q.local_now,
        1 as most,
        cast(null as varchar) as when_full
    from queue as q
    left join {{ ref('stg_release__slots') }} as s
        on q.conflict_group = s.name and s.scope = 'group'
    where q.conflict_group is not null
    union all
    select
        q.person_no,
        q.person_id,
        q.position,
        'slot' as kind,
        'channel ' || q.channel as resource,
        s.length as lasts,
        cast(null as varchar) as calendar_period,
        q.own_zone,
        q.decided_at,
        q.local_now,
        1 as most,
        cast(null as varchar) as when_full
    from queue as q
    inner join {{ ref('stg_release__slots') }} as s
        on q.channel = s.name and s.scope = 'channel'
    union all
    select
        q.person_no,
        q.person_id,
        q.position,
        'cap' as kind,
        c.cap as resource,
        c.rolling_period as lasts,
        c.calendar_period,
        q.own_zone,
        q.decided_at,
        q.local_now,
        c.most,
        c.when_full
    from queue as q
    inner join {{ ref('stg_release__caps') }} as c
        on
            coalesce(c.channel, q.channel) = q.channel
            and coalesce(c.class, q.class) = q.class
            and coalesce(c.journey, q.journey) = q.journey
            and coalesce(c.brand, q.brand) = q.brand
),

{#- One row per person and resource: since when what was sent fills it. -#}
resources as {{ kept() }} (
    select
        person_no,
        person_id,
        kind,
        resource,
        most,
        when_full,
        lasts,
        calendar_period,
        own_zone,
        decided_at,
        case
            when calendar_period is null then decided_at - lasts
            else {{ first_instant_of('period_begins', 'own_zone') }}
        end as since,
        case
            when calendar_period is not null
                then {{ first_instant_of('next_period_begins', 'own_zone') }}
        end as next_begins_at
    from (
        select distinct
            person_no,
            person_id,
            kind,
            resource,
            most,
            when_full,
            lasts,
            calendar_period,
            own_zone,
            decided_at,
            {{ local_period('calendar_period', 'local_now') }} as period_begins,
            {{ next_local_period('calendar_period', 'local_now') }}
                as next_period_begins
        from wants
    ) as w
),

{#- What fills them already. A slot's span is half-open at its end, a rolling
    window at its beginning; a calendar period begins with its first instant. -#}
fillings as (
    select
        r.person_no,
        r.kind,
        r.resource,
        m.message_id,
        m.is_in_flight,
        m.sent_at
    from resources as r
    inner join messages as m
        on r.person_id = m.person_id
    left join {{ ref('stg_release__caps') }} as c
        on r.kind = 'cap' and r.resource = c.cap
    where
        (
            m.is_in_flight
            or m.sent_at > r.since
            or (r.calendar_period is not null and m.sent_at = r.since)
        )
        and (
            r.resource in (
                'group ' || m.conflict_group, 'channel ' || m.channel
            )
            or (
                r.kind = 'cap'
                and coalesce(c.channel, m.channel) = m.channel
                and coalesce(c.class, m.class) = m.class
                and coalesce(c.journey, m.journey) = m.journey
                and coalesce(c.brand, m.brand) = m.brand
            )
        )
),

filled as (
    select
        person_no,
        kind,
        resource,
        count(*) as units,
        bool_or(is_in_flight) as is_by_flight,
        min(sent_at) as first_sent_at,
        max(sent_at) as last_sent_at,
        min(message_id) as message_id
    from fillings
    group by person_no, kind, resource
),

{#- Who uses what, with the places before one's own that use it too as a set of
    bits: places beyond the last bit lose. -#}
uses as {{ kept() }} (
    select
        w.person_no,
        w.position,
        w.kind,
        w.resource,
        w.when_full,
        case
            when w.position > {{ most_contestants() }} then 0
            else w.most - coalesce(f.units, 0)
        end as room,
        coalesce(
            {{ union_of_places('w.position') }} over (
                partition by w.person_no, w.kind, w.resource
                order by w.position
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as places_before
    from wants as w
    left join filled as f
        on
            w.person_no = f.person_no
            and w.kind = f.kind
            and w.resource = f.resource
    union all
    select
        q.person_no,
        q.position,
        'slot' as kind,
        'the walk' as resource,
        cast(null as varchar) as when_full,
        case when q.position > {{ most_contestants() }} then 0 else 1 end as room,
        0 as places_before
    from queue as q
),

walk as (
    select
        u.person_no,
        u.position,
        true as is_active,
        bool_or(u.kind = 'slot' and u.room <= 0) as is_outranked,
        bool_or(u.kind = 'cap' and u.room <= 0) as is_capped,
        min(
            case
                when u.kind = 'cap' and u.room <= 0
                    then u.resource || chr(31) || u.when_full
            end
        ) as full_cap,
        max(
            case
                when not q.is_held_out and u.room > 0
                    then {{ place('q.position') }}
                else 0
            end
        ) * min(case when u.room > 0 then 1 else 0 end) as taken,
        bool_or(q.is_held_out) as is_held_out
    from queue as q
    inner join uses as u
        on q.person_no = u.person_no and q.position = u.position
    where q.position = 1
    group by u.person_no, u.position

    union all

    select
        n.person_no,
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
            q.person_no,
            q.position,
            bool_and(
                not q.is_stand_in
                or (
                    w.is_active
                    and not w.is_outranked
                    and not w.is_held_out
                    and coalesce(
                        w.full_cap like '%' || chr(31) || 'next_channel', false
                    )
                )
            ) as is_active,
            bool_or(
                u.kind = 'slot' and {{ is_full('u', 'w.taken') }}
            ) as is_outranked,
            bool_or(
                u.kind = 'cap' and {{ is_full('u', 'w.taken') }}
            ) as is_capped,
            min(
                case
                    when u.kind = 'cap' and {{ is_full('u', 'w.taken') }}
                        then u.resource || chr(31) || u.when_full
                end
            ) as full_cap,
            min(w.taken) as taken,
            bool_or(q.is_held_out) as is_held_out
        from walk as w
        inner join queue as q
            on w.person_no = q.person_no and q.position = w.position + 1
        inner join uses as u
            on q.person_no = u.person_no and q.position = u.position
        group by q.person_no, q.position
    ) as n
),

{#- Who or what holds the slots that a loser found taken, and for how long. -#}
holders as (
    select
        w.person_no,
        w.position,
        min(coalesce(h.candidate_id, f.message_id)) as outranked_by,
        max(
            case
                when h.candidate_id is not null or f.is_by_flight
                    then r.decided_at + r.lasts
                else f.last_sent_at + r.lasts
            end
        ) as slot_free_at
    from walk as w
    inner join uses as u
        on
            w.person_no = u.person_no
            and w.position = u.position
            and u.kind = 'slot'
    inner join resources as r
        on
            u.person_no = r.person_no
            and u.kind = r.kind
            and u.resource = r.resource
    left join filled as f
        on
            u.person_no = f.person_no
            and u.kind = f.kind
            and u.resource = f.resource
    left join queue as h
        on
            w.person_no = h.person_no
            and {{ is_among('h.position', 'w.taken') }}
            and {{ is_among('h.position', 'u.places_before') }}
    where
        w.is_outranked
        and (h.candidate_id is not null or f.message_id is not null)
    group by w.person_no, w.position
),

verdicts as (
    select
        q.candidate_id,
        w.is_active,
        w.is_outranked,
        w.is_capped,
        h.outranked_by,
        h.slot_free_at,
        nullif(split_part(w.full_cap, chr(31), 1), '') as capped_by,
        nullif(split_part(w.full_cap, chr(31), 2), '') as when_full,
        case
            when r.calendar_period is null
                then coalesce(f.first_sent_at, r.decided_at) + r.lasts
            else r.next_begins_at
        end as cap_free_at
    from queue as q
    inner join walk as w
        on q.person_no = w.person_no and q.position = w.position
    left join holders as h
        on w.person_no = h.person_no and w.position = h.position
    left join resources as r
        on
            w.person_no = r.person_no
            and r.kind = 'cap'
            and split_part(w.full_cap, chr(31), 1) = r.resource
    left join filled as f
        on
            r.person_no = f.person_no
            and r.kind = f.kind
            and r.resource = f.resource
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
