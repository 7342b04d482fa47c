with activations as (
    select * from {{ ref('stg_release__activations') }}
),

cards as (
    select * from {{ source('control', 'release_cards') }}
),

activated as (
    select
        c.journey,
        c.card_hash,
        c.release_id,
        a.active_from,
        a.loaded_seq,
        row_number() over (partition by c.journey order by a.seq) as position,
        lead(a.loaded_seq) over (
            partition by c.journey order by a.seq
        ) as next_loaded_seq,
        min(a.active_from) over (partition by c.journey) as acts_from
    from activations as a
    inner join cards as c
        on a.release_id = c.release_id
    where a.kind = 'activate'
)

select
    journey,
    card_hash,
    release_id,
    acts_from,
    case when position = 1 then 0 else loaded_seq end as from_seq,
    coalesce(next_loaded_seq, 9223372036854775807) as until_seq
from activated
