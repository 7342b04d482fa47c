select
    journey,
    card_hash,
    min(owner) as owner,
    min(purpose) as purpose,
    min(brand) as brand,
    min(key) as correlation_key_name,
    min(reentry) as reentry,
    min(coalesce(cooldown_s, 0)) as cooldown_s,
    min(horizon_s) as horizon_s,
    min(grace_s) as grace_s,
    min(max_steps) as max_steps
from {{ source('control', 'release_cards') }}
group by journey, card_hash
