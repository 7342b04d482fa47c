with cards as (
    select * from {{ source('control', 'release_cards') }}
),

moments as (
    select * from {{ ref('stg_release__moments') }}
),

standing as (
    select distinct standing_release_id as release_id
    from moments
    where moment_seq = (select max(m.moment_seq) from moments as m)
)

select
    c.journey,
    c.card_hash,
    min(c.owner) as owner,
    min(c.purpose) as purpose,
    min(c.brand) as brand,
    min(c.key) as correlation_key_name,
    min(c.reentry) as reentry,
    min(coalesce(c.cooldown_s, 0)) as cooldown_s,
    min(c.horizon_s) as horizon_s,
    min(c.grace_s) as grace_s,
    min(c.max_steps) as max_steps,
    bool_or(c.require_fresh) as require_fresh,
    min(coalesce(c.timezone, 'UTC')) as timezone,
    bool_or(s.release_id is not null) as is_standing
from cards as c
left join standing as s
    on c.release_id = s.release_id
group by c.journey, c.card_hash
