{#- What a card relies on: its own needs, and whatever it listens to that promises
    freshness. The stricter of need and promise counts. A field is as fresh as
    the latest of the sources that are trusted with it most. -#}
with live as (
    select release_id from {{ ref('stg_release__live') }}
),

rules as (
    select
        r.journey,
        r.signal,
        r.condition_id
    from {{ source('control', 'release_rules') }} as r
    inner join live as l
        on r.release_id = l.release_id
),

asked as (
    select
        journey,
        'signal' as kind,
        signal as name
    from rules
    where signal is not null
    union all
    select
        r.journey,
        'guard' as kind,
        c.guard as name
    from rules as r
    inner join {{ ref('stg_release__conditions') }} as c
        on r.condition_id = c.condition_id
    union all
    select
        r.journey,
        'guard' as kind,
        f.guard as name
    from rules as r
    inner join {{ ref('stg_release__freshness') }} as f
        on r.signal in ('enters ' || f.guard, 'leaves ' || f.guard)
),

loads as (
    select
        source,
        max(loaded_at) as loaded_at
    from {{ source('control', 'latest_deliveries') }}
    where state in ('loaded', 'partial', 'duplicate')
    group by source
),

promises as (
    select
        case when signal is null then 'guard' else 'signal' end as kind,
        coalesce(signal, guard) as name,
        min(fresh_within_s) as fresh_within_s,
        max(last_loaded_at) as loaded_at
    from {{ ref('stg_release__freshness') }}
    group by case when signal is null then 'guard' else 'signal' end, signal, guard
),

most_trusted as (
    select
        field,
        source,
        rank() over (partition by field order by trust) as place
    from {{ ref('stg_release__field_trust') }}
),

fields as (
    select
        'field' as kind,
        t.field as name,
        max(d.loaded_at) as loaded_at
    from most_trusted as t
    left join loads as d
        on d.source like t.source || '.%'
    where t.place = 1
    group by t.field
),

relied_on as (
    select
        journey,
        kind,
        name,
        min(fresh_within_s) as fresh_within_s
    from (
        select * from {{ ref('stg_release__needs') }}
        union all
        select
            a.journey,
            a.kind,
            a.name,
            p.fresh_within_s
        from asked as a
        inner join promises as p
            on a.kind = p.kind and a.name = p.name
    ) as said
    group by journey, kind, name
),

measured as (
    select
        r.journey,
        r.kind,
        r.name,
        cast(r.fresh_within_s as double) as fresh_within_s,
        coalesce(p.loaded_at, f.loaded_at) as loaded_at
    from relied_on as r
    left join promises as p
        on r.kind = p.kind and r.name = p.name
    left join fields as f
        on r.kind = f.kind and r.name = f.name
)

select
    journey,
    kind,
    name,
    fresh_within_s,
    cast({{ seconds_between('loaded_at', batch_time()) }} as double) as age_s,
    case
        when fresh_within_s is null then false
        else coalesce(
                {{ seconds_between('loaded_at', batch_time()) }} > fresh_within_s,
                true
            )
    end as is_broken
from measured
