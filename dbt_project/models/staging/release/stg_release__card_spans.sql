{#- Which card a journey is entered with, by when the entry became known. The
    first card also takes what was known before. -#}
with moments as (
    select
        moment_seq,
        known_at,
        lead(known_at) over (order by moment_seq) as next_known_at
    from (
        select distinct
            moment_seq,
            known_at
        from {{ ref('stg_release__moments') }}
    ) as entries
),

live as (
    select
        moment_seq,
        standing_release_id as release_id
    from {{ ref('stg_release__moments') }}
    where is_live
),

cards as (
    select * from {{ source('control', 'release_cards') }}
),

spans as (
    select
        c.journey,
        c.card_hash,
        c.release_id,
        m.known_at,
        m.next_known_at,
        row_number() over (
            partition by c.journey order by m.moment_seq
        ) as position
    from moments as m
    inner join live as l
        on m.moment_seq = l.moment_seq
    inner join cards as c
        on l.release_id = c.release_id
)

select
    journey,
    card_hash,
    release_id,
    case
        when position = 1 then {{ beginning_of_time() }} else known_at
    end as from_at,
    coalesce(next_known_at, {{ end_of_time() }}) as until_at
from spans
