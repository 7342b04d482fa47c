{#- From when a card acts: the first activation of its journey, or of the
    latest release that changed the SQL of a signal or guard it names. -#}
with live as (
    select
        m.moment_seq,
        m.standing_release_id as release_id,
        e.active_from
    from {{ ref('stg_release__moments') }} as m
    inner join {{ ref('stg_release__activations') }} as e
        on m.moment_seq = e.seq
    where m.is_live
),

cards as (
    select * from {{ source('control', 'release_cards') }}
),

first_activations as (
    select
        c.journey,
        min(a.active_from) as active_from
    from live as a
    inner join cards as c
        on a.release_id = c.release_id
    group by c.journey
),

named as (
    select distinct
        card_hash,
        case
            when signal like 'enters %' or signal like 'leaves %' then 'guard'
            else 'signal'
        end as kind,
        case
            when signal like 'enters %' or signal like 'leaves %'
                then substr(signal, 8)
            else signal
        end as name
    from {{ source('control', 'release_rules') }}
    where signal is not null
    union
    select distinct
        r.card_hash,
        'guard' as kind,
        c.guard as name
    from {{ source('control', 'release_rules') }} as r
    inner join {{ source('control', 'release_conditions') }} as c
        on r.release_id = c.release_id and r.condition_id = c.condition_id
),

{#- The SQL that was live, entry by entry of the log: a withdrawal changes it
    as well. -#}
versions as (
    select
        q.kind,
        q.name,
        q.checksum,
        l.active_from,
        lag(q.checksum) over (
            partition by q.kind, q.name order by l.moment_seq
        ) as previous_checksum
    from live as l
    inner join {{ source('control', 'release_sql') }} as q
        on l.release_id = q.release_id
),

changes as (
    select
        n.card_hash,
        max(v.active_from) as active_from
    from named as n
    inner join versions as v
        on n.kind = v.kind and n.name = v.name
    where v.checksum <> v.previous_checksum
    group by n.card_hash
)

select distinct
    c.journey,
    c.card_hash,
    greatest(
        f.active_from, coalesce(h.active_from, f.active_from)
    ) as acts_from
from cards as c
inner join first_activations as f
    on c.journey = f.journey
left join changes as h
    on c.card_hash = h.card_hash
