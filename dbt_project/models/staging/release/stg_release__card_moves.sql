{#- When open instances change their card: a withdrawal moves them to the card
    that is live then, or to none; a card with `migrate: in_flight` takes them
    over when it is activated. -#}
with moments as (
    select * from {{ ref('stg_release__moments') }}
),

cards as (
    select * from {{ source('control', 'release_cards') }}
),

instants as (
    select
        moment_seq,
        known_at,
        lag(moment_seq) over (order by moment_seq) as previous_seq
    from (
        select distinct
            moment_seq,
            known_at
        from moments
    ) as entries
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
        m.known_at,
        c.journey,
        c.card_hash,
        coalesce(c.migrates, false)
        and m.standing_since = m.known_at as takes_over
    from moments as m
    inner join cards as c
        on m.standing_release_id = c.release_id
    where m.is_live
),

withdrawn as (
    select
        i.moment_seq,
        i.known_at,
        b.journey,
        b.card_hash
    from instants as i
    inner join standing as b
        on i.previous_seq = b.moment_seq
    left join standing as s
        on
            i.moment_seq = s.moment_seq
            and b.journey = s.journey
            and b.card_hash = s.card_hash
    where s.card_hash is null
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
    on l.journey = c.journey and l.card_hash <> c.card_hash
left join withdrawn as w
    on l.moment_seq = w.moment_seq and c.card_hash = w.card_hash
where l.takes_over and w.card_hash is null
