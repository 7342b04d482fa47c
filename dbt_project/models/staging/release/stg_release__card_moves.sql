{#- When open instances change their card: a withdrawal moves them to the card
    that is live then, or to none; a card with `migrate: in_flight` takes them
    over when it is activated. -#}
with moments as (
    select * from {{ ref('stg_release__moments') }}
),

cards as (
    select * from {{ source('control', 'release_cards') }}
),

standing as (
    select distinct
        m.moment_seq,
        c.journey,
        c.card_hash
    from moments as m
    inner join cards as c
        on m.standing_release_id = c.release_id
),

live as (
    select
        m.moment_seq,
        m.kind,
        m.known_at,
        c.journey,
        c.card_hash,
        coalesce(c.migrates, false) as migrates
    from moments as m
    inner join cards as c
        on m.standing_release_id = c.release_id
    where m.is_live
),

withdrawn as (
    select distinct
        m.moment_seq,
        m.known_at,
        c.journey,
        c.card_hash
    from moments as m
    inner join cards as c
        on m.release_id = c.release_id
    left join standing as s
        on
            m.moment_seq = s.moment_seq
            and c.journey = s.journey
            and c.card_hash = s.card_hash
    where m.kind = 'withdraw' and s.card_hash is null
)

select
    w.journey,
    w.card_hash,
    l.card_hash as to_card_hash,
    true as is_withdrawal,
    w.known_at as moved_at,
    w.moment_seq as move_seq
from withdrawn as w
left join live as l
    on w.moment_seq = l.moment_seq and w.journey = l.journey
union all
select distinct
    l.journey,
    c.card_hash,
    l.card_hash as to_card_hash,
    false as is_withdrawal,
    l.known_at as moved_at,
    l.moment_seq as move_seq
from live as l
inner join cards as c
    on l.journey = c.journey
where l.kind = 'activate' and l.migrates and c.card_hash <> l.card_hash
