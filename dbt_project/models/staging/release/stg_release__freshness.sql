{#- Whether the source of a signal or guard keeps the promise that the live release
    recorded: something delivered within so many seconds, be it news or not. -#}
with promises as (
    select
        case q.kind when 'signal' then q.name end as signal,
        case q.kind when 'guard' then q.name end as guard,
        q.source,
        q.fresh_within_s
    from {{ source('control', 'release_sql') }} as q
    inner join {{ ref('stg_release__live') }} as l
        on q.release_id = l.release_id
    where q.fresh_within_s is not null
),

loads as (
    select
        source,
        max(loaded_at) as loaded_at
    from {{ source('control', 'latest_deliveries') }}
    where state in ('loaded', 'partial', 'duplicate')
    group by source
)

select
    p.signal,
    p.guard,
    p.source,
    p.fresh_within_s,
    l.loaded_at as last_loaded_at,
    coalesce(
        {{ add_seconds('l.loaded_at', 'p.fresh_within_s') }} < {{ batch_time() }},
        true
    ) as is_broken
from promises as p
left join loads as l
    on p.source = l.source
