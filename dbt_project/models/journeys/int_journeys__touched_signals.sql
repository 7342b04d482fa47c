{{ config(materialized='table', tags=['fold']) }}

{% set steps = previous_relation('int_journeys__steps') %}
{#- What the folded persons' instances can hear: their signals, and the edges of
    their guards that the input watermark has reached, known from their own
    instant: the record that says so may be exported again at any time. -#}
with nodes as (
    select * from {{ ref('int_journeys__touched') }}
),

listened as (
    select distinct signal
    from {{ ref('stg_release__rules') }}
    where signal is not null
),

{#- Guards that a card listens to; intervals that touch are one stretch. -#}
intervals as (
    select
        n.person_no,
        g.guard,
        g.guard_interval_id,
        g.node_id,
        g.node_short,
        g.since,
        g.until,
        max(g.until) over (
            partition by n.person_no, g.guard
            order by g.since, g.until, g.guard_interval_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from {{ ref('guards') }} as g
    inner join nodes as n
        on g.node_short = n.node_short
    where
        g.since < g.until
        and g.guard in (
            select substr(l.signal, 8)
            from listened as l
            where l.signal like 'enters %' or l.signal like 'leaves %'
        )
),

stretched as (
    select
        *,
        sum(
            case when since <= covered_until then 0 else 1 end
        ) over (
            partition by person_no, guard
            order by since, until, guard_interval_id
            rows between unbounded preceding and current row
        ) as stretch
    from intervals
),

bounded as (
    select
        *,
        min(since) over (
            partition by person_no, guard, stretch
        ) as begins_at,
        max(until) over (
            partition by person_no, guard, stretch
        ) as ends_at
    from stretched
),

edges as (
    select
        *,
        'enters' as way,
        begins_at as occurred_at
    from bounded
    where since = begins_at
    union all
    select
        *,
        'leaves' as way,
        ends_at as occurred_at
    from bounded
    where until = ends_at
),

numbered_edges as (
    select
        *,
        row_number() over (
            partition by person_no, guard, stretch, way
            order by guard_interval_id
        ) as position
    from edges
    where
        occurred_at > {{ beginning_of_time() }}
        and occurred_at <= {{ input_watermark() }}
),

{#- By whose it is first: that leaves far fewer than what is listened to. -#}
told as {{ kept() if steps }} (
    select
        n.person_no,
        s.signal,
        s.event_id,
        n.node_id,
        n.node_short,
        s.correlation_key,
        s.occurred_at,
        s.loaded_at,
        s.source_priority
    from {{ few_rows(ref('signals'), 'node_short', 'nodes')
        if steps else ref('signals') }} as s
    inner join nodes as n
        on s.node_short = n.node_short
),

heard as (
    select
        t.person_no,
        t.signal,
        t.event_id,
        t.node_id,
        t.node_short,
        t.correlation_key,
        t.occurred_at,
        t.loaded_at,
        t.loaded_at as known_at,
        t.source_priority
    from told as t
    where t.signal in (select l.signal from listened as l)
    union all
    select
        person_no,
        way || ' ' || guard as signal,
        {{ baton_id('edge', ['guard_interval_id', 'way']) }} as event_id,
        node_id,
        node_short,
        cast(null as varchar) as correlation_key,
        occurred_at,
        occurred_at as loaded_at,
        occurred_at as known_at,
        1000000 as source_priority
    from numbered_edges
    where position = 1
)

select
    *,
    row_number() over (
        partition by person_no
        order by occurred_at, source_priority, event_id, signal
    ) as signal_order
from heard
